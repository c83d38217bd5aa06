"""Setting a text in lines of at most some width, and what is known of it afterwards.

Laws: what stays for every row is a few numbers (``Extent``); the lines themselves are kept only for
the rows near the screen. Of a text that nobody asked to see whole no more is set than a screen or
two, however long it is: somebody else wrote it.
"""

from __future__ import annotations

from collections import OrderedDict
from math import ceil

from msgspec import Struct
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import (
    QFont,
    QFontMetricsF,
    QTextCharFormat,
    QTextLayout,
    QTextOption,
)

from desktop.ui.messages.emoji import larger
from desktop.ui.messages.folding import LONG, beginning
from desktop.ui.messages.words import (
    Link,
    Span,
    cut,
    links,
    right_to_left,
    shown,
    units,
)

KEPT = 128
FOLDED = 40  # lines of a long text that are shown at first


class Extent(Struct, frozen=True):
    """How much room a text takes when no line is longer than ``limit``."""

    width: int
    height: int
    last: int  # the width of its last line
    baseline: int  # of its last line
    limit: int
    wrapped: bool
    rtl: bool
    part: int | None = None  # of a long text: how much of it these lines are, in UTF-16 units

    @property
    def folded(self) -> bool:
        """Whether there is more of the text than these lines."""
        return self.part is not None

    def fits(self, limit: int) -> bool:
        """Whether this is also the answer for another limit."""
        return limit == self.limit or (not self.wrapped and self.width <= limit)


class Lines(Struct, frozen=True):
    """A text set in lines, ready to be drawn."""

    layout: QTextLayout
    links: list[Link]
    extent: Extent


class Typesetter:
    """Sets texts in one font; forgets the lines of rows that were not asked for lately."""

    def __init__(self, font: QFont, line: int) -> None:
        self._font = font
        self._line = line
        self._underlined = QTextCharFormat()
        self._underlined.setFontUnderline(True)
        self._kept: OrderedDict[bytes, Lines] = OrderedDict()
        metrics = QFontMetricsF(font)
        self._ascent, self._descent = metrics.ascent(), metrics.descent()

    def measure(self, text: str, limit: int) -> Extent:
        """The room a text takes, if only the beginning of a long one is shown."""
        text, more = beginning(text)
        layout = QTextLayout(shown(text), self._font)
        layout.setFormats(larger(text, self._font.pixelSize()))
        return self._set(layout, limit, LONG, more=more)

    def lines(self, key: bytes, text: str, limit: int, part: int | None = None) -> Lines:
        """The lines themselves, from the last time if they still hold; of ``part`` of the text."""
        kept = self._kept.get(key)
        if kept is not None and (
            kept.extent.limit == limit or (not kept.extent.rtl and kept.extent.fits(limit))
        ):
            self._kept.move_to_end(key)
            return kept
        if part is not None:
            text = cut(beginning(text)[0], 0, part)
        layout = QTextLayout(shown(text), self._font)
        layout.setCacheEnabled(True)
        found = links(text)
        underlined = [mark(link.span, self._underlined) for link in found]
        layout.setFormats([*larger(text, self._font.pixelSize()), *underlined])
        made = self._kept[key] = Lines(layout, found, self._set(layout, limit))
        if len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        return made

    def forget(self, key: bytes) -> None:
        """The text under this key is another one now."""
        self._kept.pop(key, None)

    def _set(
        self, layout: QTextLayout, limit: int, most: int | None = None, *, more: bool = False
    ) -> Extent:
        """Set all lines, or so many at most: then those of a long text are its first ones.
        ``more``: the text goes on behind what the layout holds."""
        text = layout.text()
        rtl = right_to_left(text)
        option = QTextOption(Qt.AlignmentFlag.AlignRight if rtl else Qt.AlignmentFlag.AlignLeft)
        option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        option.setTextDirection(
            Qt.LayoutDirection.RightToLeft if rtl else Qt.LayoutDirection.LeftToRight
        )
        layout.setTextOption(option)
        layout.beginLayout()
        width = last = 0.0
        top = count = baseline = 0
        plain = text.isascii()  # all in one font, with its ascent
        ascent, descent = self._ascent, self._descent
        end, first = 0, None
        while count != most:
            line = layout.createLine()
            if not line.isValid():
                break
            line.setLineWidth(limit)
            # A script taller than the type's line gets a taller one; all others keep the rhythm.
            if not plain:
                ascent, descent = line.ascent(), line.descent()
            box = max(self._line, ceil(ascent + descent))
            over = max(0.0, box - max(ascent, self._ascent) - max(descent, self._descent))
            baseline = top + round(over / 2 + max(ascent, self._ascent))
            line.setPosition(QPointF(0, baseline - ascent))
            last = line.naturalTextWidth()
            width = max(width, last)
            top += box
            count += 1
            end = line.textStart() + line.textLength()
            if most is not None and count <= FOLDED:
                first = width, top, last, baseline, end
        layout.endLayout()
        part = None
        if first is not None and (more or (count == most and end < units(text))):
            width, top, last, baseline, part = first
            part -= cut(text, part - 1, part) == "\u2028"
        return Extent(
            min(ceil(width), limit),
            top,
            min(ceil(last), limit),
            baseline,
            limit,
            part is not None or count > text.count("\u2028") + 1,
            rtl,
            part,
        )


def mark(span: Span, look: QTextCharFormat) -> QTextLayout.FormatRange:
    """A stretch of a text with a look of its own."""
    made = QTextLayout.FormatRange()
    made.start, made.length = span
    made.format = look
    return made
