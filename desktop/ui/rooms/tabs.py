"""Tabs of a panel: a word with a count, and a line under the one that is open."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from desktop.ui.theme import Theme
from desktop.ui.widgets.badge import badge_text
from desktop.ui.widgets.buttons import Pressable
from desktop.ui.widgets.layout import row

BESIDE = 60
_ROOM = 6  # at both ends of a tab's words, for the ring that says where the keyboard is


class Tab(Pressable):
    """One of them; as high as its bar."""

    def __init__(self, theme: Theme, words: str) -> None:
        super().__init__()
        self._theme, self._words, self._count = theme, words, 0
        self.setProperty("kind", "tab")
        self.setCheckable(True)
        self.setAutoExclusive(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.say(words, 0)
        theme.changed.connect(self.update)

    def say(self, words: str, count: int) -> None:
        self._words, self._count = words, count
        self.setAccessibleName(f"{words}, {count:,}" if count else words)
        self.setFixedWidth(self.sizeHint().width())
        self.update()

    def sizeHint(self) -> QSize:
        wide = self._advance("control-strong", self._words) + 2 + 2 * self._theme.px(_ROOM)
        if self._count:
            wide += self._theme.px(8) + self._pill()
        return QSize(round(wide), self._theme.px(48))

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            theme, px, open_ = self._theme, self._theme.px, self.isChecked()
            tone = "text" if open_ or self.underMouse() else "text_2"
            painter.setFont(theme.font("control-strong" if open_ else "control-medium"))
            painter.setPen(theme.colour(tone))
            words = self._advance("control-strong", self._words)
            left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
            room = px(_ROOM)
            painter.drawText(QRectF(room + 1, 0, words + 1, self.height()), left, self._words)
            if self._count:
                top = (self.height() - px(20)) / 2
                pill = QRectF(room + words + 1 + px(8), top, self._pill(), px(20))
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(theme.colour("hover"))
                painter.drawRoundedRect(pill, px(10), px(10))
                painter.setPen(theme.colour("text_2"))
                painter.setFont(theme.font("caption-strong"))
                painter.drawText(pill, Qt.AlignmentFlag.AlignCenter, badge_text(self._count))
            if open_:
                line = QRectF(room, self.height() - px(2), self.width() - 2 * room, px(2))
                painter.fillRect(line, theme.colour("accent"))
            if self.hasFocus():
                painter.setPen(QPen(theme.colour("accent"), 2))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                ring = QRectF(self.rect()).adjusted(1, px(8), -1, -px(8))
                painter.drawRoundedRect(ring, px(8), px(8))

    def _advance(self, role: str, words: str) -> float:
        return QFontMetricsF(self._theme.font(role)).horizontalAdvance(words)

    def _pill(self) -> float:
        words = self._advance("caption-strong", badge_text(self._count))
        return max(words + 2 * self._theme.px(6), self._theme.px(20))


class Tabs(QWidget):
    """A bar of them."""

    picked = Signal(int)

    def __init__(self, theme: Theme, *words: str) -> None:
        super().__init__()
        px = theme.px
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setProperty("line", "bottom")
        self.tabs = tuple(Tab(theme, one) for one in words)
        layout = row(margins=(px(16 - _ROOM), 0, px(8), 0))
        for number, tab in enumerate(self.tabs):
            tab.clicked.connect(lambda _=False, picked=number: self.picked.emit(picked))
            layout.addWidget(tab)
        layout.addStretch(1)
        layout.setSpacing(px(20 - 2 * _ROOM))
        self.setLayout(layout)
        self._px = px
        self.set_high(48)
        self.tabs[0].setChecked(True)

    def set_high(self, high: int) -> None:
        """48 under a strip, 60 beside a header; the line below is in the 60."""
        beside = high == BESIDE
        self.setFixedHeight(self._px(high) + (0 if beside else 1))
        for tab in self.tabs:
            tab.setProperty("beside", beside)
            tab.style().unpolish(tab)
            tab.style().polish(tab)
