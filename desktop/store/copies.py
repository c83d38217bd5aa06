"""Sealed envelopes, one per mailbox tried, and when each is offered next.

Nothing overtakes on its way into a mailbox: what a relay refuses holds up all that waits for the
same mailbox, and what is sealed meanwhile waits behind it. *Accepted* is what a relay of mine has
on disk for the mailbox's relay, *stored* what that one has.
"""

from __future__ import annotations

from typing import Any

from msgspec import Struct
from sqlcipher3 import Connection

from desktop.store.outbox import ENTRY, Entry, entry_of
from protocol.ids import DeviceId, EnvelopeId, Fingerprint
from protocol.keys import Secret


class Copy(Struct, frozen=True):
    """A sealed envelope for one mailbox."""

    envelope_id: EnvelopeId
    entry: int
    relay: str
    capability: Secret
    body: bytes
    refusals: int = 0  # in a row, for want of room
    unknown: int = 0  # the relay did not know the capability
    avoid: Fingerprint | None = None  # the relay of mine by which it goes only if there is no other


_COPY = "SELECT envelope_id, entry, relay, capability, body, refusals, unknown, avoid FROM copy"
WAITS = " stored_ms IS NULL AND accepted_ms IS NULL"


def _copy(row: tuple[Any, ...]) -> Copy:
    eid, entry, address, cap, body, refusals, unknown, avoid = row
    kept = None if avoid is None else Fingerprint(avoid)
    return Copy(EnvelopeId(eid), entry, address, Secret(cap), body, refusals, unknown, kept)


def add(db: Connection, copy: Copy) -> None:
    """An envelope for one mailbox, to be offered behind those that wait for it already; to be
    looked at now where those were refused."""
    due, refused = db.execute(
        "SELECT coalesce(max(due_ms), 0), max(refusals + unknown) > 0 FROM copy WHERE relay = ? AND"
        + WAITS
        + " AND capability = ?",
        (copy.relay, bytes(copy.capability)),
    ).fetchone()
    db.execute(
        "INSERT INTO copy (envelope_id, entry, relay, capability, body, due_ms, look_ms, avoid)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            copy.envelope_id,
            copy.entry,
            copy.relay,
            bytes(copy.capability),
            copy.body,
            due,
            0 if refused else None,
            copy.avoid,
        ),
    )
    db.execute("UPDATE outbox SET copies = copies + 1 WHERE entry = ?", (copy.entry,))


def waiting(db: Connection, relay: str, now_ms: int, limit: int) -> list[Copy]:
    """What to offer to a relay now, in the order it was sealed."""
    rows = db.execute(
        _COPY + " WHERE relay = ? AND" + WAITS + " AND due_ms <= ? ORDER BY due_ms, row LIMIT ?",
        (relay, now_ms, limit),
    )
    return [_copy(row) for row in rows]


def find(db: Connection, envelope_id: EnvelopeId) -> Copy | None:
    """The copy with this envelope, unless it did its work: stored, or its entry is gone."""
    row = db.execute(
        _COPY + " WHERE envelope_id = ? AND stored_ms IS NULL", (envelope_id,)
    ).fetchone()
    return None if row is None else _copy(row)


def relays(db: Connection) -> list[str]:
    """Every relay something waits for."""
    found: list[str] = []
    row = db.execute("SELECT min(relay) FROM copy WHERE" + WAITS).fetchone()
    while row[0] is not None:
        found.append(row[0])
        row = db.execute(
            "SELECT min(relay) FROM copy WHERE" + WAITS + " AND relay > ?", row
        ).fetchone()
    return found


def due(db: Connection, relay: str) -> int | None:
    """When the first of what waits for a relay is to be offered."""
    (at,) = db.execute(
        "SELECT min(due_ms) FROM copy WHERE relay = ? AND" + WAITS, (relay,)
    ).fetchone()
    return None if at is None else int(at)


_THIS = " WHERE envelope_id = ? AND relay = ? AND capability = ?"


