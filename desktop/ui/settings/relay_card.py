"""One relay of mine: its state in words, its place among the others, what it keeps."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import datetime
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QBoxLayout, QFrame, QVBoxLayout, QWidget

from desktop.core.models import Relay, RelayState
from desktop.core.practices import Practices
from desktop.ui import strings
from desktop.ui.context import Context
from desktop.ui.conversations.footer import tone_of
from desktop.ui.conversations.rows import local
from desktop.ui.settings import strings as words
from desktop.ui.settings.kept import strings as kept
from desktop.ui.settings.kept.dialog import PracticesDialog
from desktop.ui.widgets.busy import give_focus
from desktop.ui.widgets.buttons import Button, IconButton
from desktop.ui.widgets.layout import column, row, rule
from desktop.ui.widgets.menu import Menu, MenuButton
from desktop.ui.widgets.notes import Dot, Note, Tag
from desktop.ui.widgets.plain import Plain

_KEYS = {"Ctrl+Shift+Up": -1, "Ctrl+Shift+Down": 1}


class RelayCard(QFrame):
    """Host and state above, what it sees and keeps below. Its place changes by its two arrows, or
    by Ctrl+Shift+Up and Down anywhere in it."""

    remove_wanted = Signal(object)  # Relay
    move_wanted = Signal(object)  # Relay
    place_wanted = Signal(object, int)  # Relay, -1 for up or 1 for down

    def __init__(self, ctx: Context, relay: Relay) -> None:
        super().__init__()
        theme, px = ctx.theme, ctx.theme.px
        self._ctx = ctx
        self._relay = relay
        self._practices: Practices | None = None
        self._several = False
        self.relay_id = relay.relay_id
        self.setProperty("card", "plain")
        self._host = Plain(theme, relay.host, "title")
        self.tag = Tag(theme, words.RELAY_ORDER[0])
        self._dot = Dot(theme)
        self._state = Plain(theme, "", "small")
        self._when = Plain(theme, "", "small", "text_2")
        self.up = self._arrow("chevron-up", words.MOVE_UP, "Ctrl+Shift+↑", -1)
        self.down = self._arrow("chevron-down", words.MOVE_DOWN, "Ctrl+Shift+↓", 1)
        self.again = Button(theme, strings.TRY_NOW, "outline", compact=True, clicked=self._try)
        self.more = MenuButton(theme, "ellipsis", words.MORE, self._offer)
        self._title = row(self._host, self.tag, None)
        self._title.setAlignment(
            self.tag, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        )
        # First as it is highest: what is laid out before its width is known cuts nothing then.
        self._stand_tag(wide=False)
        state = row(self._dot, px(8), self._state, px(8), self._when)
        state.setStretch(4, 1)
        head = row(
            column(self._title, px(1), state),
            px(8),
            self.again,
            px(4),
            self.up,
            self.down,
            self.more,
        )
        head.setStretch(0, 1)
        self._keeps = Plain(theme, "", "small", wrap=True)
        self._who = Plain(theme, "", "small", wrap=True)
        self._sees = Plain(theme, words.RELAY_SEES_TEXT, "small", wrap=True)
        self._facts = row(
            _fact(ctx, words.RELAY_SEES, self._sees),
            _fact(ctx, words.RELAY_KEEPS, self._keeps),
            _fact(ctx, words.WHO_RUNS_IT, self._who),
        )
        for part in range(3):
            self._facts.setStretch(part, 1)
        self.changed = Note(theme, "triangle-alert", "", "")
        self._gap = QWidget()
        self._gap.setFixedHeight(px(10))
        self.all = Button(theme, kept.ALL_IT_KEEPS, "tinted", compact=True, clicked=self._show_all)
        self._all = row(self.all, None)
        self.setLayout(
            column(
                head,
                px(12),
                rule(),
                px(12),
                self._facts,
                px(12),
                self.changed,
                self._gap,
                self._all,
                margins=(px(20), px(14), px(16), px(14)),
            )
        )
        for keys, step in _KEYS.items():
            # A shortcut, because a button takes the arrows to go on to the next one.
            shortcut = QShortcut(QKeySequence(keys), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(partial(self._place_wanted, step))
        self.show_relay(relay)
        self._show_practices()
        self.read_practices()

    def show_relay(self, relay: Relay) -> None:
        """Its state now. The card stays, and with it the focus."""
        self._relay = relay
        self._host.say(relay.host)
        self.setAccessibleName(f"{relay.host}, {words.relay_state(relay)}")
        tone, hollow = tone_of([relay])
        self._dot.show_tone(tone, hollow=hollow)
        tones = {"ok": "ok", "warn": "warn", "danger": "danger"}.get(tone, "text_2")
        self._state.say(words.relay_state(relay), tone=tones)
        self._who.say(words.who_runs(self._practices, relay))
        online = relay.state is RelayState.ONLINE
        if online and self.again.hasFocus():
            self.more.setFocus(Qt.FocusReason.OtherFocusReason)
        self.again.setVisible(not online)
        self.tick()

    def show_place(self, place: int, count: int) -> None:
        """Which of how many it is; an arrow that leads nowhere rests."""
        self.tag.say(words.RELAY_ORDER[min(place, 2)])
        self._several = count > 1
        self.tag.setVisible(self._several)
        for arrow, other, free in (
            (self.up, self.down, place > 0),
            (self.down, self.up, place < count - 1),
        ):
            had = arrow.hasFocus()
            arrow.setVisible(count > 1)
            arrow.setEnabled(free)
            if had and not free and not give_focus(other):
                give_focus(self.more)

    def show_proxied(self, proxied: bool) -> None:
        """Whether it sees this computer's address, or a proxy's."""
        self._sees.say(words.SEES_PROXY if proxied else words.RELAY_SEES_TEXT)

    @property
    def stops(self) -> list[QWidget]:
        """Where Tab stops in it, in the order of reading."""
        return [self.again, self.up, self.down, self.more, self.all]

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_tag()
        self._fit_facts()

    def _fit_facts(self) -> None:
        """Beside each other, or below where a column would be a few letters wide."""
        px, way = self._ctx.theme.px, QBoxLayout.Direction
        wide = self.width() >= px(440)
        self._facts.setDirection(way.LeftToRight if wide else way.TopToBottom)
        self._facts.setSpacing(px(24 if wide else 8))

    def _fit_tag(self) -> None:
        """Beside the host, or above it where there is little room."""
        self._stand_tag(wide=self.width() >= self._ctx.theme.px(480))

    def _stand_tag(self, *, wide: bool) -> None:
        way = QBoxLayout.Direction
        self._title.setDirection(way.LeftToRight if wide else way.BottomToTop)
        self._title.setSpacing(self._ctx.theme.px(8 if wide else 2))

    def tick(self) -> None:
        """Times that count down."""
        relay = self._relay
        if relay.state is RelayState.ONLINE:
            now = datetime.now().astimezone()
            said = words.since(local(relay.since_ms), now)
            self._when.say(said if relay.carries else f"{said} · {words.CARRIES_NOTHING}")
        elif relay.next_try_ms is not None:
            left = round((relay.next_try_ms - time.time() * 1000) / 1000)
            self._when.say(words.next_try(left))
        else:
            self._when.say("")

    def read_practices(self) -> None:
        """What it keeps may have been heard, or have changed."""
        self._ctx.ask(
            self._ctx.facade.relay_practices, self.relay_id, ok=self._have, failed=self._gone
        )

    # inside

    def _arrow(self, icon: str, name: str, keys: str, step: int) -> IconButton:
        return IconButton(
            self._ctx.theme,
            icon,
            name,
            keys=keys,
            off="divider",
            clicked=partial(self._place_wanted, step),
        )

    def _place_wanted(self, step: int, *_: object) -> None:
        self.place_wanted.emit(self._relay, step)

    def _have(self, practices: Practices | None) -> None:
        self._practices = practices
        self._show_practices()

    def _gone(self, _: Exception) -> None:
        """It was removed meanwhile: so will this card be."""

    def _show_practices(self) -> None:
        found = self._practices
        self._keeps.say(kept.keeps(found))
        self._who.say(words.who_runs(found, self._relay))
        self.all.setVisible(found is not None and found.now is not None)
        news = kept.news(found)
        self.changed.setVisible(news is not None)
        self._gap.setVisible(news is not None)
        if news is not None:
            self.changed.words.say(news[1], lead=news[0])

    def _show_all(self) -> None:
        if self._practices is not None and self._practices.now is not None:
            dialog = PracticesDialog(self._ctx, self._relay.host, self._practices)
            dialog.open_dialog(dialog.list)

    def _try(self) -> None:
        self._ctx.ask(self._ctx.facade.nudge)

    def _offer(self, menu: Menu) -> None:
        menu.offer("refresh-cw", strings.TRY_NOW, self._try)
        menu.offer("arrow-right", words.NEW_ADDRESS, lambda: self.move_wanted.emit(self._relay))
        menu.addSeparator()
        menu.offer("trash-2", strings.REMOVE, self._remove, danger=True)

    def _remove(self) -> None:
        self.remove_wanted.emit(self._relay)


def order_after(relays: Sequence[Relay], relay: Relay, step: int) -> list[Relay] | None:
    """The order once this one has moved by a step; None where it leads nowhere."""
    order = list(relays)
    at = [one.relay_id for one in order].index(relay.relay_id)
    if not 0 <= at + step < len(order):
        return None
    order[at], order[at + step] = order[at + step], order[at]
    return order


def _fact(ctx: Context, title: str, text: Plain) -> QVBoxLayout:
    return column(
        Plain(ctx.theme, title, "caption-strong", "text_2", wrap=True),
        ctx.theme.px(2),
        text,
        None,
    )
