"""A message counts as seen only when its words are painted, whole, with nothing over them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from unittest.mock import patch

import pytest
import trio
from PySide6.QtCore import QPoint
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from desktop.demo.looking import look
from desktop.demo.person import NotSeen, Person
from desktop.demo.pixels import inked_at
from desktop.demo.sight import Box, Row, Sight, Thing
from desktop.ui.messages.painting import RowPainter
from desktop.ui.messages.view import MessageView
from desktop.ui.theme import Mode, Theme
from desktop.ui.widgets.layout import column
from tests.ui.messages.cast import BOB, NAMES, Scribe, now

WORDS = "We open at ten."


def shown_by(qtbot: QtBot, after: int = 0) -> QWidget:
    scribe = Scribe()
    view = MessageView(Theme(Mode.LIGHT), now=now, look_ms=0)
    view.messages.set_names(NAMES)
    view.messages.reset([scribe.says(BOB, WORDS), *scribe.lines(after)])
    window = QWidget()
    qtbot.addWidget(window)
    window.setLayout(column(view))
    window.resize(800, 400)
    with qtbot.waitExposed(window):
        window.show()
    window.repaint()
    return window


def nothing(*_: object) -> None:
    """What a broken view paints."""


def only_row(window: QWidget) -> Row:
    (row,) = look(window).rows
    return row


def test_painted_words_are_inked(qtbot: QtBot) -> None:
    row = only_row(shown_by(qtbot))
    assert WORDS in row.spoken
    assert (row.inked, row.whole) == (True, True)


@pytest.mark.parametrize("part", ["row", "_words"])
def test_mutant_a_view_that_paints_nothing_shows_no_ink(qtbot: QtBot, part: str) -> None:
    with patch.object(RowPainter, part, nothing):
        row = only_row(shown_by(qtbot))
    assert WORDS in row.spoken
    assert not row.inked


def test_what_lies_under_something_else_is_not_whole(qtbot: QtBot) -> None:
    window = shown_by(qtbot)
    cover = QWidget(window)
    cover.resize(window.size())
    cover.show()
    assert not only_row(window).whole


def test_what_is_scrolled_half_away_is_not_whole(qtbot: QtBot) -> None:
    window = shown_by(qtbot, after=30)
    view = window.findChild(MessageView)
    assert isinstance(view, MessageView)
    bar = view.verticalScrollBar()
    bar.setValue(0)
    assert look(window).rows[0].whole
    words = look(window).rows[0].words
    bar.setValue(view.mapFrom(window, QPoint(0, words.y)).y() + words.height // 2)
    first = look(window).rows[0]
    assert WORDS in first.spoken
    assert not first.whole


def test_ink_is_read_where_it_is_asked_for() -> None:
    image = QImage(100, 40, QImage.Format.Format_RGB32)
    image.fill(QColor("white"))
    assert not inked_at(image, Box(0, 0, 100, 40))
    for x in range(60, 90):
        image.setPixelColor(x, 20, QColor("black"))
    assert inked_at(image, Box(50, 10, 50, 20))
    assert not inked_at(image, Box(0, 0, 50, 40))
    assert not inked_at(image, Box(60, 10, 50, 20)), "half outside of the screen"


class Looks(Person):
    """Sees what it is given."""

    def __init__(self, row: Row) -> None:
        super().__init__("Bob", "", Path())
        self._row = row

    async def look(self) -> Sight:
        await trio.lowlevel.checkpoint()
        return Sight(1, "", active=True, at=Box(0, 0, 800, 600), things=(), rows=(self._row,))


def row(words: str = WORDS, *, whole: bool = True, inked: bool = True, mine: bool = False) -> Row:
    who = "You" if mine else "Alice"
    return Row(f"{who}, 19:02: {words}", Box(20, 20, 200, 21), whole, inked)


def on_screen(row: Row, window: Box) -> bool:
    return True


def off_screen(row: Row, window: Box) -> bool:
    return False


async def test_a_row_with_all_of_it_is_seen() -> None:
    assert await Looks(row()).row(WORDS, False, on_screen) == row()


@pytest.mark.parametrize(
    ("given", "screen"),
    [
        (row("Something else"), on_screen),
        (row(whole=False), on_screen),
        (row(inked=False), on_screen),
        (row(mine=True), on_screen),
        (row(), off_screen),
    ],
)
async def test_anything_less_is_not(
    given: Row, screen: Callable[[Row, Box], bool], autojump_clock: trio.testing.MockClock
) -> None:
    with pytest.raises(NotSeen, match=r"Bob did not see the message"):
        await Looks(given).row(WORDS, False, screen)


class Moves(Person):
    """Sees a button that moves a few times before it stands still, or never does."""

    def __init__(self, *tops: int) -> None:
        super().__init__("Bob", "", Path())
        self._tops = list(tops)

    async def look(self) -> Sight:
        await trio.lowlevel.checkpoint()
        top = self._tops.pop(0) if len(self._tops) > 1 else self._tops[0]
        button = Thing(
            role="Button",
            name="Add relay",
            text="",
            box=Box(20, top, 90, 32),
            enabled=True,
            checked=False,
            focused=False,
            reachable=True,
        )
        return Sight(1, "", active=True, at=Box(0, 0, 800, 600), things=(button,), rows=())


async def test_a_button_is_clicked_where_it_came_to_rest(
    autojump_clock: trio.testing.MockClock,
) -> None:
    assert (await Moves(300, 340, 374).thing("Add relay", "Button")).box.y == 374
