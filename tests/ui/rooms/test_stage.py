"""A room's stage: what stands in it, what stands still, what one click does, what is said aloud."""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QAccessible, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from desktop.core import errors
from desktop.core.refused_orders import OrderCause, OrderRefused
from desktop.core.requests import Purpose
from desktop.core.room_facade import RoomChanged
from desktop.core.rooms import (
    Act,
    Entry,
    EntryKind,
    Line,
    Order,
    Role,
    Room,
    Speak,
    Undoable,
    Warned,
)
from desktop.core.texts import harmless_name
from desktop.ui.conversation.emoji_picker import ACROSS, EmojiButton
from desktop.ui.icons import ASSETS
from desktop.ui.messages.model import SLACK, WINDOW
from desktop.ui.rooms import stage_words, strings
from desktop.ui.rooms.page import RoomPage
from desktop.ui.rooms.reasons import ActDialog
from desktop.ui.rooms.stage_painting import icon_of
from desktop.ui.widgets.menu import Menu
from protocol.ids import RoomId
from tests.fakes.rooms import FakeRooms
from tests.screens.rooms import evening, odd
from tests.ui.rooms.hands import Open, asked_last, press, settle

CTRL_SHIFT = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier


def texts(page: RoomPage) -> list[str]:
    entries = page.stage.view.entries
    return [stage_words.content(entries.entry(row)) for row in range(entries.rowCount())]


def point(page: RoomPage, entry: Entry) -> None:
    """The pointer comes over a row."""
    view = page.stage.view
    row = view.entries.row_of(entry.entry_id)
    assert row is not None
    QTest.mouseMove(view.viewport(), QPoint(5, 5))
    QTest.mouseMove(view.viewport(), view.area(row).center())


def last(rooms: FakeRooms, room: Room, name: str) -> Entry:
    return next(one for one in reversed(rooms.entries[room.room_id]) if one.name == name)


def test_one_click_takes_aside_and_its_button_is_the_last(open_room: Open) -> None:
    rooms, room = evening()
    page = open_room(rooms, room)
    bar = page.stage.view.bar
    point(page, last(rooms, room, "heron-3"))
    assert not bar.isHidden()
    assert bar.aside.isHidden()  # others may be taken aside by the host alone
    mine = last(rooms, room, "quiet-fern")
    point(page, mine)
    buttons = [one for one in (*bar.tools, bar.aside) if not one.isHidden()]
    assert max(buttons, key=lambda one: one.x()) is bar.aside
    bar.aside.click()
    assert asked_last(rooms) == ("room_aside", mine.entry_id, "", Purpose.SUPPORT, "")


def test_the_key_takes_aside_what_the_keyboard_stands_at(open_room: Open) -> None:
    rooms, room = evening()
    page = open_room(rooms, room)
    mine = last(rooms, room, "quiet-fern")
    page.go_to(mine.entry_id)
    QTest.keyClick(page.stage.view, Qt.Key.Key_A, CTRL_SHIFT)
    assert asked_last(rooms)[:2] == ("room_aside", mine.entry_id)


def test_what_somebody_is_about_to_act_on_stands_still(open_room: Open) -> None:
    rooms, room = evening()
    page = open_room(rooms, room)
    view = page.stage.view
    assert view.following
    mine = last(rooms, room, "quiet-fern")
    page.go_to(mine.entry_id)
    row = view.entries.row_of(mine.entry_id)
    assert row is not None
    before = view.area(row).y()
    for number in range(37):
        rooms.come(room, f"heron-{number}", "one more")
    page.feed.knock()
    settle(page)
    row = view.entries.row_of(mine.entry_id)
    assert row is not None
    assert view.area(row).y() == before
    assert page.stage.pill.count == 37
    QTest.keyClick(view, Qt.Key.Key_End)
    assert view.following and not page.stage.pill.isVisible()


def test_the_row_whose_menu_is_open_is_the_lit_one(open_room: Open) -> None:
    rooms, room = evening(hosting=True)
    page = open_room(rooms, room)
    view = page.stage.view
    stood, meant = last(rooms, room, "tallow"), last(rooms, room, "heron-3")
    page.go_to(stood.entry_id)
    point(page, meant)
    view.bar.more.click()
    (menu,) = view.findChildren(Menu)
    assert menu.isVisible()
    point(page, stood)  # on its way through the menu, which lies over other rows
    assert view.lit_entry() == meant
    assert view.bar.entry == meant
    assert view.acting
    menu.close()
    point(page, meant)
    point(page, stood)
    assert view.lit_entry() == stood


