"""Geometry, painting, keys and mouse of the message view."""

from __future__ import annotations

from typing import cast

import pytest
from msgspec.structs import replace
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QAccessible, QContextMenuEvent, QGuiApplication, QImage, QPainter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractItemView, QApplication, QMenu, QWidget
from pytestqt.qtbot import QtBot

from desktop.core.models import Cause, Kind, Message, State
from desktop.ui.messages import strings
from desktop.ui.messages.model import SLACK, WINDOW
from desktop.ui.messages.painting import Emphasis, RowPainter
from desktop.ui.messages.placing import Placer
from desktop.ui.messages.view import MessageView
from desktop.ui.strings import NOTHING_TO_SEE
from desktop.ui.theme import Mode, Theme
from desktop.ui.widgets.menu import Menu
from tests.ui.messages.cast import ALICE, BOB, Scribe, at, everything, now
from tests.ui.messages.hands import click, double_click, drag, press, settle


def show(view: MessageView, *messages: Message) -> None:
    view.messages.reset(list(messages))


def point_in(view: MessageView, row: int, units: int) -> QPoint:
    """The middle of a character of a row's text, on the viewport."""
    layout = view.lines(row).layout
    line = layout.lineForTextPosition(units)
    placed = view.placed(row)
    x = cast(tuple[float, int], line.cursorToX(units))[0] + 3  # the stub says object
    inside = QPoint(int(x), int(line.y() + line.height() / 2))
    return placed.text + inside + QPoint(0, view.area(row).y())


def test_points_and_rows_agree(view: MessageView) -> None:
    view.messages.reset(everything() * 1)
    view.verticalScrollBar().setValue(37)
    for row in view.on_screen():
        index = view.messages.index(row)
        area = view.visualRect(index)
        for y in (area.top(), area.bottom()):
            if 0 <= y < view.viewport().height():
                assert view.indexAt(QPoint(100, y)) == index
    assert not view.indexAt(QPoint(100, -1 - view.verticalScrollBar().value())).isValid()


def test_bodies_lie_in_their_rows_and_in_the_view(view: MessageView) -> None:
    for width in (896, 640, 380):
        view.resize(width, 600)
        view.messages.reset(everything())
        for row in range(view.messages.rowCount()):
            placed = view.placed(row)
            area = view.area(row)
            assert placed.size.height == area.height()
            assert 0 <= placed.body.x() <= placed.body.right() < width
            assert placed.body.width() <= 560
            assert placed.size.lead == placed.body.y() < area.height()
            if view.messages.message(row).kind is Kind.TEXT:
                mine = view.messages.message(row).mine
                edge = placed.body.x() + placed.body.width() if mine else placed.body.x()
                assert edge == (width - 24 if mine else 24)


def test_a_line_of_text_has_the_measures_of_the_design(view: MessageView) -> None:
    says = Scribe().says
    show(view, says(BOB), says(BOB), says(ALICE))
    assert [view.placed(row).body.height() for row in range(3)] == [37, 37, 37]
    assert [view.placed(row).size.lead for row in range(3)] == [44, 4, 12]


def test_what_is_typed_is_never_markup(view: MessageView, tmp_path: object) -> None:
    canary = f"<img src='file://{tmp_path}/canary.png'><b>bold</b>&amp;"
    show(view, Scribe().says(BOB, canary))
    assert view.lines(0).layout.text() == canary
    assert view.lines(0).extent.width > 300


def test_a_right_to_left_text_begins_at_the_right_of_its_bubble(view: MessageView) -> None:
    show(view, Scribe().says(BOB, "نعم، الساعة العاشرة"), Scribe(2000).says(BOB, "Yes, at ten"))
    rtl, ltr = view.placed(0), view.placed(1)
    line = view.lines(0).layout.lineAt(0)
    right = rtl.text.x() + line.naturalTextRect().right()
    assert right == pytest.approx(rtl.body.x() + rtl.body.width() - 12, abs=2)
    assert rtl.meta_at.x() == rtl.body.x() + 12
    assert ltr.meta_at.x() > ltr.text.x()


def test_a_word_longer_than_any_line_is_broken(view: MessageView) -> None:
    show(view, Scribe().says(BOB, "x" * 2000))
    assert view.lines(0).layout.lineCount() > 20
    assert view.placed(0).body.width() <= 560


def test_a_row_paints_nothing_outside_its_area(view: MessageView, theme: Theme) -> None:
    """However its signs are stacked, a text cannot cover what somebody else has said."""
    show(view, Scribe().says(BOB, "line\n" * 10))
    placer = Placer(theme)
    placer.set_width(896)
    message, shape = view.messages.message(0), view.messages.shape(0)
    placed = placer.place(message, shape)
    image = QImage(896, 400, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.white)
    painter = QPainter(image)
    small = QRect(0, 100, 896, 50)
    RowPainter(theme, placer).row(painter, message, shape, placed, small, now().date(), Emphasis())
    painter.end()
    used = {
        y for y in range(400) for x in (30, 50) if image.pixelColor(x, y) != Qt.GlobalColor.white
    }
    assert used
    assert used <= set(range(100, 150))


