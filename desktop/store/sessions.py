"""Olm sessions with contacts' devices. Each step's new state is kept before it is spoken of."""

from __future__ import annotations

from msgspec import Struct
from sqlcipher3 import Connection

from protocol.e2e.session import SessionState
from protocol.e2e.sessions import KnownSession
from protocol.ids import DeviceId, SessionId
from protocol.keys import Secret


class KeptSession(Struct, frozen=True):
    """A session with what the choice of the sending one looks at."""

    state: SessionState
    their_olm: bytes
    generation: int

    @property
    def known(self) -> KnownSession:
        """What the choice of the sending session looks at."""
        return KnownSession(self.state.session_id, self.generation)


MOST = 8  # kept with one device; the least recently used goes


_NEXT = "max(?, coalesce((SELECT max(used_ms) + 1 FROM session WHERE device_id = ?), 0))"


def of_device(db: Connection, device_id: DeviceId) -> list[KeptSession]:
    """The sessions with a device, the last used first."""
    rows = db.execute(
        "SELECT session_id, pickle, their_olm, generation FROM session"
        " WHERE device_id = ? ORDER BY used_ms DESC, session_id",
        (device_id,),
    )
    return [
        KeptSession(SessionState(SessionId(sid), Secret(pickle)), olm, generation)
        for sid, pickle, olm, generation in rows
    ]


def with_key(db: Connection, device_id: DeviceId, olm_key: bytes) -> list[KeptSession]:
    """Those that a device itself holds the other end of, proven by its Olm key."""
    return [one for one in of_device(db, device_id) if one.their_olm == olm_key]


def save(db: Connection, device_id: DeviceId, kept: KeptSession, now_ms: int) -> None:
    """Keep a session's next state; it is the last used one, whatever the clock says."""
    state, pickle = kept.state.session_id, bytes(kept.state.pickle)
    stepped = db.execute(
        f"UPDATE session SET pickle = ?, generation = ?, used_ms = {_NEXT}"
        " WHERE device_id = ? AND session_id = ?",
        (pickle, kept.generation, now_ms, device_id, device_id, state),
    )
    if stepped.rowcount > 0:
        return
    db.execute(
        "INSERT INTO session (device_id, session_id, their_olm, pickle, generation, used_ms)"
        f" VALUES (?, ?, ?, ?, ?, {_NEXT})",
        (device_id, state, kept.their_olm, pickle, kept.generation, now_ms, device_id),
    )
    db.execute(
        "DELETE FROM session WHERE device_id = ? AND session_id NOT IN (SELECT session_id FROM"
        " session WHERE device_id = ? ORDER BY used_ms DESC, generation DESC LIMIT ?)",
        (device_id, device_id, MOST),
    )


def end(db: Connection, device_id: DeviceId) -> None:
    """Forget every session with a device."""
    db.execute("DELETE FROM session WHERE device_id = ?", (device_id,))