def test_a_host_can_take_down_a_pin_that_was_there_before_the_room_was_read(
    open_room: Open,
) -> None:
    rooms, room = evening(hosting=True)
    page = open_room(rooms, room)
    page.room = None
    page.feed.pinned.emit(last(rooms, room, "heron-3"))
    assert page.pinned.unpin.isHidden()
    rooms.emit(RoomChanged(room.room_id))
    settle(page)
    assert not page.pinned.unpin.isHidden()


def test_an_entry_of_mine_waits_behind_all_until_it_has_its_place(open_room: Open) -> None:
    rooms, room = evening()
    room = replace(room, slow_s=0, may_write_ms=0)
    rooms.room[room.room_id] = room
    rooms.numbering = False
    page = open_room(rooms, room)
    page.composer.box.setPlainText("mine")
    page.composer.say()
    rooms.come(room, "tallow", "came meanwhile")
    settle(page)
    assert texts(page)[-2:] == ["came meanwhile", "mine"]
    rooms.number(room.room_id)
    settle(page)
    assert texts(page)[-2:] == ["came meanwhile", "mine"]
    rooms.come(room, "tallow", "and later")
    settle(page)
    assert texts(page)[-3:] == ["came meanwhile", "mine", "and later"]


def test_the_window_over_a_stage_has_a_bound_and_no_row_twice(open_room: Open) -> None:
    rooms, room = evening()
    page = open_room(rooms, room)
    model = page.stage.view.entries

    def flood(count: int) -> list[int]:
        for number in range(count):
            rooms.come(room, "heron-3", f"entry {number}", quiet=True)
        page.feed.knock()
        settle(page)
        return [model.entry(row).place for row in range(model.rowCount())]

    for _ in range(6):
        places = flood(90)
        assert places == list(range(places[0], len(rooms.entries[room.room_id])))
        assert len(places) <= WINDOW + SLACK
    assert model.older
    places = flood(250)  # more than a page at once: on from the newest
    assert places[-1] == len(rooms.entries[room.room_id]) - 1
    assert page.stage.view.following


def test_slow_mode_counts_down_in_the_button_and_keeps_what_was_written(open_room: Open) -> None:
    rooms, room = evening()
    page = open_room(rooms, room)
    page.composer.box.setPlainText("patience")
    assert page.composer.button.text() == "12"
    page.composer.say()
    assert not [one for one in rooms.asked if one[0] == "room_say"]
    assert "again in 12 s" in page.composer.hint.text()
    rooms.now_ms += 12_000
    page.composer.look()
    page.composer.say()
    assert ("room_say", "patience", None) in rooms.asked


def test_a_refused_text_comes_back(open_room: Open) -> None:
    rooms, room = evening(hosting=True)
    page = open_room(rooms, room)
    rooms.failures["room_say"] = errors.RelayUnavailable()
    page.composer.box.setPlainText("not lost")
    page.composer.say()
    assert page.composer.box.toPlainText() == "not lost"


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"speak": Speak.HOSTS}, strings.ONLY_HOSTS),
        ({"muted": True}, strings.MUTED),
        ({"ended": True}, strings.ENDED),
        ({"removed": "selling links"}, strings.removed("selling links")),
    ],
)
def test_whoever_may_not_write_reads_why(
    open_room: Open, changed: dict[str, object], said: str
) -> None:
    rooms, room = evening()
    page = open_room(rooms, room)
    rooms.set_room(replace(room, **changed))
    settle(page)
    assert page.composer.hint.text() == said
    assert page.composer.box.isReadOnly()
    rooms.set_room(replace(room, role=Role.GUEST, speak=Speak.HOSTS))
    settle(page)
    assert not page.composer.box.isReadOnly()


def test_a_reply_names_what_it_answers(open_room: Open) -> None:
    rooms, room = evening(hosting=True)
    page = open_room(rooms, room)
    asked = last(rooms, room, "quiet-fern")
    point(page, asked)
    page.stage.view.bar.reply.click()
    page.composer.box.setPlainText("Slower")
    page.composer.say()
    assert asked_last(rooms) == ("room_say", "Slower", asked.entry_id)
    assert "in reply to quiet-fern" in stage_words.spoken(rooms.entries[room.room_id][-1])


def test_reactions_are_counted_and_taken_back_by_a_click(open_room: Open) -> None:
    rooms, room = evening()
    page = open_room(rooms, room)
    view = page.stage.view
    entry = next(one for one in rooms.entries[room.room_id] if one.reactions)
    view.go_to(entry.entry_id)
    row = view.entries.row_of(entry.entry_id)
    assert row is not None
    chip = view.placed(row).reactions[0].center() + QPoint(0, view.area(row).y())
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=chip)
    settle(page)
    assert view.entries.entry(row).reactions[0].count == 17


