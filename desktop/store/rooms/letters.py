"""Letters between seats: those that wait to be left at the room's relay, and which ones came.

Law: the bytes of a letter are here before they leave, and every try repeats them; and of what came
each letter counts once, however often a relay hands it out.
"""

from __future__ import annotations

from typing import Any

from msgspec import Struct
from sqlcipher3 import Connection

from desktop.store.rows import reads_a_row
from protocol.ids import LetterId, SeatId


class Waiting(Struct, frozen=True):
    """A letter that has to be left. ``seat`` is the row of the seat of mine that writes it."""

    row: int
    room: int
    seat: int
    to: SeatId
    content: bytes
    letter: bytes | None
    due_ms: int
    refusals: int


_SELECT = "SELECT row, room, seat, to_seat, content, letter, due_ms, refusals FROM room_letter"


def add(db: Connection, room: int, seat: int, to: SeatId, content: bytes, now_ms: int) -> int:
    """One more to leave."""
    made = db.execute(
        "INSERT INTO room_letter (room, seat, to_seat, content, due_ms) VALUES (?, ?, ?, ?, ?)"
        " RETURNING row",
        (room, seat, to, content, now_ms),
    ).fetchone()
    return int(made[0])


def due(db: Connection, room: int, seat: int, now_ms: int, most: int) -> list[Waiting]:
    """What this seat has to leave by now, the oldest first."""
    rows = db.execute(
        f"{_SELECT} WHERE room = ? AND seat = ? AND due_ms <= ? ORDER BY row LIMIT ?",
        (room, seat, now_ms, most),
    )
    return [_waiting(row) for row in rows]


def of_seat(db: Connection, seat: int) -> list[Waiting]:
    """All that a seat of mine has to leave."""
    return [_waiting(row) for row in db.execute(f"{_SELECT} WHERE seat = ? ORDER BY row", (seat,))]


def writers(db: Connection, now_ms: int) -> list[tuple[int, int]]:
    """Rooms, and seats of mine in them, that have something to leave by now."""
    rows = db.execute(
        "SELECT DISTINCT room, seat FROM room_letter WHERE due_ms <= ? ORDER BY room, seat",
        (now_ms,),
    )
    return [(room, seat) for room, seat in rows]


def next_due(db: Connection) -> int | None:
    """When the first of all is due."""
    (at,) = db.execute("SELECT min(due_ms) FROM room_letter").fetchone()
    return None if at is None else int(at)


def find(db: Connection, row: int) -> Waiting | None:
    """One that nobody has taken yet."""
    found = db.execute(f"{_SELECT} WHERE row = ?", (row,)).fetchone()
    return None if found is None else _waiting(found)


def seal(db: Connection, row: int, letter: bytes) -> None:
    """These bytes leave, now and at every later try."""
    db.execute("UPDATE room_letter SET letter = ? WHERE row = ?", (letter, row))


def put_off(db: Connection, row: int, due_ms: int) -> None:
    """It was not taken; try again then."""
    db.execute(
        "UPDATE room_letter SET due_ms = ?, refusals = refusals + 1 WHERE row = ?", (due_ms, row)
    )


def hurry(db: Connection, room: int, now_ms: int, latest_ms: int) -> None:
    """Nothing of a room waits for longer than this: after a clock that was ahead."""
    db.execute(
        "UPDATE room_letter SET due_ms = ? WHERE room = ? AND due_ms > ?", (now_ms, room, latest_ms)
    )


def drop(db: Connection, row: int) -> None:
    """The relay has it, or nobody ever will."""
    db.execute("DELETE FROM room_letter WHERE row = ?", (row,))


def first_time(db: Connection, room: int, letter_id: LetterId, by: SeatId) -> bool:
    """Whether this letter did not come before; from now on it did."""
    came = db.execute(
        "INSERT INTO room_letter_came (room, letter_id, by_seat) VALUES (?, ?, ?)"
        " ON CONFLICT DO NOTHING",
        (room, letter_id, by),
    )
    return came.rowcount > 0


@reads_a_row
def _waiting(row: tuple[Any, ...]) -> Waiting:
    number, room, seat, to, content, letter, due_ms, refusals = row
    return Waiting(number, room, seat, SeatId(to), content, letter, due_ms, refusals)
