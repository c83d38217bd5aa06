"""The line under the list: how the relays are doing, in words."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from desktop.core.models import Relay, RelayState
from desktop.ui.context import Context
from desktop.ui.conversations import strings as words
from desktop.ui.widgets.layout import row
from desktop.ui.widgets.notes import Dot
from desktop.ui.widgets.plain import Plain


class Footer(QWidget):
    """44 high, with a line above."""

    def __init__(self, ctx: Context) -> None:
        super().__init__()
        theme, px = ctx.theme, ctx.theme.px
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setProperty("line", "top")
        self._dot = Dot(theme, "control", hollow=True)
        self.words = Plain(theme, words.NO_RELAY_FOOTER, "caption", "text_2")
        layout = row(self._dot, px(8), self.words, margins=(px(20), 0, px(12), 0))
        layout.setStretch(2, 1)
        self.setLayout(layout)
        self.setFixedHeight(px(44))

    def show_relays(self, relays: Sequence[Relay]) -> None:
        self.words.say(words.relay_footer(relays))
        tone, hollow = tone_of(relays)
        self._dot.show_tone(tone, hollow=hollow)


def tone_of(relays: Sequence[Relay]) -> tuple[str, bool]:
    states = {relay.state for relay in relays}
    if not states:
        return "control", True
    if states == {RelayState.ONLINE}:
        return "ok", False
    if states == {RelayState.REFUSED}:
        return "danger", False
    if RelayState.ONLINE not in states and RelayState.CONNECTING in states:
        return "control", True
    return "warn", False
