"""Opening a room and entering one: what is said before, and where what is wrong is said."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from msgspec.structs import replace
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from desktop.core import doors
from desktop.core.doors import Opening
from desktop.core.errors import AsideError, RelayUnavailable
from desktop.core.models import RelayState, Trouble
from desktop.core.room_errors import RoomEnded, RoomFull, RoomKeyWrong
from desktop.core.rooms import Standing, Way
from desktop.ui import strings as common
from desktop.ui.invitations.enter import EnterDialog
from desktop.ui.rooms import door_words as words
from desktop.ui.rooms.doors import RoomDoors
from desktop.ui.rooms.entering import LONG_MS, EnterRoomDialog, host_of
from desktop.ui.rooms.opened import OpenedDialog
from desktop.ui.rooms.opening import OpenRoomDialog
from desktop.ui.widgets.buttons import Button
from desktop.ui.widgets.plain import Plain
from protocol.e2e.rooms import front
from protocol.e2e.rooms.pseudonyms import MAX_PSEUDONYM
from protocol.ids import Fingerprint
from protocol.wire.rooms.policy import MAX_SEATS
from tests.fakes.facade import FakeFacade
from tests.fakes.rooms import FakeRooms, an_id
from tests.screens.rooms_list import CLOSED_DOOR, OPEN_DOOR, some_rooms
from tests.screens.scenes import Stage
from tests.ui.conftest import Begin
from tests.ui.rooms.hands import asked_last

At = Callable[[FakeRooms], tuple[Stage, RoomDoors]]
RELAY = Fingerprint(an_id("relay", "relay.lindenhof.example"))


@pytest.fixture
def at(begin: Begin) -> At:
    def made(rooms: FakeRooms) -> tuple[Stage, RoomDoors]:
        clara = FakeFacade(name="Clara")
        clara.set_relay("relay.lindenhof.example")
        stage = begin(clara)
        return stage, RoomDoors(stage.ctx, rooms, stage.window)

    return made


def opening(stage: Stage, ways: RoomDoors) -> OpenRoomDialog:
    ways.open_room()
    found = stage.window.findChild(OpenRoomDialog)
    assert isinstance(found, OpenRoomDialog)
    return found


def entering(stage: Stage, ways: RoomDoors, link: str) -> EnterRoomDialog:
    ways.enter(link)
    found = stage.window.findChild(EnterRoomDialog)
    assert isinstance(found, EnterRoomDialog)
    return found


def said_in(dialog: QWidget) -> set[str]:
    """What is to be read in it now."""
    labels = [one.text() for one in dialog.findChildren(Plain) if one.isVisible()]
    return {*labels, *(one.text() for one in dialog.findChildren(Button) if one.isVisible())}


def timer_of(dialog: QWidget, interval: int) -> QTimer:
    return next(one for one in dialog.findChildren(QTimer) if one.interval() == interval)


def test_a_room_is_opened_and_its_link_is_called_its_key(at: At) -> None:
    rooms = FakeRooms()
    stage, ways = at(rooms)
    wanted: list[object] = []
    ways.room_wanted.connect(wanted.append)
    dialog = opening(stage, ways)
    assert dialog.title_field.hasFocus()
    assert words.WITH_LINK_TEXT in dialog.by_link.accessibleName()
    assert dialog.name.text() == "Clara"  # proposed, and said who sees it
    assert words.MY_NAME_NOTE in dialog.name.accessibleName()
    dialog.title_field.setText(" Winter glazes ")
    dialog.rules.setPlainText("Be kind.")
    dialog.name.setText("Clara of the shed")
    dialog.seats.setText("24")
    QTest.keyClick(dialog.seats, Qt.Key.Key_Up)
    dialog.stream.setText("https://video.example/kiln")
    QTest.keyClick(dialog.title_field, Qt.Key.Key_Return)
    made = Opening(
        title="Winter glazes",
        about="",
        rules="Be kind.",
        way=Way.LINK,
        seats=34,
        name="Clara of the shed",
        stream="https://video.example/kiln",
        relay_id=RELAY,
    )
    assert rooms.asked == [("room_open", made)]
    link = stage.window.findChild(OpenedDialog)
    assert isinstance(link, OpenedDialog)
    assert words.KEY_LEAD in link.note.words.text()
    assert link.copy.hasFocus()
    link.copy.click()
    assert QGuiApplication.clipboard().text() == link.link.text()
    link.go.click()
    assert wanted == [rooms.rows[0].room_id]


def test_a_closed_room_is_opened_and_its_link_knocks(at: At) -> None:
    rooms = FakeRooms()
    stage, ways = at(rooms)
    dialog = opening(stage, ways)
    dialog.title_field.setText("Monday mentoring")
    dialog.by_link.setFocus()
    QTest.keyClick(dialog.by_link, Qt.Key.Key_Down)  # the arrows take the other one
    assert dialog.by_approval.isChecked()
    dialog.go.click()
    assert rooms.rows[0].way is Way.APPROVAL
    link = stage.window.findChild(OpenedDialog)
    assert isinstance(link, OpenedDialog)
    assert words.KNOCK_LEAD in link.note.words.text()


def test_what_is_wrong_with_an_opening_is_said_beside_it(at: At) -> None:
    rooms = FakeRooms()
    stage, ways = at(rooms)
    dialog = opening(stage, ways)
    dialog.name.setText("\u200b")
    dialog.stream.setText("file:///etc/passwd")
    dialog.seats.setText("0")
    dialog.about.setPlainText("a" * (doors.MOST_ABOUT + 2))
    dialog.go.click()
    assert rooms.asked == []
    assert dialog.title_field.hasFocus()
    said = (
        (dialog.title_problem, words.NO_TITLE),
        (dialog.name_problem, words.NO_NAME),
        (dialog.stream_problem, words.NO_STREAM),
        (dialog.seats_problem, words.NO_SEATS),
        (dialog.about_problem, words.too_many(2)),
    )
    for problem, sentence in said:
        assert problem.text() == sentence
        assert not problem.isHidden()
    dialog.title_field.setText("读书会")
    dialog.name.setText("Clara")
    dialog.stream.clear()
    dialog.seats.setText("12")
    dialog.about.setPlainText("书" * 900)
    dialog.rules.setPlainText("会" * 900)  # each fits, together they do not
    dialog.go.click()
    assert rooms.asked == []
    assert dialog.problem.text() == words.TOO_LONG
    dialog.rules.clear()
    rooms.failures["room_open"] = RelayUnavailable()
    dialog.go.click()
    assert dialog.problem.text() == words.no_answer("relay.lindenhof.example")
    assert dialog.title_field.text() == "读书会"
    assert dialog.go.isEnabled()


def test_without_a_relay_no_room_can_be_opened_and_it_is_said(begin: Begin) -> None:
    clara = FakeFacade(name="Clara")
    stage = begin(clara)
    dialog = opening(stage, stage.shell.doors.rooms)
    assert not dialog.go.isEnabled()
    assert dialog.where.none.isVisible()
    dialog.title_field.setText("Winter glazes")
    dialog.where.add.click()
    field = stage.window.findChild(EnterDialog)
    assert isinstance(field, EnterDialog)
    field.close_dialog()
    assert dialog.isVisible()  # it waited below
    clara.set_relay("relay.lindenhof.example")
    stage.settle()
    assert dialog.go.isEnabled()
    assert not dialog.where.none.isVisible()
    dialog.go.click()
    assert asked_last(clara)[0] == "room_open"


def test_of_several_relays_one_is_taken_and_each_says_how_it_is(begin: Begin) -> None:
    clara = FakeFacade(name="Clara")
    clara.set_relay("away.example", RelayState.OFFLINE, Trouble.UNREACHABLE)
    second = clara.set_relay("relay.lindenhof.example")
    third = clara.set_relay("third.example", RelayState.CONNECTING)
    stage = begin(clara)
    dialog = opening(stage, stage.shell.doors.rooms)
    where = dialog.where
    spoken = [radio.accessibleName() for radio in where.radios.values()]
    assert spoken == [
        "away.example. Not reachable",
        "relay.lindenhof.example. Connected",
        "third.example. Connecting",
    ]
    assert where.relay == second  # the first that answers
    assert not where.away.isVisible()
    where.radios[third.relay_id].setFocus()
    QTest.keyClick(where.radios[third.relay_id], Qt.Key.Key_Up)
    QTest.keyClick(where.radios[second.relay_id], Qt.Key.Key_Down)
    assert where.relay == third
    clara.set_relay("third.example", RelayState.OFFLINE, Trouble.UNREACHABLE)
    stage.settle()
    assert where.relay is not None
    assert where.relay.host == "third.example"  # what was taken stays taken
    assert "third.example does not answer" in where.away.words.text()
    assert where.away.isVisible()
    dialog.title_field.setText("Winter glazes")
    dialog.go.click()
    _, made = asked_last(clara)
    assert isinstance(made, Opening)
    assert made.relay_id == third.relay_id


def test_a_relay_that_takes_long_is_named_and_need_not_be_waited_for(at: At) -> None:
    rooms = FakeRooms()
    stage, ways = at(rooms)
    dialog = opening(stage, ways)
    dialog.title_field.setText("Winter glazes")
    stage.calls.hold_only = "room_open"
    dialog.go.click()
    host = "relay.lindenhof.example"
    assert said_in(dialog) >= {words.OPENING, words.waits(host)}
    long = timer_of(dialog, LONG_MS)
    assert long.isActive()
    long.timeout.emit()
    assert words.waits_long(host) in said_in(dialog)
    dialog.cancel.click()
    assert dialog.isVisible()  # only the waiting is over
    assert dialog.title_field.text() == "Winter glazes"
    assert said_in(dialog) >= {words.OPEN, words.runs_on(host)}
    stage.calls.let_go()
    assert rooms.asked == []
    stage.calls.hold_only = "room_open"
    dialog.go.click()
    dialog.close_dialog()
    stage.calls.let_go()
    assert rooms.asked == []


def test_the_bounds_are_those_of_a_front() -> None:
    assert doors.MOST_TITLE == front.MAX_TITLE
    assert doors.MOST_ABOUT == front.MAX_ABOUT
    assert doors.MOST_RULES == front.MAX_RULES
    assert doors.MOST_STREAM == front.MAX_WHERE
    assert doors.MOST_NAME == MAX_PSEUDONYM
    assert doors.MOST_SEATS == MAX_SEATS


def test_a_door_shows_its_rules_and_one_enters_under_a_name_for_it_alone(at: At) -> None:
    rooms = some_rooms()
    rooms.doors[OPEN_DOOR] = replace(
        rooms.doors[OPEN_DOOR],
        remembered="heron-3",
        host="Ruth\u202e Abrams",
        rules="<img src=file:///etc/passwd>",
    )
    stage, ways = at(rooms)
    wanted: list[object] = []
    ways.room_wanted.connect(wanted.append)
    dialog = entering(stage, ways, OPEN_DOOR)
    card, name = dialog.card, dialog.name
    assert card is not None
    assert name is not None
    assert "Ruth� Abrams hosts" in card.who.text()
    assert card.rules.text() == "<img src=file:///etc/passwd>"  # as plain text, like all of it
    assert dialog.accepts.text() == words.ACCEPTS
    assert name.field.hasFocus()
    assert name.field.text() == "heron-3"
    assert name.before.isChecked()
    name.fresh.click()
    assert name.field.text() == "quiet-fern"
    assert [name.before.isChecked(), name.fresh.isChecked()] == [False, True]
    for never, said in (
        (" clara ", words.OWN_NAME),
        ("", words.NEED_NAME),
        ("Ruth\u202e abrams", words.HOSTS_NAME),
    ):
        name.field.setText(never)
        dialog.go.click()
        assert name.problem.text() == said
        assert asked_last(rooms)[0] == "room_look"
    name.take("quiet-fern")
    QTest.keyClick(name.field, Qt.Key.Key_Return)
    assert asked_last(rooms) == ("room_enter", OPEN_DOOR, "quiet-fern")
    assert wanted == [rooms.doors[OPEN_DOOR].room_id]
    assert dialog.isHidden()


def test_at_a_closed_room_one_knocks_and_is_told_what_comes(at: At) -> None:
    rooms = some_rooms()
    stage, ways = at(rooms)
    heard: list[object] = []
    ways.list_wanted.connect(lambda: heard.append("list"))
    ways.room_wanted.connect(heard.append)
    dialog = entering(stage, ways, CLOSED_DOOR)
    assert dialog.go.text() == words.KNOCK
    dialog.go.click()
    assert asked_last(rooms) == ("room_enter", CLOSED_DOOR, "quiet-fern")
    assert heard == ["list"]
    assert dialog.note is not None
    assert words.KNOCKED in dialog.note.words.text()
    assert dialog.go.isHidden()
    dialog.close_dialog()
    rooms.doors[CLOSED_DOOR] = replace(rooms.doors[CLOSED_DOOR], standing=Standing.KNOCKING)
    ways.enter(CLOSED_DOOR)
    again = stage.window.findChildren(EnterRoomDialog)[-1]
    assert again.note is not None
    assert words.KNOCKED_BEFORE in again.note.words.text()
    assert again.name is None


@pytest.mark.parametrize(
    ("call", "error", "said"),
    [
        ("room_look", RoomKeyWrong(), common.sentence(RoomKeyWrong())),
        ("room_look", RelayUnavailable(), words.room_away("relay.lindenhof.example")),
        ("room_enter", RelayUnavailable(), words.room_away("relay.lindenhof.example")),
        ("room_look", RoomEnded(), words.ENDED),
        ("room_enter", RoomFull(), common.sentence(RoomFull())),
    ],
)
def test_what_a_door_refuses_is_said_at_the_door(
    at: At, call: str, error: AsideError, said: str
) -> None:
    rooms = some_rooms()
    stage, ways = at(rooms)
    rooms.failures[call] = error
    dialog = entering(stage, ways, OPEN_DOOR)
    if call == "room_enter":
        dialog.go.click()
    assert dialog.note is not None
    assert dialog.note.words.text() == said
    looked = call == "room_look"
    assert dialog.go.isHidden() is looked  # nothing to enter
    assert dialog.again.isVisible() is (looked and isinstance(error, RelayUnavailable))
    assert (dialog.name is None) is looked


def test_a_door_that_takes_long_is_named_and_asked_again_when_wanted(at: At) -> None:
    rooms, host = some_rooms(), "relay.lindenhof.example"
    stage, ways = at(rooms)
    stage.calls.hold_only = "room_look"
    dialog = entering(stage, ways, OPEN_DOOR)
    assert words.waits(host) in said_in(dialog)
    timer_of(dialog, LONG_MS).timeout.emit()
    assert words.waits_long(host) in said_in(dialog)
    rooms.failures["room_look"] = RelayUnavailable()
    stage.calls.let_go()
    assert dialog.again.hasFocus()
    del rooms.failures["room_look"]
    dialog.again.click()
    assert dialog.door is not None
    assert not dialog.again.isVisible()
    stage.calls.hold_only = "room_enter"
    dialog.go.click()
    assert said_in(dialog) >= {words.ENTERING, words.waits(host)}
    dialog.cancel.click()
    stage.calls.let_go()
    assert asked_last(rooms)[0] == "room_look"
    assert dialog.isVisible()
    assert said_in(dialog) >= {words.ENTER, words.ACCEPTS}
    assert dialog.go.isEnabled()


def test_a_strange_host_is_named_in_plain_letters() -> None:
    assert host_of("aside://relay.example:8443/abc#room.x") == "relay.example"
    assert host_of("aside://рelay.example/abc#room.x") == "xn--elay-f6d.example"
    assert host_of("no link at all") == words.ITS_RELAY


def test_my_own_room_s_link_leads_into_it(at: At) -> None:
    rooms = some_rooms()
    rooms.doors[OPEN_DOOR] = replace(rooms.doors[OPEN_DOOR], standing=Standing.HOSTING)
    stage, ways = at(rooms)
    wanted: list[object] = []
    ways.room_wanted.connect(wanted.append)
    dialog = entering(stage, ways, OPEN_DOOR)
    assert dialog.name is None
    dialog.go.click()
    assert wanted == [rooms.doors[OPEN_DOOR].room_id]