def _this(copy: Copy) -> tuple[bytes, str, bytes]:
    """While an answer was under way the copy may have been rerouted to another mailbox, of which
    the answer says nothing."""
    return copy.envelope_id, copy.relay, bytes(copy.capability)


def accepted(db: Connection, copy: Copy, now_ms: int, look_ms: int) -> int | None:
    """A relay of mine has this copy on disk; the number of its entry, unless it is gone."""
    row = db.execute(
        "UPDATE copy SET accepted_ms = ?, look_ms = ?" + _THIS + " RETURNING entry",
        (now_ms, look_ms, *_this(copy)),
    ).fetchone()
    return None if row is None else int(row[0])


def stored(db: Connection, copy: Copy, now_ms: int, look_ms: int) -> int | None:
    """Its relay has this copy on disk; the number of its entry, unless it is gone or elsewhere."""
    row = db.execute(
        "UPDATE copy SET stored_ms = ?, look_ms = ?" + _THIS + " RETURNING entry",
        (now_ms, look_ms, *_this(copy)),
    ).fetchone()
    return None if row is None else int(row[0])


def offer(db: Connection, envelope_id: EnvelopeId, avoid: Fingerprint | None) -> None:
    """What was accepted waits again, to be handed in once more; by another way if there is one."""
    db.execute(
        "UPDATE copy SET accepted_ms = NULL, look_ms = NULL, avoid = ?"
        " WHERE envelope_id = ? AND stored_ms IS NULL",
        (avoid, envelope_id),
    )


def offer_old(db: Connection, accepted_before_ms: int) -> None:
    """What was accepted so long ago that no answer will come waits again."""
    db.execute(
        "UPDATE copy SET accepted_ms = NULL, look_ms = NULL"
        " WHERE accepted_ms IS NOT NULL AND stored_ms IS NULL AND accepted_ms < ?",
        (accepted_before_ms,),
    )


def to_look_at(db: Connection, now_ms: int, limit: int) -> list[Copy]:
    """Copies that had time enough to do their work; each is told once."""
    rows = db.execute(
        _COPY + " WHERE look_ms IS NOT NULL AND look_ms <= ? ORDER BY look_ms, row LIMIT ?",
        (now_ms, limit),
    )
    found = [_copy(row) for row in rows]
    for copy in found:
        db.execute("UPDATE copy SET look_ms = NULL WHERE envelope_id = ?", (copy.envelope_id,))
    return found


def in_doubt(db: Connection, device_id: DeviceId, after: int, before: int, relay: str) -> list[int]:
    """Entries for a device between two others that are still to be looked at, and of which there is
    no copy for this relay, in their order."""
    rows = db.execute(
        "SELECT o.entry FROM outbox o WHERE o.device_id = ? AND o.entry > ? AND o.entry < ?"
        " AND o.olm_body IS NOT NULL"
        " AND EXISTS (SELECT 1 FROM copy c WHERE c.entry = o.entry AND c.look_ms IS NOT NULL)"
        " AND NOT EXISTS (SELECT 1 FROM copy c WHERE c.entry = o.entry AND c.relay = ?)"
        " ORDER BY o.entry",
        (device_id, after, before, relay),
    )
    return [int(row[0]) for row in rows]


def next_look(db: Connection) -> int | None:
    """When there is something to look at."""
    (at,) = db.execute("SELECT min(look_ms) FROM copy WHERE look_ms IS NOT NULL").fetchone()
    return None if at is None else int(at)


def drop(db: Connection, copy: Copy) -> bool:
    """This mailbox is tried no more; False where the copy does not wait for it any more."""
    return db.execute("DELETE FROM copy" + _THIS, _this(copy)).rowcount > 0


def put_off(db: Connection, copy: Copy, now_ms: int, due_ms: int, *, unknown: bool) -> None:
    """A relay refused this copy: offer it again later, and all that waits behind it. Now is the
    time to look where else it could go: the relay may refuse for long, or lie."""
    db.execute(
        "UPDATE copy SET due_ms = ?, look_ms = ? WHERE relay = ? AND"
        + WAITS
        + " AND capability = ?",
        (due_ms, now_ms, copy.relay, bytes(copy.capability)),
    )
    count = "unknown = unknown + 1" if unknown else "refusals = refusals + 1"
    db.execute(
        f"UPDATE copy SET {count}, due_ms = ?, accepted_ms = NULL, look_ms = ?" + _THIS,
        (due_ms, now_ms, *_this(copy)),
    )


