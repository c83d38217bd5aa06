"""Every key on one page."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout

from desktop.ui import strings
from desktop.ui.context import Context
from desktop.ui.theme import Theme
from desktop.ui.widgets.dialog import Dialog
from desktop.ui.widgets.keycap import KeyCap
from desktop.ui.widgets.layout import area, card, column, row, rule
from desktop.ui.widgets.plain import Plain
from desktop.ui.widgets.scrolled import Scrolled


def key_cards(theme: Theme) -> QVBoxLayout:
    """The keys in groups, as settings and the dialog show them."""
    px = theme.px
    made = column()
    for title, keys in strings.KEY_GROUPS:
        lines = column(margins=(px(16), px(2), px(16), px(2)))
        for number, (what, pressed) in enumerate(keys):
            if number:
                lines.addWidget(rule())
            line = row(
                Plain(theme, what, "control"),
                None,
                KeyCap(theme, pressed),
                margins=(0, px(8), 0, px(8)),
            )
            lines.addLayout(line)
        made.addWidget(Plain(theme, title, "small-strong", "text_2"))
        made.addSpacing(px(8))
        made.addWidget(card(lines))
        made.addSpacing(px(20))
    return made


class KeysDialog(Dialog):
    """Ctrl+/ from anywhere."""

    def __init__(self, ctx: Context) -> None:
        super().__init__(ctx.theme, ctx.window, strings.NO_MOUSE)

        inner = key_cards(ctx.theme)
        px = ctx.theme.px
        inner.setContentsMargins(px(12), px(8), px(12), 0)
        self.keys = Scrolled(area(inner))
        self.keys.read_with_keys(strings.NO_MOUSE)
        self.body.addWidget(self.keys)
