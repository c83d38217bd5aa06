"""Relays: where messages wait, each with its state in words, and a field to add one."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import datetime

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from desktop.core.errors import AsideError
from desktop.core.events import Event, RelaysChanged, RelayStatus
from desktop.core.models import Relay, RelayState
from desktop.ui import strings
from desktop.ui.context import Context, Knocker
from desktop.ui.conversations.footer import tone_of
from desktop.ui.conversations.rows import local
from desktop.ui.settings.parts import Section
from desktop.ui.widgets.busy import Busy
from desktop.ui.widgets.buttons import Button
from desktop.ui.widgets.dialog import Ask
from desktop.ui.widgets.fields import Field, Problem
from desktop.ui.widgets.layout import card, column, row, rule
from desktop.ui.widgets.menu import Menu, MenuButton
from desktop.ui.widgets.notes import Dot, Empty, Tag
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
            strings.RELAYS_TEXT,
            strings.RELAY_LINK,
            strings.ADD_RELAY,
        )
        self._ctx = ctx
        px = ctx.theme.px
        self._list: QVBoxLayout = column()
        self.relays: list[RelayCard] = []
        self._note = QWidget()
        self.link = Field(ctx.theme, strings.RELAY_LINK, hint=strings.RELAY_LINK)
        self.problem = Problem(ctx.theme, self.link)
        self.go = Button(ctx.theme, strings.ADD_RELAY, "outline", clicked=self._add_relay)
        self.go.setEnabled(False)
        self._busy = Busy(self, self.link, self.go)
        self.link.textChanged.connect(self._changed)
        self.link.returnPressed.connect(self._add_relay)
        line = row(Picture(ctx.theme, "plus"), px(12), self.link, px(8), self.go)
        line.setStretch(2, 1)
        under = column(line, row(px(32), self.problem), margins=(px(16), px(12), px(12), px(12)))
        self.cards.addLayout(self._list)
        self.cards.addWidget(card(under))
        self._knocker = Knocker(self._read, self)
        self._clock = QTimer(self)
        self._clock.timeout.connect(self._tick)
        self._clock.start(_SECOND_MS)
        ctx.heard.connect(self._hear)
        self._knocker.knock()

    def _hear(self, event: Event) -> None:
        if isinstance(event, RelayStatus | RelaysChanged):
            self._knocker.knock()

    def _read(self) -> None:
        self._ctx.ask(self._ctx.facade.relay_list, ok=self._have, failed=self._not_read)

    def _not_read(self, error: AsideError) -> None:
        self._knocker.done()
        self._ctx.tell(strings.sentence(error))

    def _have(self, relays: Sequence[Relay]) -> None:
        self._knocker.done()
        if [one.relay_id for one in self.relays] == [relay.relay_id for relay in relays] != []:
            for one, relay in zip(self.relays, relays, strict=True):
                one.show_relay(relay)
            self._note.setVisible(_one_is_away(relays))
            return
        while (item := self._list.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        self.relays = [RelayCard(self._ctx, relay, place) for place, relay in enumerate(relays)]
        px = self.theme.px
        for one in self.relays:
            one.remove_wanted.connect(self._ask_remove)
            self._list.addWidget(one)
            self._list.addSpacing(px(12))
        if not relays:
            empty = Empty(self.theme, "server", strings.RELAY_NONE, strings.RELAY_NONE_TEXT)
            empty.setMinimumHeight(px(150))
            self._list.addWidget(empty)
            self._list.addSpacing(px(12))
        self._note = self._still()
        self._list.addWidget(self._note)
        self._note.setVisible(_one_is_away(relays))

    def _still(self) -> QWidget:
        px = self.theme.px
        line = row(
            px(4),
            Picture(self.theme, "info", 16),
            px(8),
            Plain(self.theme, strings.RELAYS_STILL, "small", "text_2", wrap=True),
            margins=(0, 0, 0, px(12)),
        )
        line.setStretch(3, 1)
        made = QWidget()
        made.setLayout(line)
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
        text = strings.RELAY_REMOVE_TEXT
        question = Ask(self.theme, self._ctx.window, title, text, strings.REMOVE, go, danger=True)
        question.open_dialog(question.cancel)


class RelayCard(QFrame):
    """One relay: host, state in words, what it sees and keeps."""

    remove_wanted = Signal(object)  # Relay

    def __init__(self, ctx: Context, relay: Relay, place: int) -> None:
        super().__init__()
        theme, px = ctx.theme, ctx.theme.px
        self._ctx = ctx
        self._relay = relay
        self.relay_id = relay.relay_id
        self.setProperty("card", "plain")
        self._dot = Dot(theme)
        self._state = Plain(theme, "", "small")
        self._bring = Plain(theme, "", "small", wrap=True)
        self._more = MenuButton(theme, "ellipsis", strings.MORE, self._offer)
        self.again = Button(theme, strings.TRY_NOW, "outline", compact=True, clicked=self._try)
        self._when = Plain(theme, "", "small", "text_2")
        title = row(Plain(theme, relay.host, "title"), px(8), Tag(theme, _place(place)), None)
        state = row(self._dot, px(8), self._state, px(8), self._when)
        state.setStretch(4, 1)
        head = row(column(title, px(1), state), px(8), self.again, px(8), self._more)
        head.setStretch(0, 1)
        facts = row(
            _fact(ctx, strings.RELAY_SEES, _small(ctx, strings.RELAY_SEES_TEXT)),
            px(24),
            _fact(ctx, strings.RELAY_KEEPS, _small(ctx, strings.RELAY_KEEPS_TEXT)),
            px(24),
            _fact(ctx, strings.RELAY_BRING, self._bring),
        )
        for part in (0, 2, 4):
            facts.setStretch(part, 1)
        self.setLayout(
            column(
                head,
                px(12),
                rule(),
                px(12),
                facts,
                margins=(px(20), px(14), px(16), px(16)),
            )
        )
        self.show_relay(relay)

    def show_relay(self, relay: Relay) -> None:
        """Its state now. The card stays, and with it the focus."""
        self._relay = relay
        tone, hollow = tone_of([relay])
        self._dot.show_tone(tone, hollow=hollow)
        words = {"ok": "ok", "warn": "warn", "danger": "danger"}.get(tone, "text_2")
        self._state.say(strings.relay_state(relay), tone=words)
        self._bring.say(strings.RELAY_BRING_YES if relay.may_invite else strings.RELAY_BRING_NO)
        online = relay.state is RelayState.ONLINE
        if online and self.again.hasFocus():
            self._more.setFocus(Qt.FocusReason.OtherFocusReason)
        self.again.setVisible(not online)
        self.tick()

    def tick(self) -> None:
        """Times that count down."""
        relay = self._relay
        if relay.state is RelayState.ONLINE:
            now = datetime.now().astimezone()
            self._when.say(strings.since(local(relay.since_ms), now))
        elif relay.next_try_ms is not None:
            left = round((relay.next_try_ms - time.time() * 1000) / 1000)
            self._when.say(strings.next_try(left))
        else:
            self._when.say("")

    def _try(self) -> None:
        self._ctx.ask(self._ctx.facade.nudge)

    def _offer(self, menu: Menu) -> None:
        menu.offer("refresh-cw", strings.TRY_NOW, self._try)
        menu.addSeparator()
        menu.offer("trash-2", strings.REMOVE, self._remove, danger=True)

    def _remove(self) -> None:
        self.remove_wanted.emit(self._relay)


def _place(place: int) -> str:
    return strings.RELAY_ORDER[min(place, 2)]


def _one_is_away(relays: Sequence[Relay]) -> bool:
    states = {relay.state for relay in relays}
    return RelayState.ONLINE in states and len(states) > 1


def _small(ctx: Context, text: str) -> Plain:
    return Plain(ctx.theme, text, "small", wrap=True)


def _fact(ctx: Context, title: str, text: Plain) -> QVBoxLayout:
    return column(
        Plain(ctx.theme, title, "caption-strong", "text_2", wrap=True),
        ctx.theme.px(2),
        text,
        None,
    )
