"""What stands in the composer's place while a contact is blocked."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from desktop.ui.context import Context
from desktop.ui.conversation import strings as words
from desktop.ui.widgets.buttons import Button
from desktop.ui.widgets.layout import column, row
from desktop.ui.widgets.plain import Picture, Plain


class Blocked(QWidget):
    """Says so, and offers the way back."""

    unblock_wanted = Signal()

    def __init__(self, ctx: Context) -> None:
        super().__init__()
        theme, px = ctx.theme, ctx.theme.px
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setProperty("ground", "bg")
        self.setProperty("line", "top")
        self._words = Plain(theme, "", "small", "text_2", wrap=True, lead_tone="text")
        self.unblock = Button(theme, words.UNBLOCK, "outline", clicked=self.unblock_wanted.emit)
        line = row(
            Picture(theme, "ban", 20),
            px(12),
            column(None, self._words, None),
            px(16),
            column(None, self.unblock, None),
            margins=(px(20), px(14), px(16), px(14)),
        )
        line.setStretch(2, 1)
        self.setLayout(line)
        self.hide()

    def show_name(self, name: str) -> None:
        lead = words.blocked_lead(name)
        self._words.say(words.BLOCKED_TEXT, lead=lead)
        self.setAccessibleName(f"{lead} {words.BLOCKED_TEXT}")
