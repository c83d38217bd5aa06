"""A long text shows its first lines, and all of it when asked: no sender fills the screen."""

from __future__ import annotations

import time

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QMenu

from desktop.core.models import Message
from desktop.ui.messages import strings
from desktop.ui.messages.folding import LONG, beginning
from desktop.ui.messages.typeset import FOLDED
from desktop.ui.messages.view import MessageView
from tests.ui.messages.cast import ALICE, BOB, Scribe
from tests.ui.messages.hands import click, press, settle

LARGEST = 60_000  # about as much as one message may hold
FRAME_MS = 100


def show(view: MessageView, *messages: Message) -> None:
    view.messages.reset(list(messages))


def shown(view: MessageView, row: int) -> int:
    """How many lines of a row there are."""
    return view.lines(row).layout.lineCount()


def fold_point(view: MessageView, row: int) -> QPoint:
    return view.placed(row).fold.center() + QPoint(0, view.area(row).y())


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("\n".join(map(str, range(LONG))), LONG),
        ("\n".join(map(str, range(LONG + 1))), FOLDED),
        ("\n" * LARGEST + "end", FOLDED),
        ("\u2028" * (LARGEST // 3) + "end", FOLDED),
        ("a word and another " * (LARGEST // 19), FOLDED),
        ("سلام\n" * (LARGEST // 9), FOLDED),
        ("👍" * (LARGEST // 4), FOLDED),
        ("W" * LARGEST, FOLDED),
    ],
)
def test_no_text_takes_more_lines_than_a_screen_or_two(
    view: MessageView, text: str, lines: int
) -> None:
    says = Scribe().says
    for who in (ALICE, BOB):
        show(view, says(who, text))
        assert shown(view, 0) == lines
        assert (view.placed(0).fold.height() > 0) == (lines == FOLDED)
        assert lines == LONG or view.placed(0).body.contains(view.placed(0).fold)


def test_what_has_no_width_is_folded_by_its_letters(view: MessageView) -> None:
    show(view, Scribe().says(BOB, "a" + "\u0301" * 30_000))
    assert view.placed(0).extent.folded
    assert len(view.lines(0).layout.text()) < 5_000


def test_enter_shows_all_and_the_menu_less_again(view: MessageView) -> None:
    says = Scribe().says
    text = "\n".join(map(str, range(300)))
    show(view, says(BOB), says(BOB, text), says(BOB))
    view.setFocus()
    view.scroll_to(view.messages.message(1).message_id)
    name = QAccessible.Text.Name
    cell = QAccessible.queryAccessibleInterface(view).child(1)
    assert cell.text(name).endswith(f"{strings.MORE_SPOKEN}") and "\n39\n" in cell.text(name)
    assert "\n299" not in cell.text(name)
    press(view, Qt.Key.Key_Return)
    assert shown(view, 1) == 300 and not view.placed(1).extent.folded
    settle()
    assert "\n299" in QAccessible.queryAccessibleInterface(view).child(1).text(name)
    menu = view.menu(1)
    [less] = [action for action in menu.actions() if action.text() == strings.SHOW_LESS]
    less.trigger()
    assert shown(view, 1) == FOLDED
    assert labels(view.menu(1)).count(strings.SHOW_ALL) == 1
    assert strings.SHOW_ALL not in labels(view.menu(0))


def labels(menu: QMenu) -> list[str]:
    return [action.text() for action in menu.actions()]


def test_a_click_shows_all_and_what_is_read_stays_where_it_is(view: MessageView) -> None:
    says = Scribe().says
    show(view, *Scribe(0).lines(20), says(BOB, "line\n" * 200))
    top = view.area(20).y()
    click(view.viewport(), fold_point(view, 20))
    assert shown(view, 20) == 201
    assert view.area(20).y() == top and not view.following
    view.scroll_to_end()
    click(view.viewport(), fold_point(view, 20))
    assert shown(view, 20) == FOLDED
    body = view.placed(20).body.translated(0, view.area(20).y())
    assert view.viewport().rect().intersects(body), "who folded it is still at it"


def test_what_is_looked_for_is_brought_into_sight_wherever_it_stands(view: MessageView) -> None:
    says = Scribe().says
    long = "\n".join(["line"] * 150 + ["kiln"] + ["line"] * 150)
    show(view, *Scribe(0).lines(20), says(BOB, f"kiln {long}"), says(BOB, long))
    view.highlight(["kiln"])
    first, second = (view.messages.message(row).message_id for row in (20, 21))
    assert view.scroll_to(first)
    assert shown(view, 20) == FOLDED, "it stands in what is shown"
    assert view.scroll_to(second)
    assert shown(view, 21) == 301
    line = view.lines(21).layout.lineForTextPosition(long.index("kiln"))
    y = view.area(21).y() + view.placed(21).text.y() + line.y()
    assert 0 <= y <= view.viewport().height() - line.height()


def test_the_time_stands_beside_the_control_and_nothing_overlaps(view: MessageView) -> None:
    says = Scribe().says
    for text in ("line\n" * 99, "סדנה\n" * 99):
        for who in (ALICE, BOB):
            show(view, says(who, text))
            placed = view.placed(0)
            assert placed.meta is not None
            left, right = placed.meta_at.x(), placed.meta_at.x() + placed.meta.width
            assert right <= placed.fold.left() or left > placed.fold.right()
            assert placed.fold.top() <= placed.meta_at.y() <= placed.fold.bottom()
            assert placed.body.left() <= min(left, placed.fold.left())
            assert max(right, placed.fold.right()) <= placed.body.right() + 1
            assert placed.fold.height() >= 32


def test_a_copy_is_of_all_of_it(view: MessageView) -> None:
    text = "line\n" * 200
    show(view, Scribe().says(BOB, text))
    view.selectionModel().setCurrentIndex(
        view.messages.index(0), view.selectionModel().SelectionFlag.NoUpdate
    )
    assert view.selected_text() == text


def test_a_page_of_the_longest_texts_opens_and_scrolls_within_frames(view: MessageView) -> None:
    """Timed by the work of this thread, which is what other tests leave alone."""
    says = Scribe().says
    page = [says(BOB if number % 2 else ALICE, "\n" * LARGEST + "end") for number in range(50)]

    def frame(work: object) -> float:
        begin = time.thread_time()
        assert callable(work)
        work()
        view.viewport().repaint()
        return (time.thread_time() - begin) * 1000

    assert frame(lambda: view.messages.reset(page)) < 5 * FRAME_MS, "all fifty at once"
    bar = view.verticalScrollBar()
    places = range(bar.maximum(), bar.maximum() - 4000, -200)
    frames = sorted(frame(lambda place=place: bar.setValue(place)) for place in places)
    assert frames[len(frames) // 2] < FRAME_MS
    row = view.on_screen()[0]
    view.fold(row, whole=True)
    places = range(bar.value(), bar.value() + 4000, 200)
    frames = sorted(frame(lambda place=place: bar.setValue(place)) for place in places)
    assert frames[len(frames) // 2] < FRAME_MS, "also of one that is shown whole"


def test_the_beginning_is_all_of_a_short_text() -> None:
    assert beginning("short\ntext") == ("short\ntext", False)
    assert beginning("\n" * LONG) == ("\n" * LONG, False)
    assert beginning("\n" * (LONG + 1)) == ("\n" * LONG, True)