def test_an_order_about_an_imitator_says_that_it_was_one() -> None:
    done = Order(Act.REMOVE, "Marta Kessler", "Marta Kessler", reason="links", imitates=True)
    said = stage_words.order(done)
    assert said == "Marta Kessler (not the host) was removed by Marta Kessler · links"


def test_what_a_host_does_can_be_undone_for_ten_seconds(open_room: Open) -> None:
    rooms, room = evening(hosting=True)
    page = open_room(rooms, room)
    point(page, last(rooms, room, "tallow"))
    page.stage.view.bar.mute.click()
    assert asked_last(rooms)[0] == "room_act" and asked_last(rooms)[2] is Act.MUTE
    assert page.undo.isVisible() and page.undo.seconds == 10
    page.undo.undo.click()
    assert "room_undo" in [one[0] for one in rooms.asked]
    assert not page.undo.isVisible()
    page.stage.view.bar.mute.click()
    rooms.now_ms += 10_000
    QTest.qWait(250)
    assert not page.undo.isVisible()


@pytest.mark.parametrize(
    ("said", "act"), [(strings.MUTE_WITH, Act.MUTE), (strings.HIDE_WITH, Act.HIDE)]
)
def test_what_is_done_at_once_can_have_a_reason_too(open_room: Open, said: str, act: Act) -> None:
    rooms, room = evening(hosting=True)
    page = open_room(rooms, room)
    entry = last(rooms, room, "tallow")
    menu = page.acts.menu(entry)
    next(one for one in menu.actions() if one.text() == said).trigger()
    (dialog,) = page.window().findChildren(ActDialog)
    dialog.reason.setText(" selling links ")
    dialog.go.click()
    about = (entry.entry_id,) if act is Act.HIDE else ()
    assert asked_last(rooms)[1:] == (entry.seat_id, act, 0, "selling links", *about)
    assert page.undo.isVisible()


def test_the_bar_lies_over_no_words_of_its_row_or_of_the_one_above(open_room: Open) -> None:
    rooms, room = evening(hosting=True)
    page = open_room(rooms, room)
    view = page.stage.view
    for row in view.on_screen()[2:]:
        entry = view.entries.entry(row)
        if entry.kind is EntryKind.TEXT and view.area(row).y() > 20:
            point(page, entry)
            bar = view.bar.geometry()
            assert not view.bar.isHidden()
            assert bar.bottom() < view.area(row).y() + view.placed(row).text.y()
            assert bar.top() >= view.area(row).y() - 12  # the pad, and what a line leaves below it


def test_an_order_that_the_relay_refused_is_said_and_cannot_be_undone(open_room: Open) -> None:
    rooms, room = evening(hosting=True)
    page = open_room(rooms, room)
    point(page, last(rooms, room, "tallow"))
    page.stage.view.bar.mute.click()
    order = Order(act=Act.MUTE, whom="<b>tallow", by="Marta", by_me=True)
    elsewhere = RoomId(b"elsewhere".ljust(32))
    rooms.emit(OrderRefused(elsewhere, 1, order, OrderCause.LATE))
    assert page.undo.undo.isVisible()
    undo_id = page.undo.undo_id
    assert undo_id is not None
    rooms.emit(OrderRefused(room.room_id, undo_id, order, OrderCause.LATE))
    assert page.undo.isVisible() and not page.undo.undo.isVisible()
    assert page.undo.words.text() == (
        f"“Muted {harmless_name('<b>tallow')}” did not happen: the relay heard of it too late. "
        "Do it again."
    )
    page.undo.take_back()
    assert "room_undo" not in [one[0] for one in rooms.asked]
    rooms.now_ms += 10_000
    QTest.qWait(250)
    assert not page.undo.isVisible()


def test_whoever_acted_on_a_row_follows_the_end_again(open_room: Open) -> None:
    rooms, room = evening(hosting=True)
    page = open_room(rooms, room)
    view = page.stage.view
    entry = last(rooms, room, "tallow")

    def follows() -> bool:
        return view.following

    page.acts.open_menu(entry, page.mapToGlobal(QPoint(400, 400)))
    (menu,) = view.findChildren(Menu)
    row = view.entries.row_of(entry.entry_id)
    assert row is not None
    stood = view.area(row).y()
    rooms.come(room, "heron-3", "one more")
    settle(page)
    assert view.area(row).y() == stood and not follows()
    menu.close()
    settle(page)
    assert follows() and page.stage.pill.count == 0
    view.verticalScrollBar().setValue(0)  # whoever reads above stays there
    page.acts.open_menu(entry, page.mapToGlobal(QPoint(400, 400)))
    rooms.come(room, "heron-3", "and one more")
    settle(page)
    next(one for one in view.findChildren(Menu) if one.isVisible()).close()
    settle(page)
    assert not follows() and view.verticalOffset() == 0


