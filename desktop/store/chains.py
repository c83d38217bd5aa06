"""How far every other device's chain has been seen, per conversation."""

from __future__ import annotations

from sqlcipher3 import Connection

from protocol.e2e.chain import Seen, dump_seen, load_seen
from protocol.ids import ConversationId, DeviceId


def load(db: Connection, conversation_id: ConversationId, device_id: DeviceId) -> Seen:
    """Where a device's chain stands; at its beginning if nothing came yet."""
    row = db.execute(
        "SELECT seen FROM chain WHERE conversation_id = ? AND device_id = ?",
        (conversation_id, device_id),
    ).fetchone()
    return Seen() if row is None else load_seen(row[0])


def save(db: Connection, conversation_id: ConversationId, device_id: DeviceId, seen: Seen) -> None:
    """Keep where it stands now."""
    db.execute(
        "INSERT INTO chain (conversation_id, device_id, seen) VALUES (?, ?, ?)"
        " ON CONFLICT (conversation_id, device_id) DO UPDATE SET seen = excluded.seen",
        (conversation_id, device_id, dump_seen(seen)),
    )


def highest(db: Connection, conversation_id: ConversationId) -> dict[DeviceId, int]:
    """The highest counter seen of every other device, as each content tells it."""
    rows = db.execute(
        "SELECT device_id, seen FROM chain WHERE conversation_id = ? LIMIT 64",
        (conversation_id,),
    )
    return {DeviceId(device): load_seen(seen).highest for device, seen in rows}