def hurry(db: Connection, latest_ms: int) -> None:
    """Nothing is put off for longer than this: after a clock that was ahead, offer it now."""
    for relay in relays(db):
        db.execute(
            "UPDATE copy SET due_ms = 0 WHERE relay = ? AND" + WAITS + " AND due_ms > ?",
            (relay, latest_ms),
        )
    db.execute(
        "UPDATE copy SET look_ms = 0 WHERE look_ms IS NOT NULL AND look_ms > ?", (latest_ms,)
    )


def reroute(db: Connection, device_id: DeviceId, relay: str, capability: Secret) -> None:
    """A device collects here now: what no relay has yet, for a mailbox that it does not name any
    more, is offered here, the same bytes."""
    db.execute(
        "UPDATE copy SET relay = ?, capability = ?, due_ms = 0, refusals = 0, unknown = 0"
        " WHERE" + WAITS + " AND entry IN (SELECT entry FROM outbox WHERE device_id = ?)"
        " AND NOT EXISTS (SELECT 1 FROM contact_mailbox b WHERE b.device_id = ?"
        "   AND b.relay = copy.relay AND b.capability = copy.capability)",
        (relay, bytes(capability), device_id, device_id),
    )


def stranded(db: Connection, device_id: DeviceId) -> list[Entry]:
    """What only mailboxes hold where this device does not collect any more."""
    rows = db.execute(
        ENTRY + " WHERE device_id = ? AND olm_body IS NOT NULL AND NOT EXISTS"
        " (SELECT 1 FROM copy c WHERE c.entry = outbox.entry AND c.relay IN"
        "   (SELECT relay FROM contact_mailbox WHERE device_id = ?)) ORDER BY entry",
        (device_id, device_id),
    ).fetchall()
    return [entry_of(row) for row in rows]


def tried(db: Connection, entry: int) -> set[str]:
    """The relays at which this entry was offered."""
    return {row[0] for row in db.execute("SELECT relay FROM copy WHERE entry = ?", (entry,))}


def under_way(db: Connection, entry: int) -> set[str]:
    """The relays that something of this entry is on its way to."""
    rows = db.execute("SELECT relay FROM copy WHERE entry = ? AND stored_ms IS NULL", (entry,))
    return {row[0] for row in rows}


def silent(
    db: Connection, now_ms: int, elsewhere_ms: int, again_ms: int, limit: int
) -> list[Entry]:
    """Stored long ago, no receipt: time for a mailbox that was not tried. For the same ones again
    when what relays hold has expired, or when the device collected since then and did not get it.
    """
    rows = db.execute(
        ENTRY + " WHERE message_id IS NOT NULL AND stored_ms < ? AND (stored_ms < ? OR copies <"
        "   (SELECT count(*) FROM contact_mailbox b WHERE b.device_id = outbox.device_id)"
        " OR EXISTS (SELECT 1 FROM contact_device d WHERE d.device_id = outbox.device_id"
        "   AND d.heard_ms > outbox.stored_ms + ?))"
        " AND (SELECT count(DISTINCT c.relay) FROM copy c WHERE c.entry = outbox.entry"
        "   AND c.stored_ms IS NULL) <"
        "   (SELECT count(*) FROM contact_mailbox b WHERE b.device_id = outbox.device_id)"
        " AND EXISTS (SELECT 1 FROM contact_device d JOIN contact_mailbox b USING (device_id)"
        "   WHERE d.device_id = outbox.device_id AND d.sealing_public <> x'')"
        " ORDER BY stored_ms LIMIT ?",
        (now_ms - elsewhere_ms, now_ms - again_ms, elsewhere_ms, limit),
    ).fetchall()
    return [entry_of(row) for row in rows]
