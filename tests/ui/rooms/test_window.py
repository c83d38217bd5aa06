"""Rooms in the window: the way in, the way back, and what a followed link leads to."""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from desktop.core.models import Conversation, RoomInvitation
from desktop.core.rooms import Role, Room
from desktop.ui import strings as common
from desktop.ui.conversations.column import ListColumn
from desktop.ui.conversations.rows import ROW
from desktop.ui.invitations import strings as link_words
from desktop.ui.invitations.cards import RoomCard
from desktop.ui.invitations.enter import EnterDialog
from desktop.ui.messages.words import links
from desktop.ui.rooms.entering import EnterRoomDialog
from desktop.ui.rooms.opening import OpenRoomDialog
from desktop.ui.rooms.page import RoomPage
from tests.fakes.facade import FakeFacade
from tests.screens.requests import card
from tests.screens.rooms_list import OPEN_DOOR, some_rooms
from tests.screens.scenes import Stage
from tests.ui.conftest import Begin


def clara() -> FakeFacade:
    """She can go into two of the rooms of her list."""
    engine = some_rooms()
    for row in engine.rows[:2]:
        more = {"role": Role.HOST} if row.mine else {}
        made: Room = engine.host(row.title, **more)
        assert made.room_id == row.room_id
    return engine


def room_of(stage: Stage) -> RoomPage:
    room = stage.shell.contents.rooms.room
    assert room is not None
    return room


def test_the_rail_leads_to_the_rooms_and_escape_back(begin: Begin) -> None:
    stage = begin(clara())
    shell = stage.shell
    stage.window.resize(1280, 800)
    shell.open_conversation(shell.list.conversations[0].conversation_id)
    before = QApplication.focusWidget()
    both = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    QTest.keyClick(stage.window, Qt.Key.Key_R, both)
    stage.settle()
    assert shell.contents.rooms.shows_list
    assert shell.rail.rooms.isChecked()
    assert not shell.list.isVisible()  # no list beside it
    shell.list.reload()  # what comes meanwhile takes nobody away
    stage.settle()
    assert shell.contents.rooms.shows_list
    shell.keyboard.find_here()
    assert shell.contents.rooms.list.search.hasFocus()
    QTest.keyClick(shell.contents.rooms.list.search, Qt.Key.Key_Escape)
    assert shell.contents.shows_page
    assert shell.list.isVisible()
    assert QApplication.focusWidget() is before


def test_a_room_is_opened_from_the_list_and_closed_again(begin: Begin) -> None:
    engine = clara()
    stage = begin(engine)
    shell, (first, second) = stage.shell, engine.rows[:2]
    stage.window.resize(1280, 800)
    shell.rail.rooms.click()
    stage.settle()
    shell.contents.rooms.list.live.lines[0].button.click()
    stage.settle()
    assert shell.contents.rooms.shows_room
    assert shell.rail.conversations.isChecked()
    assert shell.list.isVisible()
    assert room_of(stage).header.title.text() == first.title
    assert QApplication.focusWidget() is room_of(stage).composer.box
    room_of(stage).composer.box.setPlainText("half a thought")
    shell.rooms.open(second.room_id)  # what was begun there is not said here
    stage.settle()
    assert room_of(stage).header.title.text() == second.title
    assert room_of(stage).composer.box.toPlainText() == ""
    shell.rooms.open(first.room_id)
    stage.settle()
    assert room_of(stage).composer.box.toPlainText() == "half a thought"
    shell.keyboard.next_pane(1)
    QTest.keyClick(stage.window, Qt.Key.Key_2, Qt.KeyboardModifier.ControlModifier)
    assert shell.contents.shows_page
    shell.rooms.open(first.room_id)
    room_of(stage).header.leave_wanted.emit()
    room_of(stage).left.emit()
    stage.settle()
    assert shell.contents.rooms.shows_list
    assert shell.contents.rooms.room is None
    assert stage.window.findChild(RoomPage) is None  # it is gone, and hears nothing any more


