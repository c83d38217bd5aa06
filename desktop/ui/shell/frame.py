"""The frame of the window: rail, a column, content; and what folds when it is narrow.

Law: below 760 there is room for the column or the content, and the one that was asked for is shown.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QStackedWidget, QWidget

from desktop.ui.context import Context
from desktop.ui.conversations.column import ListColumn
from desktop.ui.prefs import Prefs
from desktop.ui.shell.banners import Banners
from desktop.ui.shell.contents import Contents
from desktop.ui.shell.rail import Rail
from desktop.ui.start.cover import FOLD, LIST
from desktop.ui.widgets.buttons import RailButton
from desktop.ui.widgets.layout import column, row


class Frame(QWidget):
    """Where everything stands; who stands on it says what is shown."""

    def __init__(self, ctx: Context, prefs: Prefs) -> None:
        super().__init__()
        self._ctx = ctx
        px = ctx.theme.px
        self._list_first = True  # folded: whether the column or the content is shown
        self.rail = Rail(ctx.theme)
        self.list = ListColumn(ctx)
        self.contents = Contents(ctx, prefs)
        self._columns = QStackedWidget()
        self._columns.addWidget(self.list)
        self._columns.setFixedWidth(px(LIST))
        self.banners = Banners(ctx)
        self._right = QWidget()
        self._right.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._right.setProperty("ground", "bg")
        right = column(self.banners, self.contents)
        right.setStretch(1, 1)
        self._right.setLayout(right)
        layout = row(self.rail, self._columns, self._right)
        layout.setStretch(2, 1)
        self.setLayout(layout)

    def add_column(self, column: QWidget) -> None:
        """Of a place that has one of its own."""
        self._columns.addWidget(column)

    def place(
        self, tile: RailButton, show: Callable[[], None], column: QWidget | None = None
    ) -> None:
        """Another page of the content, which ``show`` brings there. Folded, it stands alone, or
        its own column does."""
        tile.setChecked(True)
        self._columns.setCurrentWidget(self.list if column is None else column)
        self._list_first = column is not None
        show()
        self._fold()

    def show_content(self) -> None:
        """Where there is room for one, not the column."""
        self._list_first = False
        self._fold()

    # Qt asks

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fold()

    # inside

    def _fold(self) -> None:
        """Below 760 there is room for the list or the content, not for both."""
        px = self._ctx.theme.px
        folded = self.width() < px(FOLD)
        list_shown = not folded or (self._list_first and not self.contents.shows_hello)
        list_shown = list_shown and not self.contents.rooms.shows_list
        self._columns.setVisible(list_shown)
        self._right.setVisible(not folded or not list_shown)
        self._columns.setMinimumWidth(0 if folded else px(LIST))
        self._columns.setMaximumWidth(self.width() if folded else px(LIST))
        self.contents.set_folded(folded)
