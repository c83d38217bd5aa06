"""What is asked for at every entry must not read through the room, or through what waits."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from sqlcipher3 import Connection

from desktop.engine.rooms.stage.rows import Reading
from desktop.store.rooms import items, lanes
from desktop.store.rooms import said as sayings
from protocol.ids import EntryId
from protocol.wire.frames.room_entries import Lane
from tests.engine.rooms.cast import Desktop, Hall
from tests.store.test_plans import plans

WHICH = EntryId(bytes(16))
_BIG = "room_item|room_said|room_voice"
THROUGH_ALL = re.compile(
    rf"SCAN ({_BIG})\b|SEARCH ({_BIG})($| USING (PRIMARY KEY|INDEX \w+) \(room=\?\))"
)

ASKED: dict[str, Callable[[Connection, Desktop], object]] = {
    "an entry by its id": lambda db, one: items.by_id(db, one.row, WHICH),
    "taken off the stage": lambda db, one: items.hide(db, one.row, WHICH, hidden=True),
    "the newest place": lambda db, one: items.newest(db, one.row, Lane.STAGE),
    "whose turn it is": lambda db, one: lanes.voice(db, one.row, Lane.STAGE, one.me),
    "said": lambda db, one: sayings.add(db, one.room, Lane.STAGE, b"", 1),
    "what waits": lambda db, one: sayings.waiting(db, one.room, Lane.STAGE),
    "numbered": lambda db, one: sayings.numbered(db, one.room, Lane.STAGE, 2, bytes(70)),
    "the end of the stage": lambda db, one: Reading(db, one.room, 1).stretch(50, after=1),
}


@pytest.fixture(scope="module")
def alice() -> Desktop:
    hall = Hall()
    hall.alice.text("Good evening.")
    return hall.alice


@pytest.mark.parametrize("what", ASKED)
def test_it_is_looked_up_and_not_searched_for(alice: Desktop, what: str) -> None:
    alice.db.execute("SAVEPOINT here")
    try:
        steps = plans(alice.db, lambda db: ASKED[what](db, alice))
    finally:
        alice.db.execute("ROLLBACK TO here")
    assert not [step for step in steps if THROUGH_ALL.search(step)]


def test_texts_of_the_last_minute_are_counted(alice: Desktop) -> None:
    for number in range(10, 30):
        alice.db.execute(
            "INSERT INTO room_item (room, lane, place, kind, item, running, shown, came_ms)"
            " VALUES (?, 0, ?, 'text', x'', x'', 1, ?)",
            (alice.row, items.place_of(1, number), number * 1000),
        )
    assert items.counted(alice.db, alice.row, 25_000) == 5
    assert items.counted(alice.db, alice.row, 1) == 20
