"""The wrapping table: what an epoch's key is locked with for each seat, and who was sent it."""

from __future__ import annotations

from msgspec import Struct
from sqlcipher3 import Connection

from protocol.ids import SeatId
from protocol.keys import Secret


class Joined(Struct, frozen=True):
    """A seat that said its wrap key at the desk."""

    seat: SeatId
    wrap_key: Secret
    desk: int  # under which desk key it was said
    stays: bool  # it was there when the room became approval-only
    wrapped: int  # the epoch whose key it was sent last


_SELECT = "SELECT seat, wrap_key, desk, stays, wrapped FROM room_join WHERE room = ?"


def put(db: Connection, room: int, seat: bytes, wrap_key: bytes, desk: int) -> None:
    """What the seat says now; another key has to be sent anew. An older desk's word changes
    nothing."""
    db.execute(
        "INSERT INTO room_join (room, seat, wrap_key, desk) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (room, seat) DO UPDATE SET"
        " wrapped = iif(wrap_key = excluded.wrap_key, wrapped, 0),"
        " wrap_key = excluded.wrap_key, desk = excluded.desk WHERE desk <= excluded.desk",
        (room, seat, wrap_key, desk),
    )


def find(db: Connection, room: int, seat: bytes) -> Joined | None:
    """What one seat said."""
    row = db.execute(_SELECT + " AND seat = ?", (room, seat)).fetchone()
    return None if row is None else _joined(row)


def every(db: Connection, room: int) -> list[Joined]:
    """The whole table."""
    return [_joined(row) for row in db.execute(_SELECT + " ORDER BY seat", (room,))]


def behind(db: Connection, room: int, epoch: int, *, let_in: bool) -> list[tuple[Joined, bool]]:
    """Those who were not sent the key of this epoch, and whether somebody ever ordered them out;
    with ``let_in`` only those whom somebody let in, who stayed, or who have a role."""
    wanted = (
        " AND (stays = 1 OR EXISTS (SELECT 1 FROM room_order AS let WHERE let.room = one.room"
        " AND let.about = one.seat AND +let.what = 'admit' AND let.undone_place IS NULL)"
        " OR EXISTS (SELECT 1 FROM room_grant AS held WHERE held.room = one.room"
        " AND held.seat = one.seat))"
    )
    rows = db.execute(
        "SELECT seat, wrap_key, desk, stays, wrapped, EXISTS (SELECT 1 FROM room_order AS out WHERE"
        " out.room = one.room AND out.about = one.seat AND out.undone_place IS NULL"
        " AND +out.what IN ('remove', 'ban', 'refuse')) FROM room_join AS one"
        " WHERE room = ? AND wrapped < ?" + (wanted if let_in else ""),
        (room, epoch),
    )
    return [(_joined(row[:5]), bool(row[5])) for row in rows]


def wrapped(db: Connection, room: int, sent: list[Joined], epoch: int) -> None:
    """The relay has their wraps; who said another key meanwhile still waits."""
    db.executemany(
        "UPDATE room_join SET wrapped = ? WHERE room = ? AND seat = ? AND wrap_key = ?",
        [(epoch, room, one.seat, bytes(one.wrap_key)) for one in sent],
    )


def stay(db: Connection, room: int) -> int:
    """Those who are there now stay when strangers have to ask: who sits or sat there under a name
    that only the room's key makes. How many of them can be sent a key."""
    return db.execute(
        "UPDATE room_join SET stays = 1 WHERE room = ? AND seat IN (SELECT seat FROM room_person"
        " WHERE room = ?1 AND proven = 1 AND state IN ('here', 'away'))",
        (room,),
    ).rowcount


def _joined(row: tuple[bytes, bytes, int, int, int]) -> Joined:
    seat, wrap_key, desk, stays, epoch = row
    return Joined(SeatId(seat), Secret(wrap_key), desk, bool(stays), epoch)