def test_light_and_dark_are_switched_at_run_time(view: MessageView, theme: Theme) -> None:
    show(view, *everything())
    light = view.grab().toImage()
    theme.set_mode(Mode.DARK)
    dark = view.grab().toImage()
    assert _ground(light) == "#ffffff"
    assert _ground(dark) == "#14161a"


def test_another_size_measures_all_anew(view: MessageView, theme: Theme) -> None:
    show(view, *everything())
    before = view.strip.total
    theme.set_scale(150)
    assert view.strip.total > before * 1.3


def test_a_thousand_rows_a_second_leave_a_bounded_window(view: MessageView, qtbot: QtBot) -> None:
    scribe = Scribe()
    for _ in range(20):
        view.messages.append(scribe.lines(50))
        view.viewport().repaint()
    assert view.messages.rowCount() <= WINDOW + SLACK
    assert len(view.strip) == view.messages.rowCount()
    assert view.remembered <= WINDOW + SLACK
    assert view.following


# keys


def test_the_keyboard_walks_through_rows_and_shows_where_it_is(
    view: MessageView, qtbot: QtBot
) -> None:
    view.messages.reset(Scribe().lines(100))
    view.clearFocus()
    view.setFocus(Qt.FocusReason.TabFocusReason)
    assert view.currentIndex().row() == 99
    bare = view.grab().toImage()
    press(view, Qt.Key.Key_Up)
    assert view.currentIndex().row() == 98
    assert not view.selectionModel().hasSelection()
    assert view.grab().toImage() != bare
    press(view, Qt.Key.Key_PageUp)
    there = view.currentIndex().row()
    assert there < 95
    assert there in view.on_screen()
    press(view, Qt.Key.Key_Home)
    assert view.currentIndex().row() == 0
    assert view.verticalScrollBar().value() == 0
    press(view, Qt.Key.Key_PageDown)
    assert 0 < view.currentIndex().row() in view.on_screen()
    press(view, Qt.Key.Key_End)
    assert view.currentIndex().row() == 99
    assert view.following


def test_a_row_taller_than_the_screen_is_read_in_steps(view: MessageView, qtbot: QtBot) -> None:
    says = Scribe().says
    show(view, says(BOB), says(BOB, "line\n" * 100), says(BOB))
    view.fold(1, whole=True)
    view.setFocus()
    view.selectionModel().setCurrentIndex(
        view.messages.index(0), view.selectionModel().SelectionFlag.NoUpdate
    )
    view.verticalScrollBar().setValue(0)
    values: list[int] = []
    while view.currentIndex().row() < 2:
        press(view, Qt.Key.Key_Down)
        values.append(view.verticalScrollBar().value())
    assert len(values) > 5
    assert values == sorted(values)


