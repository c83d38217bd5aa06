"""A menu with round corners. Its words are plain: an ampersand is an ampersand."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPoint, QRectF, Qt
from PySide6.QtGui import QPainterPath, QRegion, QResizeEvent
from PySide6.QtWidgets import QMenu, QWidget

from desktop.ui.theme import Theme

_RADIUS = 12  # the sheet's


class Menu(QMenu):
    """Opens under a button."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setWindowFlag(Qt.WindowType.FramelessWindowHint)
        self.setWindowFlag(Qt.WindowType.NoDropShadowWindowHint)
        self.setAttribute(Qt.WidgetAttribute.WA_TranslucentBackground)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Where nothing blends windows, the corners beside the round ones would be black."""
        super().resizeEvent(event)
        path = QPainterPath()
        path.addRoundedRect(QRectF(self.rect()), self._theme.px(_RADIUS), self._theme.px(_RADIUS))
        self.setMask(QRegion(path.toFillPolygon().toPolygon()))

    def offer(
        self, icon: str, text: str, done: Callable[[], object], *, danger: bool = False
    ) -> None:
        tone = "danger" if danger else "text_2"
        action = self.addAction(self._theme.icon(icon, 16, tone), text.replace("&", "&&"))
        action.triggered.connect(done)

    def open_under(self, button: QWidget) -> None:
        """Below the button, its right edge at the button's."""
        self.ensurePolished()
        width = self.sizeHint().width()
        corner = button.mapToGlobal(QPoint(button.width() - width, button.height() + 4))
        self.popup(corner)
        first = next(iter(self.actions()), None)
        if first is not None:
            self.setActiveAction(first)
