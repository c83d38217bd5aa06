"""The desk of a room: hands, reports, held messages and the door, from both sides."""

from __future__ import annotations

from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from desktop.core import errors
from desktop.core.desk import DeskKind, Verdict
from desktop.core.requests import Proof, Quoted
from desktop.core.room_rights import USUAL
from desktop.core.rooms import Act, Line, Role
from desktop.ui.context import Context
from desktop.ui.rooms import board_words
from desktop.ui.rooms import strings as room_words
from desktop.ui.rooms.desk import Desk
from desktop.ui.rooms.desk_card import DeskCard
from desktop.ui.rooms.lines import Figures
from desktop.ui.rooms.reasons import ActDialog
from desktop.ui.rooms.report import ReportDialog
from desktop.ui.rooms.tags import StateTag
from desktop.ui.theme import Theme
from tests.fakes.calls import DirectCalls
from tests.fakes.facade import FakeFacade
from tests.fakes.rooms import FakeRooms
from tests.screens.rooms import evening, waiting
from tests.ui.rooms.hands import Open, asked_last, settle
from tests.ui.test_plain import RED, has_red


def card(desk: Desk, kind: DeskKind) -> DeskCard:
    return next(one for one in desk.cards.values() if one.item.kind is kind)


def words_in(card: DeskCard) -> str:
    return " | ".join(one.text() for one in card.findChildren(QLabel) if one.text())


def test_what_waits_stands_there_with_what_can_be_done(open_room: Open) -> None:
    rooms, room = evening(hosting=True)
    waiting(rooms, room)
    page = open_room(rooms, room)
    desk = page.panel.desk
    page.panel.show_desk()
    assert page.panel.tabs.tabs[1].accessibleName() == "Desk, 5"
    kinds = [one.item.kind for one in desk.cards.values()]
    assert kinds[:3] == [DeskKind.DOOR, DeskKind.HAND, DeskKind.HELD]
    assert "would like to come in · 19:40" in words_in(card(desk, DeskKind.DOOR))
    door = card(desk, DeskKind.DOOR)
    door.answers[Verdict.GRANTED].setFocus()
    QTest.keyClick(door.answers[Verdict.GRANTED], Qt.Key.Key_Return)
    assert asked_last(rooms) == ("desk_done", door.item.desk_id, Verdict.GRANTED)
    settle(page)
    assert len(desk.cards) == 4
    hand = card(desk, DeskKind.HAND)
    assert hand.answers[Verdict.GRANTED].hasFocus()  # the keyboard goes on with the next
    hand.answers[Verdict.CLOSED].click()
    assert asked_last(rooms) == ("desk_done", hand.item.desk_id, Verdict.CLOSED)
    held = card(desk, DeskKind.HELD)
    assert "I sell glazes" in words_in(held)
    assert [one.text for one in held.findChildren(StateTag)] == ["New here"]
    held.answers[Verdict.REFUSED].click()
    assert asked_last(rooms) == ("desk_done", held.item.desk_id, Verdict.REFUSED)


def test_a_report_shows_what_is_proven_and_leads_to_an_act(open_room: Open) -> None:
    rooms, room = evening(hosting=True)
    waiting(rooms, room)
    page = open_room(rooms, room)
    page.panel.show_desk()
    reports = [one for one in page.panel.desk.cards.values() if one.item.kind is DeskKind.REPORT]
    proven, unproven = reports
    assert "heron-3" in words_in(proven) and "He asks this every week" in words_in(proven)
    assert "it does not prove that it was said" in words_in(unproven)
    assert not hasattr(unproven, "hide_entry")
    entry = proven.item.entry
    assert entry is not None
    proven.act_wanted.emit(proven.item, Act.TIME_OUT)
    dialog = page.window().findChild(ActDialog)
    assert isinstance(dialog, ActDialog) and "heron-3" in dialog.accessibleName()
    dialog.close_dialog()
    proven.hide_entry.click()
    hidden = ("room_act", entry.seat_id, Act.HIDE, 0, "", entry.entry_id)
    assert rooms.asked[-2] == hidden
    assert asked_last(rooms) == ("desk_done", proven.item.desk_id, Verdict.CLOSED)
    assert page.undo.isVisible()
    rooms.failures["room_act"] = errors.RelayUnavailable()
    proven.hide_entry.click()  # what was not done keeps its report
    assert asked_last(rooms) == ("desk_done", proven.item.desk_id, Verdict.CLOSED)
    assert len([one for one in rooms.asked if one[0] == "desk_done"]) == 1


