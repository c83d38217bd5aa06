"""A question's votes as a button: given once, and not taken back."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen

from desktop.ui.rooms import board_words
from desktop.ui.theme import Theme
from desktop.ui.widgets.buttons import Pressable


class VoteButton(Pressable):
    """44 × 60: outline while free, tinted once given, a thin line where voting is over."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._count, self._given, self._open = 0, False, True
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setProperty("kind", "vote")
        self.setFixedSize(self.sizeHint())
        theme.changed.connect(self.update)

    def show_votes(self, count: int, *, given: bool, free: bool) -> None:
        self._count, self._given, self._open = count, given, free and not given
        self.setEnabled(self._open)
        hand = Qt.CursorShape.PointingHandCursor if self._open else Qt.CursorShape.ArrowCursor
        self.setCursor(hand)
        self.setAccessibleName(board_words.vote_spoken(count, given=given, free=free))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(self._theme.px(44), self._theme.px(60))

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            colour, px = self._theme.colour, self._theme.px
            box = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
            line = "accent" if self._given else "control" if self._open else "divider"
            ground = "selected" if self._given else ""
            if self._open and self.underMouse():
                ground = "hover"
            tone = "accent" if self._given else "text" if self._open else "text_2"
            width = 1
            if self.hasFocus():
                line, width = "accent", 2
                box.adjust(0.5, 0.5, -0.5, -0.5)
            painter.setPen(QPen(colour(line), width))
            painter.setBrush(colour(ground) if ground else Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(box, px(10), px(10))
            drawn = self._theme.pixmap("chevron-up", 16, tone)
            side = px(16)
            arrow = QRectF((self.width() - side) / 2, px(11), side, side)
            painter.drawPixmap(arrow, drawn, QRectF(drawn.rect()))
            painter.setFont(self._theme.font("small-strong"))
            painter.setPen(colour(tone))
            words = QRectF(0, px(28), self.width(), px(22))
            painter.drawText(words, Qt.AlignmentFlag.AlignCenter, f"{self._count:,}")
