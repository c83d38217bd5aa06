"""Who may do what with whom: parts that are given, people who are out, and what is offered."""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from desktop.core.desk import DeskKind
from desktop.core.room_rights import COHOST, USUAL
from desktop.core.rooms import Act, May, Order, Person, Presence, Role, Room, Standing
from desktop.ui.rooms.page import RoomPage
from desktop.ui.rooms.roles import RoleDialog
from desktop.ui.widgets.dialog import Ask
from desktop.ui.widgets.toast import Toast
from tests.fakes.facade import FakeFacade
from tests.fakes.rooms import FakeRooms, seat
from tests.screens.rooms import evening, waiting
from tests.ui.conftest import Begin
from tests.ui.rooms.hands import Open, asked_last, press, settle


def person(rooms: FakeRooms, room: Room, name: str) -> Person:
    return next(one for one in rooms.seats[room.room_id] if one.name == name)


def make(page: RoomPage, who: Person, act: Act) -> RoleDialog:
    page.panel.people.act(who, act)
    [dialog] = [one for one in page.window().findChildren(RoleDialog) if one.isVisible()]
    return dialog


def test_one_enter_makes_a_moderator_of_the_usual_kind(open_room: Open) -> None:
    rooms, room = evening(hosting=True)
    page = open_room(rooms, room)
    page.panel.show_people()
    tallow = person(rooms, room, "tallow")
    dialog = make(page, tallow, Act.MAKE_MODERATOR)
    assert dialog.go.hasFocus() and dialog.go.text() == "Make a moderator"
    QTest.keyClick(dialog.go, Qt.Key.Key_Return)
    asked = ("room_act", tallow.seat_id, Act.MAKE_MODERATOR, 0, "", USUAL)
    assert asked_last(rooms) == asked


def test_what_a_moderator_may_and_until_when_is_chosen(open_room: Open) -> None:
    rooms, room = evening(hosting=True)
    page = open_room(rooms, room)
    page.panel.show_people()
    tallow = person(rooms, room, "tallow")
    dialog = make(page, tallow, Act.MAKE_GUEST)
    assert not dialog.rights[May.BAN].isVisible()  # a guest writes, and no more
    dialog.parts[Act.MAKE_MODERATOR].click()
    assert dialog.go.text() == "Make a moderator"
    for may in USUAL:
        dialog.rights[may].click()
    dialog.go.click()
    assert dialog.problem.isVisible()  # a moderator who may nothing
    dialog.rights[May.ADMIT].click()
    dialog.lengths[3_600].click()
    dialog.reason.setText("she knows everybody")
    QTest.keyClick(dialog.reason, Qt.Key.Key_Return)
    why, covers = "she knows everybody", (May.ADMIT,)
    asked = ("room_act", tallow.seat_id, Act.MAKE_MODERATOR, 3_600, why, covers)
    assert asked_last(rooms) == asked
    settle(page)
    row = page.panel.people.rows[tallow.seat_id]
    assert row.person.role is Role.MODERATOR and row.why.text().startswith("Until ")
    again = make(page, row.person, Act.MAKE_MODERATOR)
    assert [may for may, one in again.rights.items() if one.isChecked()] == [May.ADMIT]


@pytest.mark.parametrize(
    ("may", "there"),
    [
        (COHOST, {Act.MUTE, Act.TIME_OUT, Act.REMOVE, Act.BAN}),
        ((May.MODERATE,), {Act.MUTE, Act.TIME_OUT, Act.REMOVE}),
        ((May.DESK,), set[Act]()),
    ],
)
def test_nobody_is_offered_what_their_part_does_not_cover(
    open_room: Open, may: tuple[May, ...], there: set[Act]
) -> None:
    rooms, room = evening()
    waiting(rooms, room)
    rooms.set_room(replace(room, role=Role.MODERATOR, may=may))
    page = open_room(rooms, room)
    people, tools = page.panel.people, page.panel.tools
    assert set(people.rows[person(rooms, room, "tallow").seat_id].acts) == there
    entry = next(one for one in rooms.entries[room.room_id] if one.name == "tallow")
    said = {one.text() for one in page.acts.menu(entry).actions()}
    assert ("Ban from the room…" in said) is (Act.BAN in there)
    assert ("Mute the author" in said) is (Act.MUTE in there)
    assert ("Report this entry…" in said) is (Act.MUTE not in there)
    assert tools.end.isVisible() is (May.END in may)
    assert not tools.approval.isVisible()  # that needs the room's key
    assert tools.slow.isVisible() is (May.SETTINGS in may)
    assert page.panel.tabs.tabs[1].isVisible() is (May.DESK in may)
    if May.DESK in may:
        cards = {one.item.kind: one for one in page.panel.desk.cards.values()}
        hand = [one.text() for one in cards[DeskKind.HAND].answers.values()]
        assert hand == ["Lower it"]  # who speaks is a part, and the host's to give
        door = [one.text() for one in cards[DeskKind.DOOR].answers.values()]
        assert bool(door) is (May.ADMIT in may)


