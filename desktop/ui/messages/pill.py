"""The pill over the rows: how many are new below, and the way there."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QWidget

from desktop.ui.messages import strings
from desktop.ui.theme import Theme


class Pill(QAbstractButton):
    """ "12 new" with an arrow; without a number only the arrow."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._count = 0
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.set_count(0)

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.resize(self.sizeHint())
        self.update()

    def set_count(self, count: int) -> None:
        self._count = count
        self.setAccessibleName(strings.pill_spoken(count))
        self.resize(self.sizeHint())
        self.update()

    @property
    def count(self) -> int:
        return self._count

    def sizeHint(self) -> QSize:
        px = self._theme.px
        if not self._count:
            return QSize(px(32), px(32))
        return QSize(px(14 + 8 + 16 + 13) + self._words_width(), px(32))

    def paintEvent(self, event: QPaintEvent) -> None:
        px, colour = self._theme.px, self._theme.colour
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            box = QRectF(self.rect())
            radius = box.height() / 2
            tone = "on_accent" if self._count else "text"
            painter.setPen(Qt.PenStyle.NoPen)
            if self._count:
                painter.setBrush(colour("accent"))
            else:
                painter.setBrush(colour("hover" if self.underMouse() else "raised"))
                painter.setPen(QPen(colour("control"), 1))
                box.adjust(0.5, 0.5, -0.5, -0.5)
            painter.drawRoundedRect(box, radius, radius)
            x = (self.width() - px(16)) / 2
            if self._count:
                painter.setPen(colour(tone))
                painter.setFont(self._theme.font("control-strong"))
                words = QRectF(px(14), 0, self._words_width() + 1, self.height())
                left = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
                painter.drawText(words, left, strings.unread(self._count))
                x = px(14 + 8) + self._words_width()
            icon = self._theme.pixmap("arrow-down", 16, tone)
            painter.drawPixmap(QPointF(x, (self.height() - px(16)) / 2), icon)
            if self.hasFocus():
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.setPen(QPen(colour("text"), 2))
                painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), radius, radius)

    def _words_width(self) -> int:
        metrics = QFontMetricsF(self._theme.font("control-strong"))
        return int(metrics.horizontalAdvance(strings.unread(self._count))) + 1
