"""How many seats: a number to type, to count up and down, or to pick."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtGui import QIntValidator, QKeyEvent, QResizeEvent

from desktop.core.doors import MOST_SEATS
from desktop.ui.rooms import door_words as words
from desktop.ui.theme import Theme
from desktop.ui.widgets.fields import Field
from desktop.ui.widgets.menu import Menu, MenuButton

_STEP = 10
_USUAL = 250


class SeatsField(Field):
    """Arrow keys count in tens; at its end the usual numbers."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, words.SEATS, text=str(_USUAL))
        self.setValidator(QIntValidator(0, MOST_SEATS, self))
        self.pick = MenuButton(theme, "chevrons-up-down", words.USUAL_SEATS, self._offer)
        self.pick.setParent(self)
        self.pick.setProperty("bar", True)
        self.setTextMargins(0, 0, theme.px(32), 0)

    @property
    def count(self) -> int | None:
        """The number, if it is one that a room can have."""
        text = self.text()
        if not (text.isascii() and text.isdecimal()):
            return None
        return int(text) if 1 <= int(text) <= MOST_SEATS else None

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Up: _STEP, Qt.Key.Key_Down: -_STEP}.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
        else:
            self._set(min(max((self.count or 0) + step, 1), MOST_SEATS))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        size = self.pick.sizeHint()
        top = (self.height() - size.height()) // 2
        self.pick.setGeometry(
            self.width() - size.width() - self.theme.px(2), top, size.width(), size.height()
        )

    # inside

    def _set(self, count: int) -> None:
        self.setText(str(count))
        self.textEdited.emit(self.text())

    def _offer(self, menu: Menu) -> None:
        for count in words.SEAT_STEPS:
            icon = "check" if count == self.count else "users-round"
            menu.offer(icon, words.seat_step(count), partial(self._set, count))