def test_a_member_raises_a_hand_reports_and_sees_no_desk(open_room: Open) -> None:
    rooms, room = evening()
    page = open_room(rooms, room)
    assert not page.panel.tabs.tabs[1].isVisible()
    QTest.keyClick(
        page.composer.box,
        Qt.Key.Key_H,
        Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier,
    )
    assert asked_last(rooms) == ("room_hand", True)
    settle(page)
    hand = page.header.hand
    assert hand.isChecked() and hand.accessibleName() == "Take your hand back"
    hand.click()
    assert asked_last(rooms) == ("room_hand", False)
    theirs = next(one for one in rooms.entries[room.room_id] if not one.mine)
    mine = next(one for one in rooms.entries[room.room_id] if one.mine)
    assert any("Report" in one.text() for one in page.acts.menu(theirs).actions())
    assert not any("Report" in one.text() for one in page.acts.menu(mine).actions())
    page.acts.report(theirs)
    dialog = page.window().findChild(ReportDialog)
    assert isinstance(dialog, ReportDialog)
    rooms.failures["room_report"] = errors.VaultFull()
    dialog.field.setText(" selling links ")
    dialog.save.click()
    assert dialog.problem.isVisible() and dialog.field.text() == " selling links "
    rooms.failures.clear()
    dialog.save.click()
    assert asked_last(rooms) == ("room_report", theirs.entry_id, "selling links")
    assert dialog.isHidden()


def test_strangers_words_at_the_desk_are_plain(theme: Theme, qtbot: QtBot) -> None:
    bad = f"{RED}<img src=file:///etc/passwd>\x07\u202e"
    rooms, room = evening(hosting=True)
    entry = rooms.entries[room.room_id][0]
    said = Quoted(entry.entry_id, entry.seat_id, bad, bad, 2**60, proof=Proof.CLAIMED)
    for kind in DeskKind:
        item = rooms.wait(room, kind, bad, came_ms=-1, words=bad, entry=said, imitates=True)
        shown = DeskCard(theme, item, room)
        qtbot.addWidget(shown)
        assert not has_red(shown)
        for label in shown.findChildren(QLabel):
            assert label.textFormat() is Qt.TextFormat.PlainText or not label.text()
            assert not set(label.text()) & {"\x07", "\u202e"}
        assert [one.text for one in shown.findChildren(StateTag)] == ["Not the host"]


def test_loading_empty_and_error_are_drawn_on_purpose(theme: Theme, qtbot: QtBot) -> None:
    rooms, room = evening(hosting=True)
    calls = DirectCalls()
    figures = Figures(theme)
    qtbot.addWidget(figures)
    desk = Desk(Context(calls, FakeFacade(), theme, figures), rooms)
    qtbot.addWidget(desk)
    calls.hold = True
    desk.show_room(room)
    qtbot.waitUntil(lambda: desk.states.currentWidget() is desk.states.loading)
    rooms.failures["desk"] = errors.VaultDamaged()
    calls.let_go()
    assert desk.states.is_error
    rooms.failures.clear()
    desk.states.error.action.click()
    qtbot.waitUntil(lambda: desk.states.currentWidget() is desk.states.empty)


def test_a_figure_is_shown_whole_or_not_at_all(theme: Theme, qtbot: QtBot) -> None:
    _, room = evening(hosting=True)
    figures = Figures(theme)
    qtbot.addWidget(figures)
    figures.show()

    def whole() -> bool:
        shown = [one for one in (*figures.numbers, *figures.words) if one.isVisible()]
        return all(one.width() >= one.sizeHint().width() for one in shown)

    for width in (896, 516, 400, 120):
        figures.resize(width, 44)
        figures.show_room(room)
        qtbot.waitUntil(whole)
        assert figures.words[3].isVisible() is (width > 200)  # who waits at the desk goes last


def test_a_members_panel_stands_beside_the_header_and_a_hosts_below(
    open_room: Open, qtbot: QtBot
) -> None:
    rooms, room = evening()
    page = open_room(rooms, room)
    header, panel = page.header, page.panel
    qtbot.waitUntil(lambda: panel.y() == 0 and header.width() + panel.width() == page.width())
    rooms.set_room(replace(room, role=Role.MODERATOR, may=USUAL))
    settle(page)
    qtbot.waitUntil(lambda: header.width() == page.width())
    qtbot.waitUntil(lambda: panel.y() >= header.height() + page.figures.height())


def test_the_board_says_why_questions_wait() -> None:
    rooms: FakeRooms
    rooms, room = evening()
    assert board_words.hint(room) == board_words.VOTES_HINT
    away = rooms.host("Monday mentoring", live_since_ms=None)
    assert board_words.hint(away) == board_words.NO_HOST
    down = rooms.host("Monday mentoring", line=Line.DOWN)
    assert board_words.hint(down) == board_words.OFFLINE


def test_the_figures_claim_nothing_that_this_app_does_not_know(theme: Theme, qtbot: QtBot) -> None:
    figures = Figures(theme)
    qtbot.addWidget(figures)
    _, room = evening(hosting=True)
    figures.show_room(room)
    assert figures.whole.text() == room_words.UP_TO_DATE
    figures.show_room(replace(room, complete=False))
    assert figures.whole.text() == room_words.CATCHING_UP
    figures.show_room(replace(room, line=Line.DOWN))
    assert figures.whole.text() == room_words.NOT_TOLD
