"""A menu with round corners. Its words are plain: an ampersand is an ampersand."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPoint, QRectF, Qt
from PySide6.QtGui import (
    QAction,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QRegion,
    QResizeEvent,
    QShowEvent,
)
from PySide6.QtWidgets import QMenu, QStyleOptionMenuItem, QWidget

from desktop.ui.theme import Theme
from desktop.ui.widgets.buttons import IconButton

_RADIUS = 12  # the sheet's


class Menu(QMenu):
    """Opens at a place, or under its button."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._dangerous: list[QAction] = []
        self._button = parent if isinstance(parent, MenuButton) else None
        self.setWindowFlag(Qt.WindowType.FramelessWindowHint)
        self.setWindowFlag(Qt.WindowType.NoDropShadowWindowHint)
        self.setAttribute(Qt.WidgetAttribute.WA_TranslucentBackground)

    def showEvent(self, event: QShowEvent) -> None:
        """Its right edge at the button's; the keyboard goes on from its first line."""
        button = self._button
        if button is not None:
            edge = button.mapToGlobal(QPoint(button.width() - self.width(), 0)).x()
            self.move(edge, self.y() + self._theme.px(4))
            self.setActiveAction(self.actions()[0])
        super().showEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Where nothing blends windows, the corners beside the round ones would be black."""
        super().resizeEvent(event)
        path = QPainterPath()
        path.addRoundedRect(QRectF(self.rect()), self._theme.px(_RADIUS), self._theme.px(_RADIUS))
        self.setMask(QRegion(path.toFillPolygon().toPolygon()))

    def paintEvent(self, event: QPaintEvent) -> None:
        """The round corners' pixels blend with the line's colour, not with nothing, which is black
        where windows are not blended."""
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), self._theme.colour("divider"))
        super().paintEvent(event)

    def initStyleOption(self, option: QStyleOptionMenuItem, action: QAction) -> None:
        super().initStyleOption(option, action)
        if action in self._dangerous:  # the sheet's one way to tell a line from the others
            option.menuItemType = QStyleOptionMenuItem.MenuItemType.DefaultItem

    def empty(self) -> None:
        self._dangerous.clear()
        self.clear()

    def offer(
        self, icon: str, text: str, done: Callable[[], object], *, danger: bool = False
    ) -> None:
        tone = "danger" if danger else "text_2"
        action = self.addAction(self._theme.icon(icon, 16, tone), text.replace("&", "&&"))
        action.triggered.connect(done)
        if danger:
            self._dangerous.append(action)


class MenuButton(IconButton):
    """Opens a menu, and says so to a screen reader. The menu is filled each time it opens."""

    def __init__(
        self, theme: Theme, icon: str, name: str, fill: Callable[[Menu], None], *, keys: str = ""
    ) -> None:
        super().__init__(theme, icon, name, keys=keys)
        menu = Menu(theme, self)

        def fill_anew() -> None:
            menu.empty()
            fill(menu)

        menu.aboutToShow.connect(fill_anew)
        self.setMenu(menu)
