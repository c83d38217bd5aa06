"""What opens a room's desk, by the number of its key. Old ones stay: late entries need them."""

from __future__ import annotations

from sqlcipher3 import Connection

from protocol.keys import Secret


def find(db: Connection, room: int, desk: int) -> Secret | None:
    """The private half of this number, if I have it."""
    row = db.execute(
        "SELECT private FROM room_desk_key WHERE room = ? AND desk = ?", (room, desk)
    ).fetchone()
    return None if row is None else Secret(row[0])


def keep(db: Connection, room: int, desk: int, private: Secret) -> None:
    """Have it from now on."""
    db.execute(
        "INSERT INTO room_desk_key (room, desk, private) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
        (room, desk, bytes(private)),
    )
