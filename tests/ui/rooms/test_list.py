"""The page of rooms: what stands where, what each row leads to, and what is said when it cannot."""

from __future__ import annotations

from datetime import datetime

import pytest
from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from desktop.core.errors import RelayUnavailable
from desktop.core.room_facade import RoomChanged
from desktop.core.rooms import Line, RoomRow, Standing, Way
from desktop.ui.rooms import list_words as words
from desktop.ui.rooms.list_page import RoomsPage
from desktop.ui.rooms.list_rows import RoomLine
from desktop.ui.widgets.dialog import Ask
from protocol.ids import RoomId
from tests.fakes.facade import FakeFacade
from tests.fakes.rooms import FakeRooms
from tests.screens.rooms_list import some_rooms
from tests.ui.conftest import Begin
from tests.ui.rooms.hands import ListOf, asked_last, settle


@pytest.fixture
def list_of(begin: Begin) -> ListOf:
    """The page over these rooms, with the keyboard in its window."""

    def made(rooms: FakeRooms) -> RoomsPage:
        stage = begin(FakeFacade(name="Clara") if not isinstance(rooms, FakeFacade) else rooms)
        if not isinstance(rooms, FakeFacade):
            rooms.listen(stage.ctx.heard.emit)
        page = RoomsPage(stage.ctx, rooms, lambda: rooms.now_ms)
        stage.shell.contents.addWidget(page)
        stage.shell.contents.setCurrentWidget(page)
        stage.window.resize(1280, 800)
        page.reload()
        settle(page)
        return page

    return made


def titles(page: RoomsPage) -> list[list[str]]:
    return [[line.title.text() for line in section.lines] for section in page.sections]


def line_of(page: RoomsPage, title: str) -> RoomLine:
    every = [line for section in page.sections for line in section.lines]
    return next(line for line in every if line.title.text() == title)


def test_rooms_stand_where_they_belong_and_lead_to_what_comes_next(list_of: ListOf) -> None:
    rooms = some_rooms()
    page = list_of(rooms)
    assert titles(page) == [
        ["Glazes without fear", "Lindenhof, shed and keys"],
        ["First bowls, open hour", "Monday mentoring"],
        ["Repair café", "读书会 Reading circle"],
        ["Handles that hold", "Evening 1", "Evening 2"],
    ]
    page.past.more.click()
    assert len(page.past.lines) == 9
    buttons = {
        line.title.text(): line.button.text().strip()
        for section in page.sections
        for line in section.lines
    }
    assert buttons["Glazes without fear"] == words.GO
    assert buttons["Lindenhof, shed and keys"] == buttons["Repair café"] == words.ENTER
    assert buttons["读书会 Reading circle"] == words.WITHDRAW
    assert buttons["Handles that hold"] == "Invite those 6"
    assert buttons["Evening 1"] == words.READ

    wanted: list[object] = []
    page.room_wanted.connect(wanted.append)
    page.enter_wanted.connect(wanted.append)
    line_of(page, "Glazes without fear").button.click()
    assert wanted == [line_of(page, "Glazes without fear").row.room_id]
    line_of(page, "Repair café").button.click()
    assert wanted[1] == "aside://relay.example/abc#room.key"
    line_of(page, "Evening 1").button.click()
    assert wanted[2] == line_of(page, "Evening 1").row.room_id


def test_a_knock_is_withdrawn_and_the_link_stays(list_of: ListOf, qtbot: QtBot) -> None:
    """The keyboard stays in the row, whose button is another one by then."""
    rooms = some_rooms()
    page = list_of(rooms)
    page.window().activateWindow()
    qtbot.waitUntil(page.window().isActiveWindow)
    line = line_of(page, "读书会 Reading circle")
    line.button.setFocus()
    line.button.click()
    settle(page)
    assert asked_last(rooms) == ("room_leave", line.row.room_id)
    assert line_of(page, "读书会 Reading circle") is line
    assert line.row.standing is Standing.LINK
    assert line.button.hasFocus()
    rooms.put_row(replace(line.row, live_since_ms=rooms.now_ms))  # it moves to another section
    settle(page)
    assert line in page.live.lines
    assert line.button.hasFocus()


def test_the_list_is_read_again_at_a_knock_and_searched(list_of: ListOf) -> None:
    rooms = some_rooms()
    page = list_of(rooms)
    gone = rooms.rows[4]
    rooms.rows.remove(gone)
    rooms.put_row(replace(rooms.rows[1], live_since_ms=None))
    settle(page)
    assert titles(page)[0] == ["Glazes without fear"]
    assert titles(page)[2] == ["Lindenhof, shed and keys", "读书会 Reading circle"]
    page.search.setText("RUTH")
    assert titles(page) == [[], [], ["Lindenhof, shed and keys"], []]
    assert page.linked.isVisible()
    assert not page.past.isVisible()


