"""What of a row's text is under the mouse. Points are measured from the row's top left."""

from __future__ import annotations

from bisect import bisect_right
from typing import NamedTuple, Protocol

from PySide6.QtCore import QPoint, QPointF
from PySide6.QtGui import QTextLayout, QTextLine

from desktop.ui.messages.typeset import Lines
from desktop.ui.messages.words import Link, Span


class Placed(Protocol):
    """A row's parts, of which only the place of its lines matters here."""

    @property
    def text(self) -> QPoint: ...


class WordSelection(NamedTuple):
    """Some words of one row; ``anchor`` is where the mouse went down."""

    message_id: bytes
    anchor: int
    cursor: int

    @property
    def span(self) -> Span:
        return Span(min(self.anchor, self.cursor), abs(self.cursor - self.anchor))


def cursor_at(lines: Lines, placed: Placed, point: QPoint) -> int:
    """The place between two characters that is nearest, in UTF-16 units."""
    inside = QPointF(point - placed.text)
    line = _line_at(lines.layout, inside.y())
    return line.xToCursor(inside.x()) if line is not None else 0


def on_text(lines: Lines, placed: Placed, point: QPoint) -> bool:
    """Whether words stand under the point."""
    inside = QPointF(point - placed.text)
    line = _line_at(lines.layout, inside.y())
    return line is not None and line.naturalTextRect().adjusted(-2, -4, 2, 4).contains(inside)


def link_at(lines: Lines, placed: Placed, point: QPoint) -> Link | None:
    """The address under the point."""
    if not lines.links or not on_text(lines, placed, point):
        return None
    inside = QPointF(point - placed.text)
    line = _line_at(lines.layout, inside.y())
    if line is None:
        return None
    at = line.xToCursor(inside.x(), QTextLine.CursorPosition.CursorOnCharacter)
    for link in lines.links:
        if link.span.start <= at < link.span.start + link.span.length:
            return link
    return None


def word_at(lines: Lines, at: int) -> Span:
    """The word around a place."""
    layout = lines.layout
    words = QTextLayout.CursorMode.SkipWords
    end = layout.nextCursorPosition(at, words)
    start = layout.previousCursorPosition(end, words)
    if start > at:
        start = layout.previousCursorPosition(at, words)
    text = layout.text().encode("utf-16-le", "surrogatepass")
    word = text[2 * start : 2 * end].decode("utf-16-le", "replace")
    return Span(start, end - start - (len(word) - len(word.rstrip())))


def _line_at(layout: QTextLayout, y: float) -> QTextLine | None:
    count = layout.lineCount()
    if not count:
        return None
    below = bisect_right(range(count), y, key=lambda number: layout.lineAt(number).y())
    line = layout.lineAt(max(0, below - 1))
    if y >= line.y() + line.height() and below < count:
        return layout.lineAt(below)
    return line