def test_live_rooms_stand_above_the_conversations(begin: Begin) -> None:
    engine = clara()
    stage = begin(engine)
    shell, listed = stage.shell, stage.shell.list
    stage.settle()
    mine = engine.rows[0]
    model = listed.list.model()
    assert model.index(0, 0).data(ROW) == mine  # the other one is live, and I do not sit in it
    spoken = model.index(0, 0).data(Qt.ItemDataRole.AccessibleTextRole)
    assert spoken.startswith("Glazes without fear, LIVE: 214 people")
    assert listed.rooms.isVisible()
    listed.rooms.click()
    assert model.rowCount() == 1
    listed.all.click()
    QTest.keyClick(stage.window, Qt.Key.Key_1, Qt.KeyboardModifier.ControlModifier)
    assert shell.contents.rooms.shows_room
    assert listed.list.currentIndex().row() == 0
    QTest.keyClick(stage.window, Qt.Key.Key_2, Qt.KeyboardModifier.ControlModifier)
    assert shell.contents.conversation_id == listed.conversations[0].conversation_id
    shell.rooms.open(mine.room_id)
    shell.rail.conversations.click()
    assert listed.list.currentIndex().row() == 1  # the conversation that is shown again
    engine.put_row(replace(mine, live_since_ms=None))
    stage.settle()
    assert isinstance(model.index(0, 0).data(ROW), Conversation)
    assert not listed.rooms.isVisible()


def test_folded_there_is_a_way_back_from_a_room(begin: Begin) -> None:
    engine = clara()
    stage = begin(engine)
    stage.window.resize(640, 700)
    stage.shell.rooms.open(engine.rows[0].room_id)
    stage.settle()
    assert room_of(stage).isVisible()
    assert not stage.shell.list.isVisible()
    room_of(stage).header.back.click()
    assert stage.shell.contents.rooms.shows_list
    assert stage.shell.contents.rooms.list.isVisible()


@pytest.mark.parametrize("known", [False, True])
def test_a_link_to_a_room_leads_to_its_door_wherever_links_are_taken(
    begin: Begin, *, known: bool
) -> None:
    """A relay that knows nothing of the member is asked only when they say so."""
    engine = FakeFacade(name="Clara")
    engine.doors.update(some_rooms().doors)
    door = engine.doors[OPEN_DOOR]
    engine.invitations[OPEN_DOOR] = RoomInvitation(door.relay_host, door.room_id, known=known)
    stage = begin(engine)
    link = stage.shell.hello.link
    link.field.setText(OPEN_DOOR)
    link.look()
    if not known:
        assert isinstance(link.card, RoomCard)
        assert engine.asked == []
        link.card.go.click()
    assert engine.asked == [("room_look", OPEN_DOOR)]
    dialog = stage.window.findChild(EnterRoomDialog)
    assert isinstance(dialog, EnterRoomDialog)
    dialog.go.click()
    stage.settle()
    assert stage.shell.contents.rooms.shows_room
    assert room_of(stage).header.title.text() == door.title


def test_a_link_of_ours_in_a_message_says_first_what_it_leads_to(begin: Begin) -> None:
    engine = FakeFacade(name="Clara")
    hana = engine.befriend("Hana")
    door = some_rooms().doors[OPEN_DOOR]
    engine.doors[OPEN_DOOR] = door
    engine.invitations[OPEN_DOOR] = RoomInvitation(door.relay_host, door.room_id, known=False)
    stage = begin(engine)
    stage.shell.open_conversation(hana.conversation_id)
    [found] = links(f"Come: {OPEN_DOOR}.")
    stage.shell.page.pane.link_activated.emit(found.url)
    dialog = stage.window.findChild(EnterDialog)
    assert isinstance(dialog, EnterDialog)
    assert isinstance(dialog.link.card, RoomCard)
    assert engine.asked == []
    dialog.link.card.go.click()
    assert engine.asked == [("room_look", OPEN_DOOR)]
    assert stage.window.findChild(EnterRoomDialog) is not None