def test_shift_selects_rows_and_a_copy_names_who_said_them(view: MessageView, qtbot: QtBot) -> None:
    says = Scribe().says
    show(view, says(BOB, "One", at(9, 1)), says(ALICE, "Two", at(9, 2)), says(BOB, "Three"))
    view.setFocus()
    press(view, Qt.Key.Key_Home)
    press(view, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    press(view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == (
        "[2026-11-20 09:01] Hana Okafor: One\n[2026-11-20 09:02] You: Two"
    )
    press(view, Qt.Key.Key_Escape)
    assert not view.selectionModel().hasSelection()
    press(view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == "Two"


def test_enter_sends_a_failed_one_again_and_follows_a_link(view: MessageView, qtbot: QtBot) -> None:
    says = Scribe().says
    failed = says(ALICE, state=State.FAILED, cause=Cause.EXPIRED)
    show(view, failed, says(BOB, "see https://example.org/a."))
    heard: list[object] = []
    view.resend_wanted.connect(heard.append)
    view.link_activated.connect(heard.append)
    view.setFocus()
    press(view, Qt.Key.Key_Return)
    press(view, Qt.Key.Key_Up)
    press(view, Qt.Key.Key_Return)
    press(view, Qt.Key.Key_Down)
    assert heard == ["https://example.org/a", failed.message_id]


def test_keys_that_write_are_left_to_the_composer(view: MessageView, qtbot: QtBot) -> None:
    show(view, *everything())
    view.clearFocus()
    view.setFocus()
    current = view.currentIndex()
    QTest.keyClicks(view, "This Yes")
    assert view.currentIndex() == current


# mouse


def test_a_click_on_a_link_is_told_and_one_beside_it_is_not(
    view: MessageView, qtbot: QtBot
) -> None:
    show(view, Scribe().says(BOB, "🎉 see https://example.org/a now"))
    heard: list[str] = []
    view.link_activated.connect(heard.append)
    for units in (4, 20, 30):
        click(view.viewport(), point_in(view, 0, units))
    assert heard == ["https://example.org/a"]
    assert view.words() is None


def test_a_link_in_look_alike_letters_says_where_it_leads_and_is_not_followed(
    view: MessageView, qtbot: QtBot
) -> None:
    show(view, Scribe().says(BOB, "see https://аррӏе.com/a now"))
    heard: list[str] = []
    view.link_activated.connect(heard.append)
    QTest.mouseMove(view.viewport(), point_in(view, 0, 12))
    qtbot.waitUntil(lambda: "xn--80ak6aa92e.com" in view.viewport().toolTip())
    click(view.viewport(), point_in(view, 0, 12))
    assert heard == []
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    shown = [action for action in menu.actions() if "https://xn--80ak6aa92e.com/a" in action.text()]
    shown[0].trigger()
    menu.close()
    assert heard == ["https://xn--80ak6aa92e.com/a"]


def test_send_again_is_clicked_where_it_stands(view: MessageView, qtbot: QtBot) -> None:
    failed = Scribe().says(ALICE, state=State.FAILED, cause=Cause.CONTACT_GONE)
    show(view, failed)
    heard: list[bytes] = []
    view.resend_wanted.connect(heard.append)
    action = view.placed(0).action.translated(0, view.area(0).y())
    click(view.viewport(), action.center())
    click(view.viewport(), action.center() - QPoint(200, 0))
    assert heard == [failed.message_id]


def test_a_drag_inside_a_row_selects_words(view: MessageView, qtbot: QtBot) -> None:
    show(view, Scribe().says(BOB, "👍🏽 a shelf and a blanket"))
    start, end = point_in(view, 0, 5) - QPoint(3, 0), point_in(view, 0, 12) - QPoint(3, 0)
    drag(view.viewport(), start, end)
    assert view.selected_text() == "a shelf"
    view.copy()
    assert QGuiApplication.clipboard().text() == "a shelf"


def test_a_drag_over_rows_selects_rows(view: MessageView, qtbot: QtBot) -> None:
    view.messages.reset(Scribe().lines(5))
    drag(view.viewport(), point_in(view, 1, 2), point_in(view, 3, 1))
    assert sorted(index.row() for index in view.selectionModel().selectedRows()) == [1, 2, 3]


def test_a_double_click_selects_a_word(view: MessageView, qtbot: QtBot) -> None:
    show(view, Scribe().says(BOB, "two shelves, please"))
    double_click(view.viewport(), point_in(view, 0, 6))
    assert view.selected_text() == "shelves"


def test_the_menu_offers_what_fits_the_row(view: MessageView) -> None:
    says = Scribe().says
    show(
        view,
        says(BOB, "a https://example.org/?a&b c"),
        says(ALICE, state=State.FAILED),
        says(BOB, kind=Kind.MISSING),
    )
    entries = [
        [action.text() for action in view.menu(row).actions() if action.text()] for row in range(3)
    ]
    assert entries == [
        ["Copy", "Open https://example.org/?a&&b", "Copy link"],
        ["Copy", "Send again"],
        ["Copy"],
    ]


# what it asks for and tells


def test_keys_open_the_menu_at_the_row(view: MessageView, qtbot: QtBot) -> None:
    view.messages.reset(everything())
    view.setFocus()
    press(view, Qt.Key.Key_Up)
    row = view.currentIndex().row()
    body = view.placed(row).body.translated(0, view.area(row).y())
    asked = QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, QPoint(1, 1), QPoint(1, 1))
    for ask in (
        lambda: press(view, Qt.Key.Key_F10, Qt.KeyboardModifier.ShiftModifier),
        lambda: QGuiApplication.sendEvent(view, asked),
    ):
        ask()
        menu = QApplication.activePopupWidget()
        assert isinstance(menu, Menu)
        at = view.viewport().mapFromGlobal(menu.pos())
        assert (at.x(), abs(at.y() - body.bottom()) <= 1) == (body.left(), True)
        assert menu.activeAction() is not None
        menu.close()
        settle()


def test_rows_are_seen_when_they_are_whole_on_the_active_window(
    view: MessageView, qtbot: QtBot
) -> None:
    some = Scribe().lines(100)
    seen: list[bytes] = []
    view.seen_up_to.connect(seen.append)
    view.messages.reset(some)
    qtbot.waitUntil(lambda: bool(seen))
    assert seen == [next(one.message_id for one in reversed(some) if not one.mine)]
    view.verticalScrollBar().setValue(0)
    settle()
    assert len(seen) == 1
    more = Scribe(2000).says(BOB)
    view.messages.append([more])
    settle()
    assert len(seen) == 1
    bar = view.verticalScrollBar()
    bar.setValue(bar.maximum() - view.end_margin() - 1)
    settle()
    assert more.message_id not in seen
    view.scroll_to_end()
    qtbot.waitUntil(lambda: seen[-1] == more.message_id)


def test_nothing_is_seen_while_another_window_is_active(view: MessageView, qtbot: QtBot) -> None:
    seen: list[bytes] = []
    view.seen_up_to.connect(seen.append)
    other = QWidget()
    qtbot.addWidget(other)
    with qtbot.waitActive(other):
        other.show()
        other.activateWindow()
    view.messages.reset(Scribe().lines(100))
    settle()
    assert seen == []
    with qtbot.waitActive(view):
        view.activateWindow()
    settle()
    assert len(seen) == 1


def test_older_and_newer_rows_are_asked_for_once(view: MessageView, qtbot: QtBot) -> None:
    heard: list[str] = []
    view.older_wanted.connect(lambda: heard.append("older"))
    view.newer_wanted.connect(lambda: heard.append("newer"))
    some = Scribe().lines(300)
    view.messages.reset(some, older=True, newer=True)
    qtbot.waitUntil(lambda: heard == ["newer"])
    bar = view.verticalScrollBar()
    for value in (40, 20, 0):
        bar.setValue(value)
        settle()
    assert heard == ["newer", "older"]
    view.messages.prepend(Scribe(900).lines(2), older=True)
    qtbot.waitUntil(lambda: heard == ["newer", "older", "older"])


def test_a_found_message_comes_to_the_middle_and_its_words_are_marked(view: MessageView) -> None:
    some = Scribe().lines(200)
    view.messages.reset(some)
    assert view.scroll_to(some[20].message_id)
    assert 20 in view.on_screen()
    assert view.currentIndex().row() == 20
    plain = view.grab().toImage()
    view.highlight(["word"])
    assert view.grab().toImage() != plain
    assert not view.scroll_to(b"unknown")


def test_screen_readers_find_a_list_of_named_rows(view: MessageView) -> None:
    show(view, *everything())
    interface = QAccessible.queryAccessibleInterface(view)
    assert interface.role() is QAccessible.Role.List
    assert interface.text(QAccessible.Text.Name) == "Messages"
    names = [
        interface.child(number).text(QAccessible.Text.Name)
        for number in range(interface.childCount())
    ]
    assert "Hana Okafor, 19:02: That explains most of it." in names
    assert len(names) == view.messages.rowCount()


def test_new_rows_do_not_take_the_current_one_away(view: MessageView) -> None:
    some = Scribe().lines(WINDOW + SLACK)
    view.messages.reset(some)
    view.setFocus()
    current = view.currentIndex().data(Qt.ItemDataRole.DisplayRole)
    view.messages.append(Scribe(5000).lines(50))
    assert view.currentIndex().data(Qt.ItemDataRole.DisplayRole) == current


def test_a_hint_puts_a_row_where_it_says(view: MessageView) -> None:
    view.messages.reset(Scribe().lines(100))
    hints = QAbstractItemView.ScrollHint
    index = view.messages.index(50)
    view.scrollTo(index, hints.PositionAtTop)
    assert view.visualRect(index).top() == 0
    view.scrollTo(index, hints.PositionAtBottom)
    assert view.visualRect(index).bottom() == view.viewport().height() - 1
    view.scrollTo(view.messages.index(51))
    assert view.visualRect(view.messages.index(51)).bottom() == view.viewport().height() - 1


def test_a_state_that_changes_sets_no_text_anew(view: MessageView) -> None:
    message = Scribe().says(ALICE, "Hello", state=State.QUEUED)
    show(view, message)
    view.grab()
    lines = view.lines(0)
    view.messages.update([replace(message, state=State.SENT)])
    assert view.lines(0) is lines


def _ground(image: QImage) -> str:
    return image.pixelColor(3, 3).name()


def test_a_message_without_anything_to_see_says_so(view: MessageView) -> None:
    says = Scribe().says
    show(view, says(BOB, "\u200b\u2060\ufeff"), says(ALICE, "\u2066\u2069" * 20_000))
    for row in range(2):
        assert view.lines(row).layout.text() == NOTHING_TO_SEE
        assert NOTHING_TO_SEE in strings.spoken(view.messages.message(row), "Hana")
        double_click(view.viewport(), point_in(view, row, 3))
        assert view.words() is None, "there is no word of theirs in it"
