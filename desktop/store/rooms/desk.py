"""What waits at a room's desk for somebody: hands, reports, held messages, people at the door."""

from __future__ import annotations

from msgspec import Struct
from sqlcipher3 import Connection

from desktop.core.desk import DeskId, DeskKind
from desktop.store.rows import reads_a_row
from protocol.ids import EntryId, SeatId

MOST_OF_SEAT = 20
"""Open ones of one kind and seat: whoever sends more is not looked at sooner."""


class Waiting(Struct, frozen=True):
    """One thing at the desk. ``item``: of a report, the entry in its bytes."""

    desk_id: DeskId
    kind: DeskKind
    seat: SeatId
    name: str
    came_ms: int
    words: str = ""
    item: bytes | None = None
    reply_to: EntryId | None = None


_SELECT = (
    "SELECT desk_id, kind, seat, name, came_ms, words, item, reply_to FROM room_desk"
    " WHERE room = ? AND done = 0"
)


def put(db: Connection, room: int, one: Waiting) -> bool:
    """It waits; whether it is new. Of hands and knocks a seat has one."""
    most = 1 if one.kind in (DeskKind.HAND, DeskKind.DOOR) else MOST_OF_SEAT
    done = db.execute(
        "INSERT INTO room_desk (room, desk_id, kind, seat, name, came_ms, words, item, reply_to)"
        " SELECT ?, ?, ?, ?, ?, ?, ?, ?, ? WHERE (SELECT count(*) FROM room_desk"
        " WHERE room = ?1 AND seat = ?4 AND kind = ?3 AND done = 0) < ? ON CONFLICT DO NOTHING",
        (
            *(room, one.desk_id, one.kind.value, one.seat, one.name, one.came_ms, one.words),
            *(one.item, one.reply_to, most),
        ),
    )
    return bool(done.rowcount)


def find(db: Connection, room: int, desk_id: bytes) -> Waiting | None:
    """One that waits."""
    row = db.execute(_SELECT + " AND desk_id = ?", (room, desk_id)).fetchone()
    return None if row is None else _waiting(row)


def every(db: Connection, room: int, most: int = 500) -> list[Waiting]:
    """What waits, oldest first."""
    rows = db.execute(_SELECT + " ORDER BY came_ms, row LIMIT ?", (room, most))
    return [_waiting(row) for row in rows]


def count(db: Connection, room: int, kind: DeskKind | None = None) -> int:
    """How much waits."""
    (found,) = db.execute(
        "SELECT count(*) FROM room_desk WHERE room = ? AND done = 0 AND (?2 IS NULL OR kind = ?2)",
        (room, None if kind is None else kind.value),
    ).fetchone()
    return int(found)


def done(db: Connection, room: int, desk_id: bytes) -> bool:
    """It waits no more; whether it did."""
    changed = db.execute(
        "UPDATE room_desk SET done = 1 WHERE room = ? AND desk_id = ? AND done = 0",
        (room, desk_id),
    )
    return bool(changed.rowcount)


def done_of(db: Connection, room: int, seat: bytes, *kinds: DeskKind) -> bool:
    """What a seat had waiting of these kinds waits no more; whether anything did."""
    changed = db.execute(
        "UPDATE room_desk SET done = 1 WHERE room = ? AND seat = ? AND done = 0"
        f" AND kind IN ({', '.join('?' * len(kinds))})",
        (room, seat, *(kind.value for kind in kinds)),
    )
    return bool(changed.rowcount)


def mine_up(db: Connection, room: int, seat: bytes) -> bool:
    """Whether a seat has its hand raised, as far as this vault knows."""
    row = db.execute(
        "SELECT 1 FROM room_desk WHERE room = ? AND seat = ? AND kind = 'hand' AND done = 0",
        (room, seat),
    ).fetchone()
    return row is not None


@reads_a_row
def _waiting(
    row: tuple[bytes, str, bytes, str, int, str, bytes | None, bytes | None],
) -> Waiting:
    desk_id, kind, seat, name, came, words, item, reply_to = row
    return Waiting(
        DeskId(desk_id),
        DeskKind(kind),
        SeatId(seat),
        name,
        came,
        words,
        item,
        None if reply_to is None else EntryId(reply_to),
    )
