"""That somebody wants to write: a line above the conversations that leads to the requests."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from desktop.ui.conversations import strings as words
from desktop.ui.theme import Theme
from desktop.ui.widgets.buttons import Pressable
from desktop.ui.widgets.layout import row
from desktop.ui.widgets.plain import Picture, Plain


class RequestBanner(Pressable):
    """44 high; not there while nobody asks."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        px = theme.px
        self.setProperty("kind", "banner")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.words = Plain(theme, "", "control-medium")
        layout = row(
            Picture(theme, "user-round-plus", 20, "accent"),
            px(12),
            self.words,
            px(8),
            Picture(theme, "chevron-right", 16),
            margins=(px(12), 0, px(12), 0),
        )
        layout.setStretch(2, 1)
        self.setLayout(layout)
        for child in self.findChildren(QWidget):
            child.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def show_count(self, count: int) -> None:
        said = words.want_to_write(count)
        self.words.say(said)
        self.setAccessibleName(said)
        self.setVisible(bool(count))
