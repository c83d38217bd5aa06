"""What a room is about, and its house rules."""

from __future__ import annotations

from desktop.core.rooms import Room
from desktop.core.texts import harmless, harmless_name
from desktop.ui.context import Context
from desktop.ui.rooms import strings
from desktop.ui.widgets.dialog import Dialog
from desktop.ui.widgets.layout import area, column
from desktop.ui.widgets.plain import Plain
from desktop.ui.widgets.scrolled import Scrolled


class AboutDialog(Dialog):
    """What a room is about, and what was accepted on entering."""

    def __init__(self, ctx: Context, room: Room) -> None:
        super().__init__(ctx.theme, ctx.window, harmless_name(room.title))
        theme, px = ctx.theme, ctx.theme.px
        words = column(margins=(0, 0, px(12), 0))
        rules = harmless(room.rules) or strings.NO_RULES
        for title, text in ((strings.WHAT, harmless(room.about)), (strings.RULES, rules)):
            if text:
                words.addWidget(Plain(theme, title, "small-strong", "text_2"))
                words.addSpacing(px(4))
                words.addWidget(Plain(theme, text, "body", wrap=True))
                words.addSpacing(px(16))
        words.addStretch(1)
        scrolled = Scrolled(area(words))
        scrolled.read_with_keys(strings.ABOUT)
        self.body.addWidget(scrolled)
