"""How far a session's receiving chains have come, and its states from before what is still missing.

The library keeps keys for few skipped messages and few chains. While one of a member's mailboxes
cannot be reached, more than that may lie in it; the state from before the hole opens all of it,
in any order, and goes when the hole is closed or its time is over: as long as it stays, who takes
the open vault can read what was sealed from there on.
"""

from __future__ import annotations

from msgspec import Struct
from sqlcipher3 import Connection

from protocol.e2e.olm_message import Place
from protocol.e2e.session import SessionState
from protocol.ids import DeviceId, SessionId
from protocol.keys import Secret

CHAINS = 8  # remembered of a session, of those that lack nothing
STATES = 32  # kept of the sessions with one device; the oldest goes


class Taken(Struct, frozen=True):
    """A message that a session has just opened: where it stood, and the session before it, None
    where that is kept already. ``missing``: so many texts before it have not come, as it says."""

    session_id: SessionId
    place: Place
    before: SessionState | None
    missing: int = 0


def take(db: Connection, device_id: DeviceId, taken: Taken, now_ms: int) -> None:
    """Count it, and keep the session from before it where it leaves a hole behind."""
    found = _find(db, device_id, taken.session_id, taken.place.chain_key)
    if found is None:
        found = _begin(db, device_id, taken)
    skipped = taken.place.index - found.following
    after, count = max(found.following, taken.place.index + 1), found.opened + 1
    db.execute(
        "UPDATE receiving_chain SET following = ?, opened = ? WHERE row = ?",
        (after, count, found.row),
    )
    lacks_end = taken.missing > max(0, skipped)  # then the chain before this one does
    if taken.before is not None and not found.is_kept and (skipped > 0 or lacks_end):
        _keep(db, device_id, found.row, taken.before, lacks_end, now_ms)
    elif found.is_kept and count >= after and not found.for_chain_before:
        _forget(db, found.row)


def earlier(db: Connection, device_id: DeviceId) -> list[SessionState]:
    """The states of the sessions with a device from before what is missing, the newest first."""
    rows = db.execute(
        "SELECT session_id, pickle FROM receiving_chain"
        " WHERE device_id = ? AND pickle IS NOT NULL ORDER BY row DESC",
        (device_id,),
    )
    return [SessionState(SessionId(sid), Secret(pickle)) for sid, pickle in rows]


def forget(db: Connection, kept_before_ms: int, now_ms: int) -> None:
    """What did not come in this time is asked for again. What was kept while the clock stood ahead
    of now goes as well."""
    db.execute(
        "UPDATE receiving_chain SET pickle = NULL, kept_ms = NULL WHERE kept_ms < ? OR kept_ms > ?",
        (kept_before_ms, now_ms),
    )


def forget_ends(db: Connection, device_id: DeviceId) -> None:
    """Every text of a device is here: no chain lacks its end."""
    db.execute(
        "UPDATE receiving_chain SET pickle = NULL, kept_ms = NULL, for_chain_before = 0"
        " WHERE device_id = ? AND for_chain_before",
        (device_id,),
    )


class _Found(Struct, frozen=True):
    row: int
    following: int = 0
    opened: int = 0
    is_kept: bool = False
    for_chain_before: bool = False


def _find(
    db: Connection, device_id: DeviceId, session_id: SessionId, chain_key: bytes
) -> _Found | None:
    found = db.execute(
        "SELECT row, following, opened, kept_ms IS NOT NULL, for_chain_before FROM receiving_chain"
        " WHERE device_id = ? AND session_id = ? AND chain_key = ?",
        (device_id, session_id, chain_key),
    ).fetchone()
    return None if found is None else _Found(*found)


def _begin(db: Connection, device_id: DeviceId, taken: Taken) -> _Found:
    begun = db.execute(
        "INSERT INTO receiving_chain (device_id, session_id, chain_key, following, opened)"
        " VALUES (?, ?, ?, 0, 0) RETURNING row",
        (device_id, taken.session_id, taken.place.chain_key),
    ).fetchone()
    db.execute(
        "DELETE FROM receiving_chain WHERE row IN (SELECT row FROM receiving_chain"
        " WHERE device_id = ? AND session_id = ? AND kept_ms IS NULL"
        " ORDER BY row DESC LIMIT -1 OFFSET ?)",
        (device_id, taken.session_id, CHAINS),
    )
    return _Found(begun[0])


def _keep(
    db: Connection,
    device_id: DeviceId,
    row: int,
    before: SessionState,
    for_chain_before: bool,
    now_ms: int,
) -> None:
    db.execute(
        "UPDATE receiving_chain SET pickle = ?, kept_ms = ?, for_chain_before = ? WHERE row = ?",
        (bytes(before.pickle), now_ms, for_chain_before, row),
    )
    db.execute(
        "UPDATE receiving_chain SET pickle = NULL, kept_ms = NULL WHERE row IN (SELECT row FROM"
        " receiving_chain WHERE device_id = ? AND kept_ms IS NOT NULL"
        " ORDER BY row DESC LIMIT -1 OFFSET ?)",
        (device_id, STATES),
    )


def _forget(db: Connection, row: int) -> None:
    db.execute("UPDATE receiving_chain SET pickle = NULL, kept_ms = NULL WHERE row = ?", (row,))
