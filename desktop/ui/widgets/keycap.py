"""A key as it is printed on a keyboard, alone and on the button that it presses."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame

from desktop.ui.theme import Theme
from desktop.ui.widgets.buttons import Button, Kind
from desktop.ui.widgets.layout import restyle, row
from desktop.ui.widgets.plain import Plain


class KeyCap(QFrame):
    """20 high, with the keys in it; ``on_accent`` on a filled button."""

    def __init__(self, theme: Theme, keys: str) -> None:
        super().__init__()
        px = theme.px
        self._label = label = Plain(theme, keys, "caption-medium")
        self.look(on_accent=False)
        label.setMinimumWidth(label.sizeHint().width())
        self.setLayout(row(label, margins=(px(4), 0, px(4), 0)))
        self.setFixedHeight(px(20))
        self.setMinimumWidth(px(20))

    def look(self, *, on_accent: bool) -> None:
        restyle(self, "card", "key-on" if on_accent else "key")
        self._label.say(self._label.text(), tone="on_accent" if on_accent else "text_2")


class KeyButton(Button):
    """A button that names its key. Who makes it binds the key."""

    def __init__(
        self, theme: Theme, text: str, keys: str, kind: Kind, clicked: Callable[[], object]
    ) -> None:
        super().__init__(theme, text, kind, clicked=clicked)
        self._px = theme.px
        self.setProperty("keyed", True)
        self.setAccessibleDescription(keys)
        self.cap = KeyCap(theme, keys)
        self.turn(kind)
        self.cap.setParent(self)
        self.cap.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.cap.adjustSize()

    def turn(self, kind: Kind) -> None:
        """Look like another kind of button."""
        self.look(kind)
        self.cap.look(on_accent=kind == "filled")

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        right = self.width() - self._px(12)
        self.cap.move(right - self.cap.width(), (self.height() - self.cap.height()) // 2)
