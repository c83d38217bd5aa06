"""How many wait at a room's door, and one button for all of them.

Law: it is there only where more than one waits, for who may open.
"""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from desktop.ui.rooms import people_words as words
from desktop.ui.theme import Theme
from desktop.ui.widgets.buttons import Button
from desktop.ui.widgets.layout import row
from desktop.ui.widgets.plain import Plain


class DoorLine(QWidget):
    """44 high, over the list of people."""

    all_wanted = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        px = theme.px
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.said = Plain(theme, "", "small-strong")
        self.all = Button(
            theme, words.LET_ALL_IN, "tinted", compact=True, clicked=self.all_wanted.emit
        )
        line = row(self.said, self.all, margins=(px(16), 0, px(12), px(8)))
        line.setStretch(0, 1)
        self.setLayout(line)
        self.hide()

    def show_count(self, count: int, *, may: bool) -> None:
        self.said.say(words.at_the_door(count))
        self.all.setAccessibleName(f"{words.LET_ALL_IN}: {words.at_the_door(count)}")
        self.setVisible(may and count > 1)
