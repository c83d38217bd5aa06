"""A switch: on or off, at once. Space and Enter do what a click does."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton

from desktop.ui.theme import Theme


class Switch(QAbstractButton):
    """36 × 20, with room around it for its focus ring and a finger."""

    def __init__(self, theme: Theme, name: str, *, on: bool = False) -> None:
        super().__init__()
        self._theme = theme
        self.setCheckable(True)
        self.setChecked(on)
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFixedSize(self.sizeHint())
        theme.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(self._theme.px(44), self._theme.px(32))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            colour, px = self._theme.colour, self._theme.px
            track = QRectF(0, 0, px(36), px(20))
            track.moveCenter(QRectF(self.rect()).center())
            radius = track.height() / 2
            on = self.isChecked()
            if on:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(colour("accent"))
                painter.drawRoundedRect(track, radius, radius)
            else:
                painter.setPen(QPen(colour("control"), 1))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawRoundedRect(track.adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)
            side = px(14)
            left = track.right() - side - px(3) if on else track.left() + px(3)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour("on_accent" if on else "control"))
            painter.drawEllipse(QRectF(left, track.center().y() - side / 2, side, side))
            if self.hasFocus():
                painter.setPen(QPen(colour("accent"), 2))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawRoundedRect(track.adjusted(-3, -3, 3, 3), radius + 3, radius + 3)
