"""The only label: text as it was typed, never markup, at the design's line heights.

Law: Qt guesses at markup in labels and tool tips and would open files it names. This module is
the only one that touches either, and it tells Qt not to guess.
"""

from __future__ import annotations

from html import escape
from typing import Literal

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import (
    QFontMetricsF,
    QPainter,
    QPaintEvent,
    QPixmap,
    QTextCharFormat,
    QTextLayout,
    QTextOption,
)
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from desktop.ui.letters import at, draw
from desktop.ui.theme import Theme

Align = Literal["left", "center", "right"]
_ALIGN = {
    "left": Qt.AlignmentFlag.AlignLeft,
    "center": Qt.AlignmentFlag.AlignHCenter,
    "right": Qt.AlignmentFlag.AlignRight,
}
_ENDLESS = 1_000_000.0
_MEMO = 6


class Plain(QLabel):
    """One text in a type role and a tone. One line with an ellipsis, or several with ``wrap``."""

    def __init__(
        self,
        theme: Theme,
        text: str = "",
        role: str = "body",
        tone: str = "text",
        *,
        wrap: bool = False,
        align: Align = "left",
        lead: str = "",
        lead_tone: str | None = None,
    ) -> None:
        super().__init__()
        self._theme = theme
        self._role = role
        self._tone = tone
        self._align = align
        self._lead = lead
        self._lead_tone = lead_tone
        self._memo: dict[float, QTextLayout] = {}
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setFont(theme.font(role))
        self.setWordWrap(wrap)
        policy = self.sizePolicy()
        policy.setHorizontalPolicy(QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(wrap)
        self.setSizePolicy(policy)
        self.say(text, lead=lead)
        theme.changed.connect(self._recolour)

    def say(self, text: str, *, lead: str = "", tone: str | None = None) -> None:
        """Another text; ``lead`` are its first words, in semibold."""
        said = f"{lead} {text}".strip() if lead else text
        if (said, lead, tone or self._tone) == (self.text(), self._lead, self._tone):
            return  # said again with every letter typed; the page need not be laid out for it
        self._lead = lead
        if tone is not None:
            self._tone = tone
        self.setText(said)
        self._memo.clear()
        self.updateGeometry()
        self.update()

    def set_lead_tone(self, tone: str | None) -> None:
        self._lead_tone = tone
        self._recolour()

    def _recolour(self) -> None:
        self._memo.clear()
        self.update()

    def last_line(self, width: int) -> int:
        """How wide its last line is at this width."""
        laid = self._laid_out(width)
        return round(laid.lineAt(laid.lineCount() - 1).naturalTextWidth() + 0.5)

    # Qt asks

    def hasHeightForWidth(self) -> bool:
        return self.wordWrap()

    def heightForWidth(self, width: int) -> int:
        return self._line() * max(1, self._laid_out(width).lineCount())

    def sizeHint(self) -> QSize:
        natural = self._laid_out(_ENDLESS)
        width = max(
            (natural.lineAt(n).naturalTextWidth() for n in range(natural.lineCount())), default=0.0
        )
        wide = int(width) + 2
        if self.wordWrap():
            wide = min(wide, self._theme.px(520))
            return QSize(wide, self.heightForWidth(wide))
        return QSize(wide, self._line())

    def minimumSizeHint(self) -> QSize:
        least = self._theme.px(80) if self.wordWrap() else self._theme.px(16)
        return QSize(min(least, self.sizeHint().width()), self._line())

    def paintEvent(self, event: QPaintEvent) -> None:
        text = self.text()
        if not text:
            return
        with QPainter(self) as painter:
            painter.setPen(self._theme.colour(self._tone))
            laid = self._laid_out(self.width())
            height = self._line() * laid.lineCount()
            top = 0.0 if self.wordWrap() else (self.height() - height) / 2
            draw(painter, laid, QPointF(0, top))

    # inside

    def _line(self) -> int:
        return self._theme.line(self._role)

    def _laid_out(self, width: float) -> QTextLayout:
        """Laying out asks for the same few widths again and again."""
        if width not in self._memo:
            if len(self._memo) > _MEMO:
                self._memo.clear()
            self._memo[width] = self._lay_out(width)
        return self._memo[width]

    def _lay_out(self, width: float) -> QTextLayout:
        text = self.text()
        if not self.wordWrap():
            text = " ".join(text.split("\n"))
            if width < _ENDLESS:
                metrics = QFontMetricsF(self.font())
                if metrics.horizontalAdvance(text) > width:
                    text = metrics.elidedText(text, Qt.TextElideMode.ElideRight, width)
        laid = QTextLayout(text.replace("\n", "\u2028"), self.font())
        option = at(_ALIGN[self._align])
        option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        laid.setTextOption(option)
        laid.setFormats(self._formats())
        line_height = self._line()
        laid.beginLayout()
        count = 0
        while (line := laid.createLine()).isValid():
            line.setLineWidth(width)
            line.setPosition(QPointF(0, count * line_height + (line_height - line.height()) / 2))
            count += 1
            if not self.wordWrap():
                break
        laid.endLayout()
        return laid

    def _formats(self) -> list[QTextLayout.FormatRange]:
        if not self._lead:
            return []
        span = QTextLayout.FormatRange()
        span.start, span.length = 0, len(self._lead.encode("utf-16-le")) // 2
        look = QTextCharFormat()
        look.setFontWeight(600)
        if self._lead_tone:
            look.setForeground(self._theme.colour(self._lead_tone))
        span.format = look
        return [span]


class Picture(QLabel):
    """A drawn thing with a name for those who cannot see it, or none if it says nothing new."""

    def __init__(self, theme: Theme, icon: str, size: int = 20, tone: str = "text_2") -> None:
        super().__init__()
        self._theme = theme
        self._icon = icon
        self._size = size
        self._tone = tone
        self.setFixedSize(theme.px(size), theme.px(size))
        theme.changed.connect(self.update)

    def show_icon(self, icon: str, tone: str | None = None) -> None:
        self._icon = icon
        if tone is not None:
            self._tone = tone
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            drawn = self._drawn()
            side = self._theme.px(self._size)
            where = QRectF((self.width() - side) / 2, (self.height() - side) / 2, side, side)
            painter.drawPixmap(where, drawn, QRectF(drawn.rect()))

    def _drawn(self) -> QPixmap:
        return self._theme.pixmap(self._icon, self._size, self._tone)


class Mark(Picture):
    """Aside's own sign."""

    def __init__(self, theme: Theme, size: int, ground: str = "bg") -> None:
        super().__init__(theme, "", size)
        self._ground = ground

    def _drawn(self) -> QPixmap:
        return self._theme.mark(self._size, self._ground)


def tip(widget: QWidget, text: str, keys: str = "") -> None:
    """A tool tip: the text as it is, with the keys that do the same."""
    said = f"{text} ({keys})" if keys else text
    widget.setToolTip(f"<qt>{escape(said)}</qt>" if said else "")
