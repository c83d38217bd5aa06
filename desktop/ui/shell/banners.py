"""Which banners stand over the content at this moment."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QWidget

from desktop.core.events import Event, RelayPractices
from desktop.core.models import Relay, RelayState, Trouble
from desktop.ui import strings
from desktop.ui.context import Context
from desktop.ui.shell import strings as words
from desktop.ui.shell.banner import Banner
from desktop.ui.widgets.layout import column

_PATIENCE_MS = 3_000  # a line that comes back at once is not worth a banner


class Banners(QWidget):
    """Not connected, not let in, a clock that is off, a relay that keeps something else now."""

    relays_wanted = Signal()

    def __init__(self, ctx: Context) -> None:
        super().__init__()
        self._ctx = ctx
        self.offline = Banner(ctx.theme, "wifi-off", strings.TRY_NOW, self._try)
        self.refused = Banner(
            ctx.theme, "triangle-alert", words.SEE_RELAYS, self.relays_wanted.emit
        )
        self.clock = Banner(ctx.theme, "clock")
        self.practices = Banner(ctx.theme, "info", words.SEE_RELAYS, self._see)
        self.setLayout(column(self.offline, self.refused, self.clock, self.practices))
        self._relays: Sequence[Relay] = ()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._say_offline)
        ctx.heard.connect(self._hear)

    def show_relays(self, relays: Sequence[Relay]) -> None:
        self._relays = relays
        states = {relay.state for relay in relays}
        refused = bool(states) and states == {RelayState.REFUSED}
        if refused:
            self.refused.tell(words.REFUSED, words.REFUSED_TEXT)
        else:
            self.refused.hide()
        offline = bool(states) and RelayState.ONLINE not in states and not refused
        if not offline:
            self._timer.stop()
            self.offline.hide()
        elif self.offline.isHidden() and not self._timer.isActive():
            self._timer.start(_PATIENCE_MS)

    def show_clock(self, ahead_ms: int) -> None:
        if ahead_ms:
            self.clock.tell(*words.clock_wrong(ahead_ms))
        else:
            self.clock.hide()

    def _say_offline(self) -> None:
        proxy = {relay.trouble for relay in self._relays} == {Trouble.PROXY}
        self.offline.tell(words.OFFLINE, words.OFFLINE_PROXY if proxy else words.OFFLINE_TEXT)

    def _hear(self, event: Event) -> None:
        if isinstance(event, RelayPractices) and event.changed:
            hosts = [one.host for one in self._relays if one.relay_id == event.relay_id]
            self.practices.tell(*words.practices_changed(next(iter(hosts), "")))

    def _see(self) -> None:
        self.practices.hide()
        self.relays_wanted.emit()

    def _try(self) -> None:
        self._ctx.ask(self._ctx.facade.nudge)
