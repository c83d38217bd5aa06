"""A line over the content for what concerns everything: not connected, or a clock that is off."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QFrame

from desktop.ui.theme import Theme
from desktop.ui.widgets.buttons import Button
from desktop.ui.widgets.layout import column, row
from desktop.ui.widgets.plain import Picture, Plain


class Banner(QFrame):
    """An icon, a sentence, and one thing to do about it."""

    def __init__(
        self, theme: Theme, icon: str, action: str = "", clicked: Callable[[], object] | None = None
    ) -> None:
        super().__init__()
        px = theme.px
        self.setProperty("card", "banner-warn")
        self.words = Plain(theme, "", "small", wrap=True)
        layout = row(
            Picture(theme, icon, 20, "warn"),
            px(12),
            column(None, self.words, None),
            margins=(px(20), px(8), px(12), px(8)),
        )
        layout.setStretch(2, 1)
        self.action: Button | None = None
        if clicked is not None:
            self.action = Button(theme, action, "outline", compact=True, clicked=clicked)
            layout.addSpacing(px(12))
            layout.addWidget(self.action)
        self.setLayout(layout)
        self.hide()

    def tell(self, lead: str, text: str) -> None:
        self.words.say(text, lead=lead)
        self.setAccessibleName(f"{lead} {text}")
        self.show()