def test_ctrl_z_takes_back_what_was_done_and_leaves_texts_alone(open_room: Open) -> None:
    rooms, room = evening(hosting=True)
    page = open_room(rooms, room)
    page.acts.act_on(last(rooms, room, "tallow"), act=Act.MUTE)
    box, ctrl = page.composer.box, Qt.KeyboardModifier.ControlModifier
    box.setFocus()
    QTest.keyClicks(box, "hm")
    QTest.keyClick(box, Qt.Key.Key_Z, ctrl)
    assert box.toPlainText() == "" and page.undo.isVisible()
    page.stage.view.setFocus()
    QTest.keyClick(page.stage.view, Qt.Key.Key_Z, ctrl)
    assert asked_last(rooms)[0] == "room_undo"
    assert not page.undo.isVisible()
    QTest.keyClick(page.stage.view, Qt.Key.Key_Z, ctrl)
    assert [one[0] for one in rooms.asked].count("room_undo") == 1


def test_what_can_be_undone_covers_nothing_that_is_read(open_room: Open) -> None:
    rooms, room = evening(hosting=True)
    page = open_room(rooms, room)
    stage, undo = page.stage, page.undo

    def told() -> QRect:
        page.acts.act_on(last(rooms, room, "tallow"), act=Act.MUTE)
        settle(page)
        return QRect(undo.card.mapTo(page, QPoint(0, 0)), undo.card.size())

    where = told()
    ends = stage.mapTo(page, stage.rect().bottomLeft()).y()
    assert where.top() > ends
    assert where.bottom() < page.composer.mapTo(page, QPoint(0, 0)).y()
    assert stage.view.following  # the newest entry stands above it
    assert stage.view.area(stage.view.entries.rowCount() - 1).bottom() <= stage.view.height()
    page.window().resize(900, 600)  # the panel and the stage take turns
    settle(page)
    page.header.panel.setChecked(True)
    page.panel.show_people()
    assert not stage.isVisible()
    where = told()
    assert undo.isVisible()
    assert where.top() > page.panel.mapTo(page, page.panel.rect().bottomLeft()).y()
    page.header.panel.setChecked(False)
    settle(page)
    assert undo.isVisible() and stage.isVisible()
    assert undo.y() < page.composer.y()


def test_each_kind_of_order_has_its_own_picture() -> None:
    there = {path.stem for path in (ASSETS / "icons").glob("*.svg")}
    rows, _ = evening()
    entry = next(iter(rows.entries.values()))[0]
    drawn = [
        icon_of(replace(entry, kind=EntryKind.ORDER, order=Order(act, "willow-7", "Marta")))[0]
        for act in Act
    ]
    assert len(set(drawn)) == len(Act)
    assert set(drawn) <= there


def test_the_pace_falls_when_nobody_writes_and_is_read_no_more_then(open_room: Open) -> None:
    rooms, room = evening(hosting=True)
    page = open_room(rooms, room)
    assert page.pace.isActive()

    def figure(now: int) -> str:
        rooms.room[room.room_id] = replace(room, entries_a_minute=now)  # without a word
        page.pace.timeout.emit()
        settle(page)
        return page.figures.numbers[1].text()

    assert figure(12) == "12"
    assert figure(0) == "0"
    assert figure(5) == "0"  # nobody asks while it is silent
    rooms.come(room, "heron-3", "Good evening.")
    settle(page)
    assert figure(5) == "5"


def test_emoji_are_put_into_what_is_being_written(open_room: Open) -> None:
    rooms, room = evening(hosting=True)
    composer = open_room(rooms, room).composer
    box, button = composer.box, composer.findChild(EmojiButton)
    assert isinstance(button, EmojiButton)
    box.setPlainText("Well done ")
    box.moveCursor(box.textCursor().MoveOperation.End)
    button.click()
    board = button.board
    assert board is not None and board.isVisible()
    first, second = list(board.signs)[:2]
    assert board.signs[first].hasFocus()
    assert board.signs["👏"].accessibleName() == "clapping hands sign"
    below = list(board.signs)[ACROSS]
    for key, there in (
        (Qt.Key.Key_Down, below),
        (Qt.Key.Key_Up, first),
        (Qt.Key.Key_Up, first),
        (Qt.Key.Key_Right, second),
    ):
        press(key)
        assert board.signs[there].hasFocus()
    QTest.keyClick(board.signs[second], Qt.Key.Key_Return)
    assert box.toPlainText() == f"Well done {second}"
    assert not board.isVisible() and box.hasFocus()
    button.click()
    QTest.keyClick(board.signs[first], Qt.Key.Key_Escape)
    assert not board.isVisible() and box.hasFocus()
    assert box.toPlainText() == f"Well done {second}"


