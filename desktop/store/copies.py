"""Sealed envelopes, one per mailbox tried, and when each is offered next.

Nothing overtakes on its way into a mailbox: what a relay refuses holds up all that waits for the
same mailbox, and what is sealed meanwhile waits behind it.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlcipher3 import Connection

from desktop.store.outbox import ENTRY, Entry, entry_of
from protocol.ids import DeviceId, EnvelopeId
from protocol.keys import Secret


@dataclass(frozen=True)
class Copy:
    """A sealed envelope for one mailbox."""

    envelope_id: EnvelopeId
    entry: int
    relay: str
    capability: Secret
    body: bytes
    refusals: int = 0  # in a row, for want of room
    unknown: int = 0  # the relay did not know the capability


def add(db: Connection, copy: Copy) -> None:
    """An envelope for one mailbox, to be offered behind those that wait for it already."""
    (due,) = db.execute(
        "SELECT coalesce(max(due_ms), 0) FROM copy WHERE relay = ? AND stored_ms IS NULL"
        " AND capability = ?",
        (copy.relay, bytes(copy.capability)),
    ).fetchone()
    db.execute(
        "INSERT INTO copy (envelope_id, entry, relay, capability, body, due_ms)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        (copy.envelope_id, copy.entry, copy.relay, bytes(copy.capability), copy.body, due),
    )
    db.execute("UPDATE outbox SET copies = copies + 1 WHERE entry = ?", (copy.entry,))


def waiting(db: Connection, relay: str, now_ms: int, limit: int) -> list[Copy]:
    """What to offer to a relay now, in the order it was sealed."""
    rows = db.execute(
        "SELECT envelope_id, entry, relay, capability, body, refusals, unknown FROM copy"
        " WHERE relay = ? AND stored_ms IS NULL AND due_ms <= ? ORDER BY due_ms, row LIMIT ?",
        (relay, now_ms, limit),
    )
    return [
        Copy(EnvelopeId(eid), entry, address, Secret(cap), body, refusals, unknown)
        for eid, entry, address, cap, body, refusals, unknown in rows
    ]


def relays(db: Connection) -> list[str]:
    """Every relay something waits for."""
    found: list[str] = []
    row = db.execute("SELECT min(relay) FROM copy WHERE stored_ms IS NULL").fetchone()
    while row[0] is not None:
        found.append(row[0])
        row = db.execute(
            "SELECT min(relay) FROM copy WHERE stored_ms IS NULL AND relay > ?", row
        ).fetchone()
    return found


def due(db: Connection, relay: str) -> int | None:
    """When the first of what waits for a relay is to be offered."""
    (at,) = db.execute(
        "SELECT min(due_ms) FROM copy WHERE relay = ? AND stored_ms IS NULL", (relay,)
    ).fetchone()
    return None if at is None else int(at)


_THIS = " WHERE envelope_id = ? AND relay = ? AND capability = ?"


def _this(copy: Copy) -> tuple[bytes, str, bytes]:
    """While an answer was under way the copy may have been rerouted to another mailbox, of which
    the answer says nothing."""
    return copy.envelope_id, copy.relay, bytes(copy.capability)


def stored(db: Connection, copy: Copy, now_ms: int) -> int | None:
    """A relay has this copy on disk; the number of its entry, unless it is gone or elsewhere."""
    row = db.execute(
        "UPDATE copy SET stored_ms = ?" + _THIS + " RETURNING entry", (now_ms, *_this(copy))
    ).fetchone()
    return None if row is None else int(row[0])


def drop(db: Connection, copy: Copy) -> bool:
    """This mailbox is tried no more; False where the copy does not wait for it any more."""
    return db.execute("DELETE FROM copy" + _THIS, _this(copy)).rowcount > 0


def put_off(db: Connection, copy: Copy, due_ms: int, *, unknown: bool) -> None:
    """A relay refused this copy: offer it again later, and all that waits behind it."""
    db.execute(
        "UPDATE copy SET due_ms = ? WHERE relay = ? AND stored_ms IS NULL AND capability = ?",
        (due_ms, copy.relay, bytes(copy.capability)),
    )
    count = "unknown = unknown + 1" if unknown else "refusals = refusals + 1"
    db.execute(f"UPDATE copy SET {count}" + _THIS, _this(copy))


def put_off_for(db: Connection, relay: str, now_ms: int) -> list[Secret]:
    """The capabilities for which something waits that is to be offered later."""
    rows = db.execute(
        "SELECT DISTINCT capability FROM copy WHERE relay = ? AND stored_ms IS NULL AND due_ms > ?",
        (relay, now_ms),
    )
    return [Secret(row[0]) for row in rows]


def go_on(db: Connection, relay: str, capability: Secret) -> None:
    """Offer what was put off for this one now, in its order."""
    db.execute(
        "UPDATE copy SET due_ms = 0 WHERE relay = ? AND stored_ms IS NULL AND capability = ?",
        (relay, bytes(capability)),
    )


def hurry(db: Connection, latest_ms: int) -> None:
    """Nothing is put off for longer than this: after a clock that was ahead, offer it now."""
    for relay in relays(db):
        db.execute(
            "UPDATE copy SET due_ms = 0 WHERE relay = ? AND stored_ms IS NULL AND due_ms > ?",
            (relay, latest_ms),
        )


def reroute(db: Connection, device_id: DeviceId, relay: str, capability: Secret) -> None:
    """A device collects here now: what no relay has yet is offered here, the same bytes."""
    db.execute(
        "UPDATE copy SET relay = ?, capability = ?, due_ms = 0, refusals = 0, unknown = 0"
        " WHERE stored_ms IS NULL AND entry IN (SELECT entry FROM outbox WHERE device_id = ?)",
        (relay, bytes(capability), device_id),
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


def silent(
    db: Connection, now_ms: int, elsewhere_ms: int, again_ms: int, limit: int
) -> list[Entry]:
    """Stored long ago, no receipt: time for a mailbox that was not tried. For the same ones again
    when what relays hold has expired, or when the device collected since then and did not get it.
    """
    rows = db.execute(
        ENTRY + " WHERE stored_ms < ? AND (stored_ms < ? OR copies <"
        "   (SELECT count(*) FROM contact_mailbox b WHERE b.device_id = outbox.device_id)"
        " OR EXISTS (SELECT 1 FROM contact_device d WHERE d.device_id = outbox.device_id"
        "   AND d.heard_ms > outbox.stored_ms + ?))"
        " AND NOT EXISTS (SELECT 1 FROM copy c WHERE c.entry = outbox.entry"
        "   AND c.stored_ms IS NULL)"
        " AND EXISTS (SELECT 1 FROM contact_device d JOIN contact_mailbox b USING (device_id)"
        "   WHERE d.device_id = outbox.device_id AND d.sealing_public <> x'')"
        " ORDER BY stored_ms LIMIT ?",
        (now_ms - elsewhere_ms, now_ms - again_ms, elsewhere_ms, limit),
    ).fetchall()
    return [entry_of(row) for row in rows]
