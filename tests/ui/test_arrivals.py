"""What comes while nobody looks: one word, and one click that leads there."""

from __future__ import annotations

from msgspec.structs import replace
from PySide6.QtCore import QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from desktop.core.models import Cause, Contact, Kind
from desktop.core.requests import RequestId
from desktop.core.room_facade import RequestsChanged
from desktop.core.rooms import Line, Standing
from desktop.ui import strings
from desktop.ui.shell import arrivals
from desktop.ui.shell import strings as words
from tests.fakes.facade import FakeFacade
from tests.screens.requests import some
from tests.screens.rooms_list import some_rooms
from tests.screens.scenes import Stage
from tests.ui.conftest import Begin


def told_of(stage: Stage) -> list[str]:
    told: list[str] = []
    stage.shell.arrived.connect(told.append)
    return told


def says_yes(engine: FakeFacade, contact: Contact) -> None:
    """Whom the member had asked aside is here."""
    engine.arrive(contact, "", kind=Kind.NOTICE, cause=Cause.WENT_ASIDE)


def test_who_is_taken_aside_is_told_of_once_and_one_click_leads_there(begin: Begin) -> None:
    engine = some_rooms()
    room = engine.host("Glazes without fear")
    stage = begin(engine)
    stage.window.resize(1280, 800)
    stage.shell.rooms.open(room.room_id)
    stage.settle()
    told, before = told_of(stage), stage.shell.list.conversations
    heron = engine.befriend("Hana of the kiln", quiet=False)
    says_yes(engine, heron)
    stage.settle()
    assert told == [words.WENT_ASIDE]
    row = next(one for one in stage.shell.list.conversations if one not in before)
    assert (row.conversation_id, row.unread, row.notes) == (heron.conversation_id, 1, 1)
    toast = stage.window.toast
    assert toast.isVisible()
    assert toast.words.text() == words.WENT_ASIDE
    assert stage.shell.contents.rooms.shows_room  # nobody is taken away from the room
    toast.action.click()
    stage.settle()
    assert stage.shell.contents.shows_conversation(heron.conversation_id)
    assert toast.isHidden()
    says_yes(engine, other := engine.befriend("Ruth of the kiln", quiet=False))
    stage.settle()
    assert toast.isVisible()
    stage.shell.open_conversation(heron.conversation_id)
    assert toast.isVisible()  # it leads elsewhere
    stage.shell.open_conversation(other.conversation_id)  # without the toast's help
    assert toast.isHidden()
    stage.shell.open_conversation(heron.conversation_id)
    told.pop()
    stage.until(lambda: not stage.shell.list.conversations[0].unread)  # seen, and so read
    says_yes(engine, heron)  # what is looked at is not told of
    assert told == [words.WENT_ASIDE]


def test_whoever_opened_a_door_is_told_of_and_a_knock_taken_back_is_not(begin: Begin) -> None:
    engine = some_rooms()
    waiting = next(one for one in engine.rows if one.standing is Standing.KNOCKING)
    engine.host(waiting.title)
    stage = begin(engine)
    stage.settle()
    told = told_of(stage)
    other = replace(waiting, room_id=engine.host("Another evening").room_id)
    engine.put_row(other)
    stage.settle()
    engine.put_row(replace(other, standing=Standing.LINK, line=Line.NONE))
    stage.settle()
    engine.put_row(replace(other, standing=Standing.LINK, inside=True))  # entered by its link
    engine.put_row(replace(waiting, standing=Standing.LINK, line=Line.CONNECTING))
    stage.settle()
    assert told == []
    engine.put_row(replace(waiting, standing=Standing.LINK, inside=True))
    stage.settle()
    engine.put_row(replace(waiting, standing=Standing.LINK, inside=True, people=9))
    stage.settle()
    assert told == [words.LET_IN]
    assert waiting.title in stage.window.toast.words.text()
    stage.window.toast.action.click()
    assert stage.shell.contents.rooms.shows_room


def test_requests_in_a_crowd_are_one_word(begin: Begin, qtbot: QtBot) -> None:
    engine = FakeFacade(name="Clara")
    engine.wanted = list(some()[:1])
    stage = begin(engine)
    shell = stage.shell
    qtbot.waitUntil(lambda: shell.rail.requests.accessibleName() == "Requests, 1 unread")
    told = told_of(stage)  # the one of before is no news
    quiet = shell.arrivals.findChildren(QTimer)[0]
    for number in range(4):
        fresh = replace(some()[0], request_id=RequestId(bytes([number + 1]) * 16))
        engine.wanted = [*engine.wanted, fresh]
        engine.emit(RequestsChanged())
        stage.settle()
    assert told == [words.asks(1)]
    assert quiet.isActive()
    assert quiet.interval() == arrivals.QUIET_MS
    quiet.setInterval(0)
    qtbot.waitUntil(lambda: len(told) == 2)
    assert told[1] == words.asks(3)
    engine.wanted = []
    engine.emit(RequestsChanged())
    stage.settle()
    assert len(told) == 2  # answered ones are nobody's news


def test_locking_takes_the_way_there_along(begin: Begin) -> None:
    engine = some_rooms()
    stage = begin(engine)
    says_yes(engine, engine.befriend("Hana of the kiln", quiet=False))
    stage.settle()
    assert stage.window.toast.isVisible()
    stage.shell.lock()
    stage.settle()
    assert stage.window.toast.isHidden()


def test_who_looks_elsewhere_is_told_through_the_desktop(begin: Begin, qtbot: QtBot) -> None:
    engine = some_rooms()
    stage = begin(engine)
    notified: list[str] = []
    stage.window.arrived.connect(notified.append)
    ruth = engine.befriend("Ruth of the shed", quiet=False)
    elsewhere = QWidget()
    qtbot.addWidget(elsewhere)
    with qtbot.waitActive(elsewhere):
        elsewhere.show()
        elsewhere.activateWindow()
    says_yes(engine, ruth)
    engine.arrive(ruth, "Well met")
    QTest.qWait(1)
    assert notified == [words.WENT_ASIDE, strings.NEW_MESSAGE]
    assert not any("Ruth" in one for one in notified)