def test_who_comes_and_goes_is_read_once_a_second(list_of: ListOf) -> None:
    rooms = some_rooms()
    page = list_of(rooms)
    shown = rooms.rows[1]
    rooms.rows[1] = replace(shown, people=39)
    rooms.emit(RoomChanged(shown.room_id))
    settle(page)
    assert page.soon.isActive()
    page.soon.timeout.emit()
    settle(page)
    assert page.live.lines[1].about.text() == "Ruth Abrams hosts · 39 people"


def test_loading_empty_error_and_offline_are_drawn_on_purpose(list_of: ListOf) -> None:
    rooms = FakeRooms()
    rooms.failures["rooms"] = RelayUnavailable()
    page = list_of(rooms)
    assert page.states.is_error
    del rooms.failures["rooms"]
    page.reload()
    settle(page)
    assert page.states.currentWidget() is page.states.empty
    rooms.rows = [replace(one, line=Line.DOWN) for one in some_rooms().rows]
    page.reload()
    settle(page)
    assert page.states.currentWidget() is page.states.rows
    assert page.offline.isVisible()
    assert page.live.lines == []  # nobody knows
    assert line_of(page, "Glazes without fear").state.text() == words.NO_LINE
    rooms.put_row(replace(rooms.rows[4], line=Line.NONE))  # I do not sit there: nobody asks
    settle(page)
    assert page.offline.isVisible()
    assert line_of(page, "Repair café").state.text() == ""
    page.search.setText("no such room")
    assert page.finds_nothing


def test_what_is_thrown_away_is_asked_first(list_of: ListOf) -> None:
    rooms = some_rooms()
    page = list_of(rooms)
    line = line_of(page, "Evening 1")
    page.acts.ask_forget(line.row)
    question = page.window().findChild(Ask)
    assert isinstance(question, Ask)
    assert rooms.asked == []
    question.action.click()
    settle(page)
    assert asked_last(rooms) == ("room_forget", line.row.room_id)
    assert "Evening 1" not in titles(page)[3]
    page.acts.copy_link(line_of(page, "Glazes without fear").row)
    assert QGuiApplication.clipboard().text() == "aside://relay.example/abc#room.key"


def test_tab_goes_from_row_to_row_whatever_came_first(list_of: ListOf) -> None:
    rooms = some_rooms()
    page = list_of(rooms)
    rooms.rows.reverse()
    page.reload()
    settle(page)
    at: QWidget | None = page.open
    seen: list[QWidget] = []
    for _ in range(40):
        at = at.nextInFocusChain() if at is not None else None
        if at is not None and at.isVisible() and at.focusPolicy() & Qt.FocusPolicy.TabFocus:
            seen.append(at)
    lines = [line for section in page.sections for line in section.lines]
    wanted: list[QWidget] = [one for line in lines for one in (line.button, line.more)]
    wanted.insert(2 * (len(lines) - len(page.past.lines)), page.past.more)
    assert seen[: len(wanted)] == wanted


NOW = datetime(2026, 11, 22, 19, 41).astimezone()


def row(standing: Standing, **more: object) -> RoomRow:
    plain = RoomRow(RoomId(b"r" * 32), "Glazes", "Marta", standing, Way.LINK)
    return replace(plain, **more)


def ms(day: int, hour: int = 12) -> int:
    return round(NOW.replace(day=day, hour=hour, minute=0).timestamp() * 1000)


@pytest.mark.parametrize(
    ("shown", "said"),
    [
        (row(Standing.LINK, live_since_ms=ms(22, 19), people=1), "Marta hosts · 1 person"),
        (row(Standing.LINK, host="Ha\u202ena"), "Ha�na hosts"),
        (row(Standing.KNOCKING, knocked_ms=ms(22, 9)), "Marta hosts · you knocked at 09:00"),
        (row(Standing.KNOCKING, knocked_ms=ms(19)), "Marta hosts · you knocked 3 days ago"),
        (
            row(Standing.HOSTING, mine=True, people=3, questions=1),
            "Anyone with the link · 3 people there · 1 question waiting",
        ),
        (
            row(Standing.HOSTING, mine=True, way=Way.APPROVAL, people=2, seats=12),
            "People I let in · 2 of 12 seats taken",
        ),
        (
            row(Standing.PAST, ended_ms=ms(14), lasted_ms=112 * 60_000, people=187),
            "14 November · 1 h 52 min · Marta hosted · 187 people",
        ),
        (
            row(Standing.PAST, mine=True, ended_ms=ms(21), unanswered=6),
            "Yesterday · 6 questions not answered",
        ),
    ],
)
def test_a_row_says_in_one_line_what_counts(shown: RoomRow, said: str) -> None:
    assert words.about(shown, NOW) == said
