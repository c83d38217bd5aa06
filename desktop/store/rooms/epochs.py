"""Keys of a room's epochs. Old ones stay: what was said under them is read again in past rooms."""

from __future__ import annotations

from sqlcipher3 import Connection

from protocol.e2e.rooms.epochs import EpochKey
from protocol.ids import RoomId
from protocol.keys import Secret


def key(db: Connection, room: int, epoch: int) -> EpochKey | None:
    """The key of this epoch, if it is known here."""
    row = db.execute(
        "SELECT room_id, epoch, key FROM room_epoch JOIN room ON room.row = room_epoch.room"
        " WHERE room = ? AND epoch = ?",
        (room, epoch),
    ).fetchone()
    return None if row is None else _key(row)


def newest(db: Connection, room: int) -> EpochKey | None:
    """The key of the latest epoch that is known here."""
    row = db.execute(
        "SELECT room_id, epoch, key FROM room_epoch JOIN room ON room.row = room_epoch.room"
        " WHERE room = ? ORDER BY epoch DESC LIMIT 1",
        (room,),
    ).fetchone()
    return None if row is None else _key(row)


def keep(db: Connection, room: int, epoch: EpochKey) -> None:
    """Know it from now on; whether it is the one that was announced was checked before."""
    db.execute(
        "INSERT INTO room_epoch (room, epoch, key) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
        (room, epoch.epoch, bytes(epoch.key)),
    )


def _key(row: tuple[bytes, int, bytes]) -> EpochKey:
    return EpochKey(RoomId(row[0]), row[1], Secret(row[2]))
