"""A stage on which more is said than anybody can read: what of it is laid out, read and said."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import pytest
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from desktop.core.rooms import Room
from desktop.ui.messages import measured
from desktop.ui.messages.strip import Size
from desktop.ui.rooms import feed, polite, strings
from desktop.ui.rooms.page import RoomPage
from desktop.ui.rooms.stage_rows import StageRows
from tests.fakes.rooms import FakeRooms
from tests.screens.rooms import evening
from tests.ui.rooms.hands import Open, settle


@pytest.fixture
def measures(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Each row that is measured."""
    found, measure = list[int](), StageRows.measure

    def counted(view: StageRows, row: int) -> Size:
        found.append(row)
        return measure(view, row)

    monkeypatch.setattr(StageRows, "measure", counted)
    return found


def rush(rooms: FakeRooms, room: Room, count: int, first: int = 0) -> None:
    for number in range(first, first + count):
        words = " ".join([f"number {number}"] * (1 + number * 7 % 23))
        rooms.come(room, f"heron-{number % 9}", words, quiet=True)


def knock(page: RoomPage) -> None:
    page.feed.knock()
    settle(page)


def only_guessed(page: RoomPage) -> list[int]:
    view = page.stage.view
    return [
        row
        for row, size in enumerate(view.strip.sizes(range(len(view.strip))))
        if isinstance(size, measured.Rough)
    ]


def test_of_many_rows_at_once_only_those_that_are_seen_are_laid_out(
    open_room: Open, measures: list[int]
) -> None:
    rooms, room = evening()
    page = open_room(rooms, room)
    view = page.stage.view
    measures.clear()
    rush(rooms, room, 90)
    knock(page)
    assert view.following
    assert view.entries.last_place == rooms.entries[room.room_id][-1].place
    assert len(set(measures)) < 45
    seen = set(view.on_screen())
    assert seen <= set(measures)
    assert len(only_guessed(page)) > 40


def test_whatever_comes_on_screen_was_laid_out_and_moves_nothing(open_room: Open) -> None:
    rooms, room = evening()
    page = open_room(rooms, room)
    view, bar = page.stage.view, page.stage.view.verticalScrollBar()
    chance = Random(7)
    rush(rooms, room, 95)
    knock(page)
    acts: tuple[Callable[[], None], ...] = (
        lambda: bar.setValue(bar.value() - chance.randrange(1, 900)),
        lambda: bar.setValue(chance.randrange(bar.maximum() + 1)),
        lambda: page.resize(page.width(), chance.randrange(500, 1100)),
        lambda: view.turn(-1),
        lambda: rush(rooms, room, 40),
        lambda: knock(page),
        view.go_to_end,
    )
    for _ in range(60):
        chance.choice(acts)()
        assert not set(view.on_screen()) & set(only_guessed(page))
        for row in view.on_screen():
            assert view.strip.bottom(row) - view.strip.top(row) == view.measure(row).height
    bar.setValue(bar.maximum() // 2)
    top = view.on_screen()[2]
    entry, before = view.entries.entry(top), view.area(top).y()
    view.measure_again()
    found = view.entries.row_of(entry.entry_id)
    assert found is not None
    assert view.area(found).y() == before


def test_who_is_left_behind_sees_the_last_ones_and_the_others_on_the_way_up(
    open_room: Open,
) -> None:
    rooms, room = evening()
    page = open_room(rooms, room)
    view = page.stage.view
    every = rooms.entries[room.room_id]
    for first in range(0, 900, 300):
        rush(rooms, room, 300, first)
        asked = rooms.asked.count(("stage",))
        knock(page)
        assert view.entries.last_place == every[-1].place
        assert view.following
        assert view.entries.older
        assert rooms.asked.count(("stage",)) - asked <= 2
    assert view.entries.rowCount() == feed.LAST
    rush(rooms, room, 5, 900)
    knock(page)
    assert view.entries.last_place == every[-1].place
    assert view.entries.rowCount() == feed.LAST + 5  # it keeps up again
    view.verticalScrollBar().setValue(0)
    QTest.qWait(80)
    first_place = view.entries.first_place
    assert first_place is not None
    assert first_place < every[-1].place - feed.LAST - 5


def test_who_reads_above_during_a_rush_goes_on_where_they_are(open_room: Open) -> None:
    rooms, room = evening()
    page = open_room(rooms, room)
    view, every = page.stage.view, rooms.entries[room.room_id]
    rush(rooms, room, 300)
    knock(page)
    view.verticalScrollBar().setValue(view.verticalScrollBar().maximum() // 2)
    assert not view.following
    stood = view.entries.entry(view.on_screen()[1])
    rush(rooms, room, 300, 300)
    knock(page)
    row = view.entries.row_of(stood.entry_id)
    assert row is not None
    assert row in view.on_screen()
    assert page.stage.pill.count > 0
    page.stage.go_to_end()
    settle(page)
    assert view.entries.last_place == every[-1].place
    assert view.following


def test_what_is_passed_over_is_said_aloud_as_what_is_shown(
    open_room: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    rooms, room = evening()
    page = open_room(rooms, room)
    for first in (0, 300):
        rush(rooms, room, 300, first)
        knock(page)
    said: list[str] = []

    def announced(_: QWidget, words: str) -> None:
        said.append(words)

    monkeypatch.setattr(polite, "announce", announced)
    page.polite.quiet.stop()
    page.polite.quiet.timeout.emit()
    (words,) = said
    assert strings.announced(feed.LAST, "heron-5", "", of_me=False)[:2] == words[:2]
