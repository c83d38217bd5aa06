"""Relays: where messages wait, each with its state in words, and a field to add one."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop.core.errors import AsideError
from desktop.core.events import Event, RelayPractices, RelaysChanged, RelayStatus
from desktop.core.models import Relay, RelayState
from desktop.core.proxy import ProxyShown
from desktop.ui import strings
from desktop.ui.context import Context, Knocker
from desktop.ui.settings import strings as words
from desktop.ui.settings.moving import MoveDialog
from desktop.ui.settings.parts import Section
from desktop.ui.settings.relay_card import RelayCard, order_after
from desktop.ui.widgets.busy import Busy
from desktop.ui.widgets.buttons import Button
from desktop.ui.widgets.dialog import Ask
from desktop.ui.widgets.fields import Field, Problem, announce
from desktop.ui.widgets.layout import card, column, row
from desktop.ui.widgets.notes import Empty
from desktop.ui.widgets.plain import Picture, Plain
from protocol.ids import Fingerprint

_SECOND_MS = 1_000


class Relays(Section):
    """Up to three, in the order people try them."""

    kept_waits = Signal()  # a relay was added, and an invitation had waited for one

    def __init__(self, ctx: Context) -> None:
        super().__init__(
            ctx.theme,
            strings.SET_RELAYS,
            words.RELAYS_TEXT,
            words.RELAY_LINK,
            strings.ADD_RELAY,
        )
        self._ctx = ctx
        px = ctx.theme.px
        self._list: QVBoxLayout = column()
        self._list.setSpacing(px(12))
        self.relays: list[RelayCard] = []
        self._known: Sequence[Relay] = ()
        self._empty = Empty(ctx.theme, "server", words.RELAY_NONE, words.RELAY_NONE_TEXT)
        self._empty.setMinimumHeight(px(150))
        self._empty.hide()
        self._still = self._line("info", words.RELAYS_STILL)
        self._shut = self._line("triangle-alert", words.NONE_CARRIES)
        self.both_ends = self._second()
        self.link = Field(ctx.theme, words.RELAY_LINK, hint=words.RELAY_LINK)
        self.problem = Problem(ctx.theme, self.link)
        self.go = Button(ctx.theme, strings.ADD_RELAY, "outline", clicked=self._add_relay)
        self.go.setEnabled(False)
        self._busy = Busy(self, self.link, self.go)
        self.link.textChanged.connect(self._changed)
        self.link.returnPressed.connect(self._add_relay)
        line = row(Picture(ctx.theme, "plus"), px(12), self.link, px(8), self.go)
        line.setStretch(2, 1)
        under = column(line, row(px(32), self.problem), margins=(px(16), px(12), px(12), px(12)))
        self.cards.addWidget(card(under))  # made first: whoever comes here begins at the field
        for place, part in enumerate((self._empty, self._still, self._shut, self.both_ends)):
            self.cards.insertWidget(place, part)
        self.cards.insertLayout(0, self._list)
        self.cards.insertSpacing(1, px(12))
        self._knocker = Knocker(self._read, self)
        self._clock = QTimer(self)
        self._clock.timeout.connect(self._tick)
        self._clock.start(_SECOND_MS)
        ctx.heard.connect(self._hear)
        self._knocker.knock()

    def _hear(self, event: Event) -> None:
        if isinstance(event, RelayStatus | RelaysChanged):
            self._knocker.knock()
        elif isinstance(event, RelayPractices):
            for one in self.relays:
                if one.relay_id == event.relay_id:
                    one.read_practices()

    def _read(self) -> None:
        self._ctx.ask(self._ctx.facade.relay_list, ok=self._have, failed=self._not_read)

    def _not_read(self, error: AsideError) -> None:
        self._knocker.done()
        self._ctx.tell(strings.sentence(error))

    def _have(self, relays: Sequence[Relay]) -> None:
        self._knocker.done()
        self._known = relays
        cards = {one.relay_id: one for one in self.relays}
        for gone in set(cards) - {relay.relay_id for relay in relays}:
            card_ = cards.pop(gone)
            self._list.removeWidget(card_)
            card_.hide()
            card_.deleteLater()
        self.relays = [cards.get(relay.relay_id) or self._card(relay) for relay in relays]
        for place, (one, relay) in enumerate(zip(self.relays, relays, strict=True)):
            if self._list.indexOf(one) != place:
                # The card stays the same one, and so the focus stays where it is.
                self._list.removeWidget(one)
                self._list.insertWidget(place, one)
            one.show_relay(relay)
            one.show_place(place, len(relays))
        self._empty.setVisible(not relays)
        self._still.setVisible(_one_is_away(relays))
        self._shut.setVisible(_none_carries(relays))
        self.both_ends.setVisible(len(relays) == 1)
        following = [stop for one in self.relays for stop in one.stops] + [self.second, self.link]
        for stop, then in pairwise(following):
            QWidget.setTabOrder(stop, then)
        self._ctx.ask(self._ctx.facade.proxy_show, ok=self._have_proxy)

    def _have_proxy(self, proxy: ProxyShown | None) -> None:
        for one in self.relays:
            one.show_proxied(proxy is not None)

    def _card(self, relay: Relay) -> RelayCard:
        made = RelayCard(self._ctx, relay)
        made.remove_wanted.connect(self._ask_remove)
        made.move_wanted.connect(self._ask_move)
        made.place_wanted.connect(self._order)
        self._list.addWidget(made)
        return made

    def _order(self, relay: Relay, step: int) -> None:
        order = order_after(self._known, relay, step)
        if order is None:
            return
        place = words.RELAY_ORDER[[one.relay_id for one in order].index(relay.relay_id)]
        self._known = order  # a key that is held comes faster than the list does
        self._ctx.ask(
            self._ctx.facade.relay_order,
            [one.relay_id for one in order],
            failed=self._not_ordered,
        )
        announce(self, words.now_at(relay.host, place))

    def _not_ordered(self, error: AsideError) -> None:
        self._ctx.tell(strings.sentence(error))
        self._knocker.knock()

    def _ask_move(self, relay: Relay) -> None:
        dialog = MoveDialog(self._ctx, relay)
        dialog.open_dialog(dialog.field)

    def _begin_second(self) -> None:
        self.link.setFocus(Qt.FocusReason.OtherFocusReason)

    def _line(self, icon: str, text: str) -> QWidget:
        px = self.theme.px
        line = row(
            px(4),
            column(Picture(self.theme, icon, 16), None),
            px(8),
            Plain(self.theme, text, "small", "text_2", wrap=True),
            margins=(0, 0, 0, px(12)),
        )
        line.setStretch(3, 1)
        made = QWidget()
        made.setLayout(line)
        made.hide()
        return made

    def _second(self) -> QWidget:
        """What one relay for both people could do, and what helps."""
        px = self.theme.px
        said = Plain(
            self.theme, words.BOTH_ENDS_TEXT, "small", "text_2", wrap=True, lead=words.BOTH_ENDS
        )
        self.second = Button(
            self.theme, words.ADD_SECOND, "tinted", compact=True, clicked=self._begin_second
        )
        line = row(
            column(Picture(self.theme, "info", 20), None),
            px(12),
            said,
            px(16),
            column(None, self.second, None),
            margins=(px(16), px(12), px(12), px(12)),
        )
        line.setStretch(2, 1)
        made = QWidget()
        made.setLayout(column(card(line), px(12)))
        made.hide()
        return made

    def _tick(self) -> None:
        if self.isVisible():
            for one in self.relays:
                one.tick()

    def _changed(self, text: str) -> None:
        self.go.setEnabled(bool(text.strip()))

    def _add_relay(self) -> None:
        link = self.link.text().strip()
        if link and self.go.isEnabled():
            self._busy.begin()
            self._ctx.ask(self._ctx.facade.relay_add, link, ok=self._added, failed=self._refused)

    def _added(self, relay_id: Fingerprint) -> None:
        self._busy.end(self.link)
        self.link.clear()
        self._ctx.tell(strings.RELAY_ADDED)
        self._ctx.ask(self._ctx.facade.kept_link, ok=self._have_kept)

    def _have_kept(self, link: str | None) -> None:
        if link is not None:
            self.kept_waits.emit()

    def _refused(self, error: AsideError) -> None:
        self._busy.end(self.link)
        self.problem.tell(strings.sentence(error))

    def _ask_remove(self, relay: Relay) -> None:
        def go() -> None:
            self.link.setFocus(Qt.FocusReason.OtherFocusReason)  # its card goes
            self._ctx.ask(self._ctx.facade.relay_remove, relay.relay_id)

        title = strings.remove_title(relay.host)
        text = words.REMOVE_ONE if len(self._known) > 1 else words.REMOVE_LAST
        question = Ask(self.theme, self._ctx.window, title, text, strings.REMOVE, go, danger=True)
        question.open_dialog(question.cancel)


def _one_is_away(relays: Sequence[Relay]) -> bool:
    states = {relay.state for relay in relays}
    return RelayState.ONLINE in states and len(states) > 1


def _none_carries(relays: Sequence[Relay]) -> bool:
    return bool(relays) and not any(relay.carries for relay in relays)
