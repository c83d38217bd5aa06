"""On which relay of mine a room is to live, and whether that one answers at the moment.

Laws: one relay is no choice and is only named; which one was taken stays taken while their states
change; that none answers is said before anybody waits for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QWidget

from desktop.core.errors import AsideError
from desktop.core.events import Event, RelaysChanged, RelayStatus
from desktop.core.models import Relay, RelayState
from desktop.ui.context import Context, Knocker
from desktop.ui.rooms import door_words as words
from desktop.ui.settings.strings import relay_state
from desktop.ui.widgets.buttons import Button
from desktop.ui.widgets.layout import area, column, row
from desktop.ui.widgets.notes import Note
from desktop.ui.widgets.plain import Plain
from desktop.ui.widgets.radio import Radio, choice
from protocol.ids import Fingerprint


class WhereRoom(QWidget):
    """A choice of several. ``away`` says that the one that is taken does not answer, ``missing``
    what to do without any; both stand where the dialog wants them."""

    changed = Signal()  # another one is taken, or its state is another one
    add_wanted = Signal()  # there is none yet

    def __init__(self, ctx: Context) -> None:
        super().__init__()
        self._ctx = ctx
        theme, px = ctx.theme, ctx.theme.px
        self.relays: Sequence[Relay] = ()
        self.radios: dict[Fingerprint, Radio] = {}
        self._taken: Fingerprint | None = None
        self._frame: QFrame | None = None
        self.title = Plain(theme, words.WHERE, "small-strong")
        self._place = column()
        self.away = Note(theme, "wifi-off", "", "")
        self.none = Note(theme, "server", "", words.NO_RELAY)
        self.add = Button(
            theme, words.ADD_RELAY, "tinted", icon="plus", clicked=self.add_wanted.emit
        )
        self.missing = area(column(self.none, px(8), row(self.add, None), px(16)))
        self.setLayout(column(px(14), self.title, px(5), self._place))
        for one in (self, self.away, self.missing):
            one.hide()
        self._knocker = Knocker(self._read, self)
        ctx.heard.connect(self._hear)
        self._knocker.knock()

    @property
    def relay(self) -> Relay | None:
        """The one that is taken."""
        return next((one for one in self.relays if one.relay_id == self._taken), None)

    # inside

    def _hear(self, event: Event) -> None:
        if isinstance(event, RelayStatus | RelaysChanged):
            self._knocker.knock()

    def _read(self) -> None:
        self._ctx.ask(self._ctx.facade.relay_list, ok=self._have, failed=self._failed, owner=self)

    def _failed(self, error: AsideError) -> None:
        self._knocker.done()

    def _have(self, relays: Sequence[Relay]) -> None:
        self._knocker.done()
        if list(self.radios) != [one.relay_id for one in relays]:
            self._offer(relays)
        self.relays = relays
        if self.relay is None:
            there = [one for one in relays if one.state is RelayState.ONLINE]
            first = next(iter((*there, *relays)), None)
            self._taken = None if first is None else first.relay_id
        for one in relays:
            self.radios[one.relay_id].tell(one.host, relay_state(one))
            self.radios[one.relay_id].setChecked(one.relay_id == self._taken)
        self._tell()

    def _offer(self, relays: Sequence[Relay]) -> None:
        if self._frame is not None:
            self._place.removeWidget(self._frame)
            self._frame.hide()
            self._frame.deleteLater()
        self.radios = {one.relay_id: Radio(self._ctx.theme, one.host, "") for one in relays}
        several = len(relays) > 1
        self._frame = choice(self._ctx.theme, *self.radios.values()) if relays else None
        if self._frame is not None:
            self._place.addWidget(self._frame)
        self.setVisible(several)
        for relay_id, radio in self.radios.items():
            radio.toggled.connect(partial(self._toggled, relay_id))

    def _toggled(self, relay_id: Fingerprint, on: bool) -> None:
        if on and relay_id != self._taken and self.relay is not None:
            self._taken = relay_id
            self._tell()

    def _tell(self) -> None:
        relay, some = self.relay, len(self.relays)
        self.missing.setVisible(not some)
        away = relay is not None and relay.state is not RelayState.ONLINE
        if relay is not None and away:
            self.away.words.say(words.relay_away(relay, others=some > 1))
        self.away.setVisible(away)
        self.changed.emit()
