"""Slots of presence: mine, one for each contact, and those that contacts told of.

The secrets are here, so that they need not be told anew; what is said with them never is.
"""

from __future__ import annotations

from msgspec import Struct
from sqlcipher3 import Connection

from protocol.ids import DeviceId, MemberId
from protocol.keys import Secret


class OwnSlot(Struct, frozen=True):
    """Where I say that I am there, for one contact; the key is also that of my signals."""

    member_id: MemberId
    relay: str
    write: Secret
    key: Secret
    made_ms: int


class TheirSlot(Struct, frozen=True):
    """Where a device of a contact says so."""

    member_id: MemberId
    device_id: DeviceId
    key: Secret
    relay: str
    watch: Secret


def own(db: Connection) -> list[OwnSlot]:
    """Mine, for contacts whom anything reaches."""
    rows = db.execute(
        "SELECT member_id, relay, write_secret, key, made_ms FROM own_slot"
        " JOIN contact USING (member_id)"
        " WHERE pending = 0 AND gone IS NULL AND blocked_ms IS NULL"
    )
    return [_own(row) for row in rows]


def own_for(db: Connection, member_id: MemberId) -> OwnSlot | None:
    """Mine for one contact."""
    row = db.execute(
        "SELECT member_id, relay, write_secret, key, made_ms FROM own_slot WHERE member_id = ?",
        (member_id,),
    ).fetchone()
    return None if row is None else _own(row)


def put_own(db: Connection, slot: OwnSlot) -> None:
    """A new one; whoever knew the one before has yet to be told."""
    db.execute(
        "INSERT OR REPLACE INTO own_slot (member_id, relay, write_secret, key, made_ms)"
        " VALUES (?, ?, ?, ?, ?)",
        (slot.member_id, slot.relay, bytes(slot.write), bytes(slot.key), slot.made_ms),
    )


def drop_own(db: Connection, member_id: MemberId) -> None:
    """What they were told is good for nothing any more; another time they get another one."""
    db.execute("DELETE FROM own_slot WHERE member_id = ?", (member_id,))


def told(db: Connection, device_id: DeviceId, slot: OwnSlot) -> bool:
    """Whether this device was told of this one; from now on it was."""
    marked = db.execute(
        "INSERT INTO told_slot (device_id, write_secret) VALUES (?, ?)"
        " ON CONFLICT (device_id) DO UPDATE SET write_secret = excluded.write_secret"
        " WHERE told_slot.write_secret <> excluded.write_secret",
        (device_id, bytes(slot.write)),
    )
    return marked.rowcount == 0


def theirs(db: Connection) -> list[TheirSlot]:
    """Those that can be watched."""
    rows = db.execute(
        "SELECT member_id, device_id, key, their_slot.relay, watch FROM their_slot"
        " CROSS JOIN contact_device USING (device_id) CROSS JOIN contact USING (member_id)"
        " WHERE watch IS NOT NULL AND pending = 0 AND gone IS NULL AND blocked_ms IS NULL"
    )
    return [
        TheirSlot(MemberId(member), DeviceId(device), Secret(key), relay, Secret(watch))
        for member, device, key, relay, watch in rows
    ]


def their_key(db: Connection, device_id: DeviceId) -> Secret | None:
    """What opens this device's signals."""
    row = db.execute("SELECT key FROM their_slot WHERE device_id = ?", (device_id,)).fetchone()
    return None if row is None else Secret(row[0])


def put_theirs(
    db: Connection,
    device_id: DeviceId,
    key: bytes,
    relay: str | None,
    watch: bytes | None,
    sent_ms: int,
) -> bool:
    """What a device told last; whether it is newer than what was known."""
    changed = db.execute(
        "INSERT INTO their_slot (device_id, key, relay, watch, sent_ms) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (device_id) DO UPDATE SET key = excluded.key, relay = excluded.relay,"
        " watch = excluded.watch, sent_ms = excluded.sent_ms"
        " WHERE excluded.sent_ms > their_slot.sent_ms",
        (device_id, key, relay, watch, sent_ms),
    )
    return changed.rowcount > 0


def _own(row: tuple[bytes, str, bytes, bytes, int]) -> OwnSlot:
    member, relay, write, key, made = row
    return OwnSlot(MemberId(member), relay, Secret(write), Secret(key), made)
