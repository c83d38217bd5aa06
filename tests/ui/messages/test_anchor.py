"""What somebody reads stays where it is, to the pixel; whoever is at the end stays there."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from msgspec.structs import replace
from pytestqt.qtbot import QtBot

from desktop.core.models import Cause, Kind, Message, State
from desktop.ui.messages.model import SLACK, WINDOW
from desktop.ui.messages.view import MessageView
from tests.ui.messages.cast import ALICE, BOB, Scribe, before, read
from tests.ui.messages.hands import settle


def middle_of(view: MessageView, how_many: int = 300) -> list[Message]:
    """Show some rows and read in the middle of them."""
    some = Scribe().lines(how_many)
    view.messages.reset(some, older=True)
    bar = view.verticalScrollBar()
    bar.setValue(bar.maximum() // 2)
    assert not view.following
    return some


def bodies(view: MessageView) -> dict[bytes, int]:
    """Where the bodies of the rows on screen stand."""
    found: dict[bytes, int] = {}
    for row in view.on_screen():
        body = view.placed(row).body.translated(0, view.area(row).y())
        if body.y() >= 0 and body.bottom() < view.viewport().height():
            found[view.messages.message(row).message_id] = body.y()
    return found


def held(view: MessageView, change: Callable[[], None]) -> None:
    """Nothing that is read moves while something changes elsewhere."""
    there = bodies(view)
    assert len(there) > 3
    change()
    now = bodies(view)
    still = {one: y for one, y in now.items() if one in there}
    assert list(still) == list(there)[: len(still)]
    assert len(still) > 3
    assert still == {one: there[one] for one in still}


def test_new_rows_below_move_nothing(view: MessageView) -> None:
    middle_of(view)
    held(view, lambda: view.messages.append(Scribe(2000).lines(30)))


def test_new_rows_that_push_old_ones_out_move_nothing(view: MessageView) -> None:
    some = middle_of(view, WINDOW + SLACK)
    first = some[0].message_id
    held(view, lambda: view.messages.append(Scribe(2000).lines(60)))
    assert view.messages.first_id != first


def test_the_current_row_may_be_let_go_and_nothing_moves(view: MessageView) -> None:
    middle_of(view, WINDOW + SLACK)
    select = view.selectionModel()
    select.setCurrentIndex(view.messages.index(0), select.SelectionFlag.NoUpdate)

    def more() -> None:
        view.messages.append(Scribe(2000).lines(60))
        settle()

    held(view, more)


def test_older_rows_above_move_nothing(view: MessageView) -> None:
    some = middle_of(view)
    held(view, lambda: view.messages.prepend(before(some, 50), older=True))


def test_older_rows_above_the_very_first_one_move_nothing(view: MessageView) -> None:
    some = Scribe().lines(100)
    view.messages.reset(some, older=True)
    view.verticalScrollBar().setValue(0)
    assert view.messages.shape(0).day is not None
    held(view, lambda: view.messages.prepend(before(some, 50), older=True))
    assert view.messages.shape(50).day is None
    assert view.placed(50).size.lead in (4, 12)


def test_a_row_above_that_grows_moves_nothing(view: MessageView) -> None:
    some = middle_of(view)
    above = some[view.on_screen().start - 3]
    held(view, lambda: view.messages.update([replace(above, text="much longer " * 100)]))


def test_a_read_mark_that_moves_on_screen_moves_only_what_is_below(view: MessageView) -> None:
    some = middle_of(view)
    rows = view.on_screen()
    mine = next(row for row in reversed(rows) if some[row].mine)
    there = bodies(view)
    view.messages.update([read(some[mine])])
    upper = {some[row].message_id for row in range(rows.start, mine + 1)}
    now = bodies(view)
    assert {one: y for one, y in now.items() if one in upper} == {
        one: y for one, y in there.items() if one in upper and one in now
    }


def test_a_gap_above_that_is_filled_moves_nothing(view: MessageView) -> None:
    some = middle_of(view)
    gone = some[view.on_screen().start - 5].message_id
    held(view, lambda: view.messages.remove([gone]))


def test_the_line_of_unread_ones_above_moves_nothing(view: MessageView) -> None:
    some = middle_of(view)
    at = some[view.on_screen().start - 2].message_id
    held(view, lambda: view.messages.set_unread_from(at, 3))


def test_another_height_moves_nothing(view: MessageView) -> None:
    middle_of(view)
    held(view, lambda: view.resize(view.width(), 480))


@pytest.mark.parametrize("width", [900, 700, 460, 380])
def test_another_width_keeps_the_row_at_the_top(view: MessageView, width: int) -> None:
    middle_of(view)
    first, y = min(bodies(view).items(), key=lambda one: one[1])
    view.resize(width, view.height())
    row = view.messages.row_of(first)
    assert row is not None
    assert view.placed(row).body.y() + view.area(row).y() == y


def test_rows_far_away_learn_of_another_width_a_little_later(
    view: MessageView, qtbot: QtBot
) -> None:
    middle_of(view)
    view.resize(420, view.height())
    there = bodies(view)
    stale = view.strip.total
    qtbot.waitUntil(lambda: view.strip.total != stale)
    assert bodies(view) == there
    edges = {view.placed(row).body.right() for row in range(300) if view.messages.message(row).mine}
    assert edges == {420 - 24 - 1}


def test_a_full_burst_while_reading_moves_nothing(view: MessageView) -> None:
    middle_of(view, WINDOW)
    scribe = Scribe(5000)

    def burst() -> None:
        for _ in range(20):
            view.messages.append(scribe.lines(50))

    held(view, burst)
    assert view.messages.newer
    assert view.messages.rowCount() <= WINDOW + SLACK


CHANGES: list[Callable[[MessageView], None]] = [
    lambda view: view.messages.append(Scribe(5000).lines(700)),
    lambda view: view.messages.append([Scribe(5000).says(ALICE, state=State.QUEUED)]),
    lambda view: view.resize(420, 300),
    lambda view: view.messages.prepend(before([view.messages.message(0)], 50)),
    lambda view: view.messages.update(
        [replace(view.messages.message(view.messages.rowCount() - 1), text="long " * 300)]
    ),
]


@pytest.mark.parametrize("change", CHANGES)
def test_whoever_is_at_the_end_stays_there(
    view: MessageView, change: Callable[[MessageView], None]
) -> None:
    view.messages.reset(Scribe().lines(100))
    assert view.following
    change(view)
    bar = view.verticalScrollBar()
    assert view.following
    assert bar.value() == bar.maximum() > 0
    last = view.area(view.messages.rowCount() - 1)
    assert last.y() + last.height() == view.viewport().height() - view.end_margin()


def test_the_end_of_the_window_is_not_the_end_while_more_follows(view: MessageView) -> None:
    view.messages.reset(Scribe().lines(100), newer=True)
    bar = view.verticalScrollBar()
    bar.setValue(bar.maximum())
    assert not view.following
    held(view, lambda: view.messages.append(Scribe(2000).lines(50), newer=True))


def test_few_rows_begin_at_the_top(view: MessageView) -> None:
    view.messages.reset(Scribe().lines(3))
    assert view.area(0).y() == 0
    assert view.verticalScrollBar().maximum() == 0
    assert view.following


def test_rows_that_come_into_an_empty_view_know_its_width(view: MessageView) -> None:
    view.resize(500, 400)
    view.messages.append([Scribe().says(ALICE)])
    assert view.placed(0).body.right() == 500 - 24 - 1


def test_rows_that_change_their_kind_are_measured_anew(view: MessageView) -> None:
    says = Scribe().says
    card = says(BOB, kind=Kind.UNREADABLE, cause=Cause.NOT_OPENABLE)
    view.messages.reset([card, says(BOB)])
    height = view.area(0).height()
    view.messages.update([replace(card, kind=Kind.TEXT, text="There it is")])
    assert view.area(0).height() < height
    assert view.area(1).y() == view.area(0).height()
