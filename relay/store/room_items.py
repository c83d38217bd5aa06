"""Items of rooms in SQLite: appended by row, found by number and by who said them."""

from __future__ import annotations

from typing import Any

from sqlcipher3 import dbapi2 as sqlite

from protocol.wire.frames.room_entries import Lane
from relay.rules.rooms.asking import (
    FindItem,
    ReadItems,
)
from relay.rules.rooms.changes import (
    KeepItems,
    TrimDesk,
    TrimStage,
)
from relay.rules.rooms.lanes import MOST_PAGE_BYTES
from relay.rules.rooms.records import (
    KeptItem,
)

_COUNTERS = {
    Lane.STAGE: "UPDATE room_seat SET stage = max(stage, ?) WHERE room = ? AND number = ?",
    Lane.DESK: "UPDATE room_seat SET desk = max(desk, ?) WHERE room = ? AND number = ?",
}


def keep(database: sqlite.Connection, row: int, change: KeepItems) -> None:
    """Append them, and say how far the run is."""
    lane, run, items = change.lane, change.run, change.items
    moved = database.execute(
        "UPDATE room_run SET number = ?, running = ? WHERE room = ? AND lane = ? AND run = ?",
        (items[-1].number, change.running, row, lane, run),
    )
    if not moved.rowcount:
        return
    database.executemany(
        "INSERT INTO room_item (room, lane, run, number, seat, counter, size, before, item)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (row, lane, run, i.number, i.seat, i.counter, len(i.item), i.before, i.item)
            for i in items
        ],
    )
    counters = {each.seat: each.counter for each in items if each.seat}
    database.executemany(
        _COUNTERS[lane], [(counter, row, seat) for seat, counter in counters.items()]
    )


def read(database: sqlite.Connection, asked: ReadItems) -> tuple[KeptItem, ...]:
    """A page of them."""
    found = database.execute(
        "SELECT number, seat, counter, before, item FROM room_item"
        " WHERE room = ? AND lane = ? AND run = ? AND number > ? ORDER BY number LIMIT ?",
        (asked.row, asked.lane, asked.run, asked.after, asked.limit),
    )
    page = list[KeptItem]()
    size = 0
    for each in found:
        size += len(each[4])
        if page and size > MOST_PAGE_BYTES:
            break
        page.append(KeptItem(*each))
    return tuple(page)


def find(database: sqlite.Connection, asked: FindItem) -> tuple[int, int] | None:
    """Where an entry stands."""
    found: tuple[int, int] | None = database.execute(
        "SELECT run, number FROM room_item WHERE room = ? AND lane = ? AND seat = ?"
        " AND seat > 0 AND counter = ?",
        (asked.row, asked.lane, asked.seat, asked.counter),
    ).fetchone()
    return found


def oldest(database: sqlite.Connection, row: int) -> tuple[int, int]:
    """The first item that the stage has; the beginning of its last run where it has none."""
    found: tuple[int, int] | None = database.execute(
        "SELECT run, number FROM room_item WHERE room = ? AND lane = 0 ORDER BY run, number"
        " LIMIT 1",
        (row,),
    ).fetchone()
    if found is not None:
        return found
    run: int = database.execute(
        "SELECT coalesce(max(run), 1) FROM room_run WHERE room = ? AND lane = 0", (row,)
    ).fetchone()[0]
    return run, 1


def counts(database: sqlite.Connection, row: int) -> dict[str, Any]:
    """How many items there are, and how large the desk's."""
    found = {
        lane: (items, size)
        for lane, items, size in database.execute(
            "SELECT lane, count(*), sum(size) FROM room_item INDEXED BY room_item_by_number"
            " WHERE room = ? GROUP BY lane",
            (row,),
        )
    }
    stage_items, _ = found.get(Lane.STAGE, (0, 0))
    desk_items, desk_bytes = found.get(Lane.DESK, (0, 0))
    return {"stage_items": stage_items, "desk_items": desk_items, "desk_bytes": desk_bytes}


def trim_stage(database: sqlite.Connection, row: int, change: TrimStage) -> None:
    """The oldest go."""
    database.execute(
        "DELETE FROM room_item WHERE row IN (SELECT row FROM room_item"
        " INDEXED BY room_item_by_number WHERE room = ? AND lane = 0"
        " ORDER BY run DESC, number DESC LIMIT -1 OFFSET ?)",
        (row, change.most),
    )


def trim_desk(database: sqlite.Connection, row: int, change: TrimDesk) -> None:
    """What the host has."""
    database.execute(
        "DELETE FROM room_item WHERE room = ? AND lane = 1 AND (run < ? OR run = ?"
        " AND number <= ?)",
        (row, change.run, change.run, change.up_to),
    )