def test_only_whole_links_of_ours_become_links() -> None:
    said = "aside://x aside://relay.example/abc aside://рelay.example/abc#room.a aside://u@h/a#b"
    assert links(said) == []
    assert [one.url for one in links(f"({OPEN_DOOR}), and so on")] == [OPEN_DOOR]


def test_a_list_of_rooms_alone_has_its_chips_and_its_distance(begin: Begin) -> None:
    engine = clara()
    engine.contacts.clear()
    listed = begin(engine).shell.list
    listed.reload()
    assert not listed.conversations
    assert listed.all.isVisible()
    assert listed.rooms.isVisible()
    top = listed.list.mapTo(listed, listed.list.rect().topLeft()).y()
    assert top >= listed.search.geometry().bottom() + 12


def test_the_first_page_says_where_a_room_s_link_goes_and_how_one_is_opened(begin: Begin) -> None:
    engine = FakeFacade(name="Clara")
    stage = begin(engine)
    hello = stage.shell.hello
    assert not hello.open_room.isEnabled()  # no relay yet; entering needs none
    hello.others.setFocus()
    hello.enter_room.click()
    assert hello.link.field.hasFocus()
    assert hello.link.field.placeholderText() == link_words.PASTE_ROOM
    engine.set_relay("relay.example")
    stage.settle()
    hello.open_room.click()
    assert stage.window.findChild(OpenRoomDialog) is not None


def test_the_link_of_a_room_has_a_field_of_its_name_from_everywhere(begin: Begin) -> None:
    stage = begin(clara())
    stage.shell.rooms.show_list()
    stage.settle()
    stage.shell.contents.rooms.list.have_link.click()
    dialog = stage.window.findChild(EnterDialog)
    assert isinstance(dialog, EnterDialog)
    assert dialog.title.text() == common.ENTER_ROOM
    assert dialog.link.field.hasFocus()


def test_where_nobody_is_yet_the_list_leads_to_the_rooms(begin: Begin) -> None:
    engine = clara()
    engine.contacts.clear()
    engine.rows = [one for one in engine.rows if one.live_since_ms is None]
    stage = begin(engine)
    stage.shell.list.reload()
    stage.settle()
    assert stage.shell.list.but_rooms.isVisible()
    stage.shell.list.but_rooms.action.click()
    assert stage.shell.contents.rooms.shows_list


def test_rooms_are_found_by_their_names(begin: Begin) -> None:
    engine = clara()
    stage = begin(engine)
    shell, listed = stage.shell, stage.shell.list
    hosted, outside = engine.rows[0], engine.rows[1]
    assert (hosted.inside or hosted.mine, outside.inside) == (True, False)
    listed.search.setText(hosted.title.upper()[:7])
    spoken = _read(listed)
    assert spoken[0] == "Rooms"
    assert spoken[1].startswith(f"{hosted.title}, LIVE: ")
    QTest.keyClick(listed.search, Qt.Key.Key_Return)
    assert shell.contents.rooms.shows_room
    assert room_of(stage).header.title.text() == hosted.title
    assert listed.search.text() == ""
    listed.search.setText(outside.title)
    assert _read(listed)[1] == f"{outside.title}: Not live"  # as far as I am concerned
    QTest.keyClick(listed.search, Qt.Key.Key_Return)
    assert shell.contents.rooms.shows_list  # its door is there


def test_what_began_as_an_aside_says_so_in_the_list(begin: Begin) -> None:
    engine = clara()
    stage = begin(engine)
    heard = (one for one in stage.shell.list.conversations if one.last and not one.last.mine)
    contact = next(one for one in heard if not one.draft)
    before = stage.shell.list.list.grab().toImage()
    engine.cards[contact.conversation_id] = card()
    stage.shell.list.reload()
    stage.settle()
    said = [one for one in _read(stage.shell.list) if "began as an aside" in one]
    assert len(said) == 1
    assert said[0].startswith(contact.name)
    assert stage.shell.list.list.grab().toImage() != before


def _read(listed: ListColumn) -> list[str]:
    model = listed.list.model()
    rows = range(model.rowCount())
    return [model.index(row, 0).data(Qt.ItemDataRole.AccessibleTextRole) for row in rows]
