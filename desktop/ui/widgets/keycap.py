"""A key as it is printed on a keyboard."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame

from desktop.ui.theme import Theme
from desktop.ui.widgets.layout import row
from desktop.ui.widgets.plain import Plain


class KeyCap(QFrame):
    """20 high, with the keys in it."""

    def __init__(self, theme: Theme, keys: str) -> None:
        super().__init__()
        px = theme.px
        self.setProperty("card", "key")
        label = Plain(theme, keys, "caption-medium", "text_2")
        label.setMinimumWidth(label.sizeHint().width())
        self.setLayout(row(label, margins=(px(4), 0, px(4), 0)))
        self.setFixedHeight(px(20))