def test_who_is_out_stands_below_with_why_and_is_let_back(open_room: Open) -> None:
    rooms, room = evening(hosting=True)
    page = open_room(rooms, room)
    page.panel.show_people()
    people, tallow = page.panel.people, person(rooms, room, "tallow")
    assert not people.out.isVisible()
    people.act_on(tallow.seat_id, "tallow", Act.MUTE)
    settle(page)
    muted = people.rows[tallow.seat_id]
    assert muted.why.text() == "Muted by you"
    assert muted.acts[0] is Act.UNMUTE
    done = Order(Act.BAN, "tallow", "Jun Park", reason="selling\u202e links")
    rooms.seats[room.room_id] = [
        replace(one, state=Presence.REMOVED, done=done) if one.name == "tallow" else one
        for one in rooms.seats[room.room_id]
    ]
    people.knock()
    settle(page)
    row = people.rows[tallow.seat_id]
    assert people.out.isVisible() and people.out.text() == "Out of the room · 1"
    assert row.why.text() == "Banned by Jun Park · selling\ufffd links"
    assert row.why.text() in row.accessibleName()
    assert row.y() > max(one.y() for one in people.rows.values() if one is not row)
    assert row.button is not None and row.button.text() == "Let back in"
    row.button.click()
    assert asked_last(rooms)[2] is Act.LET_BACK
    settle(page)
    assert not people.out.isVisible()


def test_the_keyboard_stays_with_whom_it_was(open_room: Open) -> None:
    rooms, room = evening(hosting=True)
    page = open_room(rooms, room)
    page.panel.show_people()
    people, tallow = page.panel.people, person(rooms, room, "tallow")
    assert people.rows[tallow.seat_id].take_focus()
    people.act_on(tallow.seat_id, "tallow", Act.MUTE)
    settle(page)
    assert QApplication.focusWidget() is people.rows[tallow.seat_id].button


def test_tab_stops_once_in_the_list_and_arrows_walk_through_it(open_room: Open) -> None:
    rooms, room = evening(hosting=True)
    page = open_room(rooms, room)
    page.panel.show_people()
    people = page.panel.people
    rows = [one for one in people.rows.values() if one.buttons]
    tab = Qt.FocusPolicy.TabFocus
    stops = [one for one in rows if any(b.focusPolicy() == tab for b in one.buttons)]
    assert stops == rows[:1]
    people.finder.setFocus()
    QTest.keyClick(people.finder, Qt.Key.Key_Down)
    for row in rows[1:]:
        press(Qt.Key.Key_Down)
        assert row.button is not None and row.button.hasFocus()
    press(Qt.Key.Key_Down)
    assert rows[-1].button is not None and rows[-1].button.hasFocus()
    for _ in rows:
        press(Qt.Key.Key_Up)
    assert people.finder.hasFocus()


def test_all_who_wait_are_let_in_at_once(open_room: Open) -> None:
    rooms, room = evening(hosting=True)
    page = open_room(rooms, room)
    page.panel.show_people()
    people = page.panel.people
    assert not people.door.isVisible()  # one has a button of their own
    rooms.seats[room.room_id] += [
        Person(seat(f"otter-{n}"), f"otter-{n}", Role.MEMBER, Presence.AT_THE_DOOR)
        for n in range(150)
    ]
    people.knock()
    settle(page)
    assert people.door.isVisible() and people.door.said.text() == "151 at the door"
    people.door.all.click()
    [question] = [one for one in page.window().findChildren(Ask) if one.isVisible()]
    assert question.title.text() == "Let 151 people in?"
    question.action.click()
    settle(page)
    let = [one for one in rooms.asked if one[0] == "room_act" and one[2] is Act.LET_IN]
    assert len(let) == 151
    assert not people.door.isVisible()


def test_ctrl_f_finds_somebody_and_f6_comes_by_the_tools(begin: Begin) -> None:
    engine = FakeFacade(name="Clara")
    room = engine.host("Office hours", role=Role.HOST)
    engine.list_row(room, Standing.HOSTING, inside=True)
    stage = begin(engine)
    stage.window.resize(1280, 800)
    stage.shell.rooms.open(room.room_id)
    stage.settle()
    page = stage.shell.contents.rooms.room
    assert page is not None
    page.header.panel.setChecked(False)
    QTest.keyClick(stage.window, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    assert page.panel.people.finder.hasFocus()
    stops = list[QWidget | None]()
    for _ in range(8):
        stage.shell.keyboard.next_pane(1)
        stops.append(QApplication.focusWidget())
    assert page.panel.tools.slow in stops and page.composer.box in stops
    assert page.panel.tabs.tabs[0] in stops and stage.shell.list.search in stops
    page.panel.tools.slow.setFocus()
    stage.shell.keyboard.next_pane(-1)
    assert page.panel.tabs.tabs[0].hasFocus()


def test_a_part_that_runs_out_is_said_to_whoever_had_it(open_room: Open) -> None:
    rooms, room = evening()
    ends = rooms.now_ms + 60_000
    helper = replace(room, role=Role.MODERATOR, may=USUAL, role_until_ms=ends)
    rooms.set_room(helper)
    page = open_room(rooms, room)
    toast = page.window().findChild(Toast)
    assert isinstance(toast, Toast)
    assert "moderator until " in page.composer.hint.text()
    rooms.now_ms = ends
    rooms.room[room.room_id] = room  # nobody says so: the time has come
    page.minutes.timeout.emit()
    settle(page)
    assert toast.words.text() == "Your time as moderator is over. You are here as before it."
    assert not page.panel.tools.isVisible()
    toast.hide()
    page.minutes.timeout.emit()
    settle(page)
    assert not toast.isVisible()  # once
