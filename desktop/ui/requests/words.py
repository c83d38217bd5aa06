"""First words in a bubble, with the time in the last line where there is room.

Law: they are text and nothing else; no address in them can be followed from here.
"""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from desktop.core.requests import Request
from desktop.ui.messages.strings import clock
from desktop.ui.messages.when import local
from desktop.ui.messages.words import right_to_left
from desktop.ui.requests import strings
from desktop.ui.theme import Theme
from desktop.ui.widgets.plain import Plain

WIDE = 560
_PAD_X, _PAD_Y, _GAP, _RADIUS, _TAIL = 12, 8, 12, 14, 4


class FirstWords(QWidget):
    """A bubble of somebody who is no contact."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.text = Plain(theme, "", "body", "bubble_in_text", wrap=True)
        self.when = Plain(theme, "", "caption", "text_2")
        for part in (self.text, self.when):
            part.setParent(self)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setMaximumWidth(theme.px(WIDE))
        theme.changed.connect(self.update)

    def show_request(self, request: Request) -> None:
        self.text.say(strings.words(request))
        self.when.say(clock(local(request.sent_ms)))
        self.updateGeometry()
        self._place()

    # Qt asks

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        px, inner = self._theme.px, self._inner(width)
        own_line = 0 if self._beside(inner) else self._theme.line("caption")
        return self.text.heightForWidth(inner) + own_line + 2 * px(_PAD_Y)

    def sizeHint(self) -> QSize:
        px = self._theme.px
        natural = self.text.sizeHint().width() + px(_GAP) + self.when.sizeHint().width()
        width = min(natural + 2 * px(_PAD_X), px(WIDE))
        return QSize(width, self.heightForWidth(width))

    def minimumSizeHint(self) -> QSize:
        return QSize(self._theme.px(120), 0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place()

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._theme.colour("bubble_in"))
            where, radius = QRectF(self.rect()), self._theme.px(_RADIUS)
            tail = self._theme.px(_TAIL)
            painter.drawRoundedRect(where, radius, radius)
            corner = QRectF(0, where.height() - 2 * radius, 2 * radius, 2 * radius)
            painter.drawRoundedRect(corner, tail, tail)

    # inside

    def _inner(self, width: int) -> int:
        return max(1, width - 2 * self._theme.px(_PAD_X))

    def _beside(self, inner: int) -> bool:
        """Whether the time has room behind the last line."""
        if right_to_left(self.text.text()):
            return False
        together = self.text.last_line(inner) + self._theme.px(_GAP) + self.when.sizeHint().width()
        return together <= inner

    def _place(self) -> None:
        px, inner = self._theme.px, self._inner(self.width())
        high = self.text.heightForWidth(inner)
        self.text.setGeometry(px(_PAD_X), px(_PAD_Y), inner, high)
        when = self.when.sizeHint()
        right, low = self.width() - px(_PAD_X), self.height() - px(_PAD_Y) + px(3)
        self.when.setGeometry(QRect(right - when.width(), low - when.height(), *when.toTuple()))
