"""What I said in rooms, kept until it was seen with its number, and offered until then.

Counters are the seat's own and without a gap: what is refused for good gives its counter to the
next, or others would take the gap for a voice that was dropped.
"""

from __future__ import annotations

from typing import Any

from msgspec import Struct
from sqlcipher3 import Connection

from desktop.core.rooms import EntryCause
from desktop.store.rooms import board
from desktop.store.rooms.rooms import KeptRoom
from desktop.store.rows import reads_a_row
from protocol.ids import EntryId
from protocol.wire.frames.room_entries import Lane
from protocol.wire.rooms.items import entry_hash, entry_id


class Saying(Struct, frozen=True):
    """An entry of mine that has no number yet; ``cause``: it was refused and will have none."""

    row: int
    lane: Lane
    counter: int | None
    entry_id: EntryId
    content: bytes
    item: bytes | None
    cause: EntryCause | None
    made_ms: int


class Spoken(Struct, frozen=True):
    """My newest numbered entry in a lane."""

    counter: int = 0
    hash: bytes = b""


_SELECT = "SELECT row, lane, counter, entry_id, content, item, cause, made_ms FROM room_said"


def add(db: Connection, room: KeptRoom, lane: Lane, content: bytes, now_ms: int) -> EntryId:
    """One more to say; its id follows from whose how many-th it is."""
    counter = _last(db, room, lane) + 1
    made = entry_id(room.room_id, lane, room.seat.key.seat, counter)
    db.execute(
        "INSERT INTO room_said (room, seat, lane, counter, entry_id, content, made_ms)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (room.row, room.seat.row, lane, counter, made, content, now_ms),
    )
    return made


def waiting(db: Connection, room: KeptRoom, lane: Lane, most: int = -1) -> list[Saying]:
    """What is to be said by the seat I have, in order; the first so many of it."""
    rows = db.execute(
        f"{_SELECT} WHERE room = ? AND lane = ? AND seat = ? AND counter IS NOT NULL"
        " ORDER BY counter LIMIT ?",
        (room.row, lane, room.seat.row, most),
    )
    return [_saying(row) for row in rows]


def refused(db: Connection, room: KeptRoom, lane: Lane, most: int = -1) -> list[Saying]:
    """What nobody took, the last so many of it."""
    rows = db.execute(
        f"{_SELECT} WHERE room = ? AND lane = ? AND counter IS NULL ORDER BY row DESC LIMIT ?",
        (room.row, lane, most),
    )
    return [_saying(row) for row in rows]


def find(db: Connection, entry: EntryId) -> Saying | None:
    """One of them by its id."""
    row = db.execute(f"{_SELECT} WHERE entry_id = ?", (entry,)).fetchone()
    return None if row is None else _saying(row)


def seal(db: Connection, row: int, item: bytes) -> None:
    """These bytes say it from now on."""
    db.execute("UPDATE room_said SET item = ? WHERE row = ?", (item, row))


def unseal(db: Connection, room: KeptRoom, lane: Lane) -> None:
    """The key is another one: all that waits is sealed anew."""
    db.execute(
        "UPDATE room_said SET item = NULL WHERE room = ? AND lane = ? AND seat = ?",
        (room.row, lane, room.seat.row),
    )


def spoken(db: Connection, room: KeptRoom, lane: Lane) -> Spoken:
    """How far my voice has come."""
    row = db.execute(
        "SELECT counter, hash FROM room_spoken WHERE seat = ? AND lane = ?", (room.seat.row, lane)
    ).fetchone()
    return Spoken() if row is None else Spoken(*row)


def numbered(db: Connection, room: KeptRoom, lane: Lane, counter: int, item: bytes) -> None:
    """This one has its number, and all before it."""
    before = spoken(db, room, lane)
    if counter <= before.counter:
        return
    db.execute(
        "INSERT INTO room_spoken (seat, lane, counter, hash) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (seat, lane) DO UPDATE SET counter = excluded.counter, hash = excluded.hash",
        (room.seat.row, lane, counter, entry_hash(room.room_id, item)),
    )
    db.execute(
        "DELETE FROM room_said WHERE room = ? AND seat = ? AND lane = ? AND counter <= ?",
        (room.row, room.seat.row, lane, counter),
    )


def refuse(db: Connection, room: KeptRoom, one: Saying, own_id: EntryId, cause: EntryCause) -> None:
    """Nobody takes this one: it stays here under an id of its own, and those behind it move up."""
    db.execute(
        "UPDATE room_said SET counter = NULL, item = NULL, entry_id = ?, cause = ? WHERE row = ?",
        (own_id, cause.value, one.row),
    )
    _move_up(db, room, one)


def drop(db: Connection, room: KeptRoom, one: Saying) -> None:
    """It is not wanted any more; those behind it move up."""
    db.execute("DELETE FROM room_said WHERE row = ?", (one.row,))
    board.withdraw(db, room.row, one.entry_id)
    if one.counter is not None:
        _move_up(db, room, one)


def _move_up(db: Connection, room: KeptRoom, one: Saying) -> None:
    """The counter of one that is gone is the next one's, and so on; each takes its id with it."""
    for behind in waiting(db, room, one.lane):
        if behind.counter is not None and one.counter is not None and behind.counter > one.counter:
            moved = entry_id(room.room_id, one.lane, room.seat.key.seat, behind.counter - 1)
            db.execute(
                "UPDATE room_said SET counter = ?, entry_id = ?, item = NULL WHERE row = ?",
                (behind.counter - 1, moved, behind.row),
            )
            if one.lane is Lane.DESK:
                board.move(db, room.row, behind.entry_id, moved)


def _last(db: Connection, room: KeptRoom, lane: Lane) -> int:
    row = db.execute(
        "SELECT counter FROM room_said WHERE room = ? AND lane = ? AND seat = ?"
        " AND counter IS NOT NULL ORDER BY counter DESC LIMIT 1",
        (room.row, lane, room.seat.row),
    ).fetchone()
    return max(0 if row is None else row[0], spoken(db, room, lane).counter)


@reads_a_row
def _saying(row: tuple[Any, ...]) -> Saying:
    number, lane, counter, entry, content, item, cause, made = row
    why = None if cause is None else EntryCause(cause)
    return Saying(number, Lane(lane), counter, EntryId(entry), content, item, why, made)
