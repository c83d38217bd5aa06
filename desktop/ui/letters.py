"""A text in its own direction, cut at its own end, and light letters as regular as dark ones.

FreeType thickens small letters of fonts in the CFF format, as those of Chinese, Japanese and Korean
often are, and Qt blends them with a gamma that takes the weight away again from dark letters but
adds to light ones: white on a blue bubble they are bold. Large letters are not thickened. So light
ones of such fonts are drawn from a larger size, made small again.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from itertools import pairwise

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import (
    QBrush,
    QColor,
    QFont,
    QFontMetricsF,
    QGlyphRun,
    QPainter,
    QRawFont,
    QTextCharFormat,
    QTextLayout,
    QTextOption,
)

_FIRST = "\u1100"  # below this no script is commonly set in such a font
_BREAK = "\u2028"
_CFF = b"\x00\x00\x50\x00"  # how the table maxp begins
_TIMES = 4
_ENDLESS = 100_000
_LIGHT = 0x80
_NOTHING = QColor(0, 0, 0, 0)

Marked = QTextLayout.FormatRange

# One larger font for each, kept: its letters are rendered once. None where there is no need.
_larger: dict[tuple[str, str, int, float], QRawFont | None] = {}


def at(edge: Qt.AlignmentFlag) -> QTextOption:
    """How a text is set: at this edge whatever its direction, which is that of its first letter.

    Otherwise what ends a line, an ellipsis before all, would stand at its right in every script.
    """
    option = QTextOption(edge | Qt.AlignmentFlag.AlignAbsolute)
    option.setTextDirection(Qt.LayoutDirection.LayoutDirectionAuto)
    return option


def one_line(
    text: str, font: QFont, room: float, looks: Callable[[str, int], list[Marked]] | None = None
) -> QTextLayout:
    """A text in one line, with an ellipsis where it has no more room.

    ``looks``: what of it has another size, asked with the text as it is shown and its own size.
    """
    layout = _one_line(text, font, room, looks)
    over = layout.lineAt(0).naturalTextWidth() - room
    if over > 0 and layout.formats():
        return _one_line(text, font, room - over, looks)
    return layout


def _one_line(
    text: str, font: QFont, room: float, looks: Callable[[str, int], list[Marked]] | None
) -> QTextLayout:
    shown = QFontMetricsF(font).elidedText(text, Qt.TextElideMode.ElideRight, max(0.0, room))
    layout = QTextLayout(shown, font)
    if looks is not None:
        layout.setFormats(looks(shown, font.pixelSize()))
    option = at(Qt.AlignmentFlag.AlignLeft)
    option.setWrapMode(QTextOption.WrapMode.NoWrap)
    layout.setTextOption(option)
    layout.beginLayout()
    layout.createLine().setLineWidth(_ENDLESS)
    layout.endLayout()
    return layout


def as_they_are(text: str) -> bool:
    """Whether Qt itself draws all letters of a text well."""
    return max(text.replace(_BREAK, ""), default="") < _FIRST


def draw(
    painter: QPainter,
    layout: QTextLayout,
    at: QPointF,
    screen: QRectF | None = None,
    marked: Sequence[Marked] = (),
    *,
    text: str | None = None,
) -> None:
    """What ``layout.draw`` does, in the painter's pen; what is off ``screen`` may be left out.

    ``text`` where the layout is a document's, which does not tell.
    """
    text = layout.text() if text is None else text
    if as_they_are(text):
        layout.draw(painter, at, list(marked), screen or QRectF())
        return
    _draw_grounds(painter, layout, at, screen or QRectF(), marked)
    pen = painter.pen()
    first, last = _seen(layout, at, screen)
    colours = _colours([*layout.formats(), *marked], first, last)
    # Runs do not know the colours of formats: one colour after the other.
    places = sorted({first, last, *(place for start, end, _ in colours for place in (start, end))})
    for start, end in pairwise(places):
        over = (colour for begin, stop, colour in reversed(colours) if begin <= start < stop)
        colour = next(over, pen.color())
        painter.setPen(colour)
        for run in layout.glyphRuns(start, end - start):
            font = _larger_of(run.rawFont()) if colour.lightness() > _LIGHT else None
            if font is None:
                painter.drawGlyphRun(at, run)
            else:
                _draw_larger(painter, run, font, at)
    painter.setPen(pen)


def _seen(layout: QTextLayout, at: QPointF, screen: QRectF | None) -> tuple[int, int]:
    """The stretch of a layout's text whose lines are on the screen."""
    lines = range(layout.lineCount())
    if not lines:
        return 0, 0
    first, last = 0, lines.stop
    if screen is not None:
        top, bottom = screen.top() - at.y(), screen.bottom() - at.y()
        # A line more on both sides: letters may stand out of theirs.
        first = max(0, bisect_right(lines, top, key=lambda one: layout.lineAt(one).y()) - 2)
        last = bisect_right(lines, bottom, key=lambda one: layout.lineAt(one).y()) + 1
    end = layout.lineAt(min(last, lines.stop) - 1)
    return layout.lineAt(first).textStart(), end.textStart() + end.textLength()


def _colours(looks: Sequence[Marked], first: int, last: int) -> list[tuple[int, int, QColor]]:
    """The stretches between two places that have a colour of their own, the upper ones last."""
    found: list[tuple[int, int, QColor]] = []
    for look in looks:
        start, end = max(first, look.start), min(last, look.start + look.length)
        brush = look.format.foreground() if start < end else QBrush()
        if brush.style() is not Qt.BrushStyle.NoBrush:
            found.append((start, end, brush.color()))
    return found


def _draw_grounds(
    painter: QPainter, layout: QTextLayout, at: QPointF, screen: QRectF, marked: Sequence[Marked]
) -> None:
    """The grounds alone, under letters that are not there."""
    grounds: list[Marked] = []
    for one in marked:
        if one.format.background().style() is not Qt.BrushStyle.NoBrush:
            ground = Marked()
            ground.start, ground.length = one.start, one.length
            ground.format = QTextCharFormat(one.format)
            ground.format.setForeground(_NOTHING)
            grounds.append(ground)
    if grounds:
        painter.save()
        painter.setPen(_NOTHING)
        layout.draw(painter, at, grounds, screen)
        painter.restore()


def _draw_larger(painter: QPainter, run: QGlyphRun, font: QRawFont, at: QPointF) -> None:
    run.setRawFont(font)
    run.setPositions([place * _TIMES for place in run.positions()])
    painter.save()
    painter.translate(at)
    painter.scale(1 / _TIMES, 1 / _TIMES)
    painter.drawGlyphRun(QPointF(), run)
    painter.restore()


def _larger_of(font: QRawFont) -> QRawFont | None:
    key = (font.familyName(), font.styleName(), font.weight(), font.pixelSize())
    if key not in _larger:
        _larger[key] = None
        if font.fontTable("maxp").data()[:4] == _CFF:
            larger = QRawFont(font)
            larger.setPixelSize(font.pixelSize() * _TIMES)
            _larger[key] = larger
    return _larger[key]
