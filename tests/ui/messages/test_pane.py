"""The pill, the line of unread ones, and what stands in place of rows."""

from __future__ import annotations

from PySide6.QtWidgets import QLabel, QPushButton
from pytestqt.qtbot import QtBot

from desktop.core.models import Kind, State
from desktop.ui.messages.model import SLACK, WINDOW
from desktop.ui.messages.pane import MessagePane
from tests.ui.messages.cast import ALICE, BOB, Scribe
from tests.ui.messages.hands import click, settle


def scrolled_back(pane: MessagePane, how_many: int = 100) -> Scribe:
    """Somebody reads further up; what comes next is written by the answer."""
    scribe = Scribe()
    pane.model.reset(scribe.lines(how_many))
    assert not pane.pill.isVisible()
    pane.view.verticalScrollBar().setValue(200)
    assert pane.pill.isVisible()
    return scribe


def test_the_pill_counts_what_came_while_somebody_reads_above(
    pane: MessagePane, qtbot: QtBot
) -> None:
    scribe = scrolled_back(pane)
    news = [scribe.says(BOB), scribe.says(ALICE), scribe.says(BOB, kind=Kind.NOTICE)]
    pane.model.append([*news, scribe.says(BOB)])
    assert pane.pill.count == 2
    assert pane.pill.accessibleName() == "2 new messages. Go to the newest message"
    pane.model.append(news)
    assert pane.pill.count == 2
    click(pane.pill, pane.pill.rect().center())
    assert pane.view.following
    assert not pane.pill.isVisible()
    assert pane.pill.count == 0


def test_the_pill_stands_over_the_rows(pane: MessagePane) -> None:
    scrolled_back(pane)
    bottom = pane.pill.geometry().bottom()
    assert pane.height() - 12 == bottom + 1
    assert pane.childAt(pane.pill.geometry().center()) is pane.pill
    pane.resize(500, 400)
    assert pane.pill.geometry().center().x() in range(247, 253)
    assert pane.height() - 12 == pane.pill.geometry().bottom() + 1


def test_at_the_end_nothing_is_counted(pane: MessagePane) -> None:
    scribe = Scribe()
    pane.model.reset(scribe.lines(100))
    pane.model.append(scribe.lines(50))
    assert pane.pill.count == 0
    assert not pane.pill.isVisible()


def test_whoever_writes_is_taken_to_the_end(pane: MessagePane) -> None:
    scribe = scrolled_back(pane)
    pane.model.append([scribe.says(ALICE, state=State.QUEUED)])
    assert pane.view.following


def test_rows_left_for_later_are_counted_once(pane: MessagePane, qtbot: QtBot) -> None:
    scribe = scrolled_back(pane, WINDOW + SLACK)
    pane.view.verticalScrollBar().setValue(0)
    arriving = [scribe.says(BOB) for _ in range(30)]
    pane.model.append(arriving[:20])
    pane.model.append(arriving)
    assert pane.model.newer
    assert pane.pill.count == 30
    with qtbot.waitSignal(pane.newest_wanted):
        pane.pill.click()
    pane.model.reset(arriving, older=True)
    assert pane.view.following
    assert pane.pill.count == 0


def test_what_lies_below_a_jump_into_the_past_is_not_new(pane: MessagePane) -> None:
    scribe = Scribe()
    past, later, news = scribe.lines(100), scribe.lines(50), scribe.lines(5)
    pane.model.reset(past, older=True, newer=True)
    pane.model.append(later)
    assert pane.pill.count == 0
    pane.view.verticalScrollBar().setValue(0)
    pane.model.append(news)
    assert pane.pill.count == 3


def test_the_line_of_unread_ones_comes_into_sight(pane: MessagePane) -> None:
    some = Scribe().lines(100)
    pane.model.reset(some)
    pane.set_unread_from(some[50].message_id)
    assert pane.model.marks.unread == sum(not one.mine for one in some[50:])
    assert 50 in pane.view.on_screen()
    assert not pane.view.following
    pane.set_unread_from(None)
    assert pane.model.shape(50).unread == 0


def test_the_line_moves_nobody_who_reads_elsewhere(pane: MessagePane) -> None:
    scrolled_back(pane)
    value = pane.view.verticalScrollBar().value()
    last = pane.model.last_id
    assert last is not None
    pane.set_unread_from(last)
    assert pane.view.verticalScrollBar().value() == value


def test_without_rows_it_says_why(pane: MessagePane, qtbot: QtBot) -> None:
    def words() -> list[str]:
        return [label.text() for label in pane.findChildren(QLabel) if label.isVisible()]

    assert "No messages yet" in words()
    pane.show_loading()
    assert words() == []
    settle()
    assert "Loading messages" in words()
    pane.show_error("The vault is locked.")
    assert "The vault is locked." in words()
    again = next(one for one in pane.findChildren(QPushButton) if one.isVisible())
    with qtbot.waitSignal(pane.retry_wanted):
        click(again, again.rect().center())
    pane.model.reset(Scribe().lines(3))
    pane.show_loading()
    pane.model.reset(Scribe().lines(3))
    settle()
    assert pane.view.isVisible()
    assert words() == []


def test_the_focus_goes_to_the_rows(pane: MessagePane) -> None:
    pane.model.reset(Scribe().lines(3))
    pane.setFocus()
    assert pane.view.hasFocus()