def test_gaps_forks_orders_and_what_cannot_be_shown_say_what_they_are(open_room: Open) -> None:
    rooms, room = evening()
    odd(rooms, room)
    page = open_room(rooms, room)
    order, gap, fork, unreadable, imitates, mine = texts(page)[-6:]
    assert order == "willow-7 was removed by Marta Kessler · selling links"
    assert gap.startswith("4 entries are missing")
    assert "4a11be200177" in fork and "c0ffee001234" in fork
    assert "not signed" in unreadable
    assert "<img src=file:///etc/passwd>␇" in imitates
    entries = page.stage.view.entries
    spoken = stage_words.spoken(entries.entry(entries.rowCount() - 2))
    assert "not the host" in spoken and "\u202e" not in spoken and "\u200b" not in spoken
    assert "on its way" in stage_words.spoken(entries.entry(entries.rowCount() - 1))
    assert mine == "I still have two shelves."


def test_a_screen_reader_hears_at_most_one_announcement_in_two_seconds(
    open_room: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    rooms, room = evening()
    page = open_room(rooms, room)
    heard: list[str] = []

    def said(widget: QWidget, sentence: str) -> None:
        heard.append(sentence)

    monkeypatch.setattr("desktop.ui.rooms.polite.announce", said)
    rooms.come(room, "heron-3", "number 0")
    settle(page)
    for number in range(1, 30):
        rooms.come(room, "heron-3", f"number {number}", mention=number == 20)
    settle(page)
    page.undo.tell(
        Undoable(1, Order(Act.MUTE, "tallow", "Marta", by_me=True), rooms.now_ms + 10_000)
    )
    assert heard == ["heron-3: number 0"]
    for _ in range(2):  # what one did oneself comes first
        page.polite.quiet.stop()
        page.polite.quiet.timeout.emit()
    own = "Muted tallow. You can undo it for 10 seconds"
    assert heard[1:] == [own, "29 new entries, one names you"]


def test_every_row_has_its_words_for_a_screen_reader(open_room: Open) -> None:
    rooms, room = evening()
    page = open_room(rooms, room)
    view = page.stage.view
    seen = QAccessible.queryAccessibleInterface(view)
    assert seen.childCount() == view.entries.rowCount()
    words = seen.child(seen.childCount() - 2).text(QAccessible.Text.Name)
    assert words.startswith("tallow, new here, 19:40; in reply to you: Same here.")


def test_loading_empty_error_and_offline_are_drawn_on_purpose(
    open_room: Open, qtbot: QtBot
) -> None:
    rooms = FakeRooms()
    room = rooms.host("Monday mentoring")
    rooms.failures["stage"] = errors.RelayUnavailable()
    page = open_room(rooms, room)
    labels = [one.text() for one in page.stage.shown.findChildren(QLabel)]
    assert strings.NOT_READ in labels
    del rooms.failures["stage"]
    page.stage.retry_wanted.emit()
    settle(page)
    labels = [one.text() for one in page.stage.shown.findChildren(QLabel)]
    assert strings.EMPTY in labels
    page.stage.show_loading()
    qtbot.waitUntil(
        lambda: strings.LOADING in [one.text() for one in page.stage.shown.findChildren(QLabel)]
    )
    rooms.set_room(replace(room, line=Line.DOWN))
    settle(page)
    assert page.warnings.isVisible() and strings.OFFLINE in page.warnings.words.text()
    rooms.set_room(replace(room, warning=Warned.FORKED))
    settle(page)
    assert "different stories" in page.warnings.words.text()


def test_rows_are_copied_as_they_are_shown(open_room: Open) -> None:
    rooms, room = evening()
    page = open_room(rooms, room)
    page.go_to(last(rooms, room, "tallow").entry_id)
    page.stage.view.copy()
    assert QGuiApplication.clipboard().text() == "Same here. A slower cooling helped me a lot."


def test_every_kind_of_row_and_act_has_its_words() -> None:
    for act in Act:
        order = Order(act, "willow-7", "Marta", seconds=300, reason="rules")
        assert "willow-7" in stage_words.order(order)
        assert stage_words.order(replace(order, of_me=True)).startswith("You ")
        assert strings.done(order)
