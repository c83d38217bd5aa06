"""The desk of a room: what waits for host and moderators, oldest first within its kind.

Laws: an item goes when the engine says that it was seen to, by whichever helper; what somebody is
about to press does not move away from under the hand.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop.core.desk import DeskId, DeskItem, Verdict
from desktop.core.errors import AsideError
from desktop.core.room_facade import Rooms
from desktop.core.rooms import Act, May, Room, Undoable
from desktop.ui import strings as common
from desktop.ui.context import Context, Knocker
from desktop.ui.rooms import desk_words as words
from desktop.ui.rooms.desk_card import DeskCard
from desktop.ui.widgets.busy import holds_focus
from desktop.ui.widgets.layout import area
from desktop.ui.widgets.notes import Empty
from desktop.ui.widgets.plain import Plain
from desktop.ui.widgets.scrolled import Scrolled
from desktop.ui.widgets.states import States

MOST = 100


class Desk(QWidget):
    """Cards, or what there is instead."""

    counted = Signal(int)
    done = Signal(object)  # an Undoable
    act_wanted = Signal(object, str, object)  # SeatId, name, Act: asks for a reason first

    def __init__(self, ctx: Context, rooms: Rooms) -> None:
        super().__init__()
        self._ctx, self._rooms = ctx, rooms
        theme, px = ctx.theme, ctx.theme.px
        self.room: Room | None = None
        self.items: Sequence[DeskItem] = ()
        self.cards: dict[DeskId, DeskCard] = {}
        self._list = QVBoxLayout()
        self._list.setContentsMargins(px(12), px(12), px(12), px(12))
        self._list.setSpacing(px(8))
        self._more = Plain(theme, "", "small", "text_2", align="center")
        self._list.addWidget(self._more)
        self._list.addStretch(1)
        self.scrolled = Scrolled(area(self._list))
        self.states = States(
            theme,
            self.scrolled,
            Empty(theme, "inbox", words.EMPTY, words.EMPTY_TEXT),
            loading=words.LOADING,
            not_read=words.NOT_READ,
        )
        self.states.retry_wanted.connect(self.knock)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.states)
        self._knocker = Knocker(self._read, self)

    def show_room(self, room: Room) -> None:
        before, self.room = self.room, room
        if before is None or before.room_id != room.room_id or before.may != room.may:
            self._forget()
            self.states.begin()
            if May.DESK in room.may:
                self.knock()

    def knock(self) -> None:
        if self.room is not None and May.DESK in self.room.may:
            self._knocker.knock()

    # inside

    def _read(self) -> None:
        if self.room is None:
            self._knocker.done()
            return
        self._ctx.ask(
            self._rooms.desk, self.room.room_id, ok=self._have, failed=self._failed, owner=self
        )

    def _have(self, items: Sequence[DeskItem]) -> None:
        self._knocker.done()
        rank = {kind: place for place, kind in enumerate(words.ORDER)}
        self.items = sorted(items, key=lambda one: (rank[one.kind], one.came_ms))
        self.counted.emit(len(items))
        self._show()

    def _failed(self, error: AsideError) -> None:
        self._knocker.done()
        self.states.fail(common.sentence(error))

    def _show(self) -> None:
        room = self.room
        if room is None:
            return
        had = holds_focus(self.scrolled)
        old, self.cards = self.cards, {}
        some = self.items[:MOST]
        for place, item in enumerate(some):
            made = old.pop(item.desk_id, None) or self._made(item, room)
            self.cards[item.desk_id] = made
            if self._list.indexOf(made) != place:
                self._list.insertWidget(place, made)
            made.show()
        for gone in old.values():
            gone.hide()
            gone.deleteLater()
        rest = len(self.items) - len(some)
        self._more.setVisible(rest > 0)
        self._more.say(f"+ {rest:,}")
        self.states.have(some=bool(some))
        if had and self.cards and not holds_focus(self.scrolled):
            next(iter(next(iter(self.cards.values())).answers.values())).setFocus()

    def _made(self, item: DeskItem, room: Room) -> DeskCard:
        made = DeskCard(self._ctx.theme, item, room)
        made.done_wanted.connect(self._done)
        made.hide_wanted.connect(self._hide)
        made.act_wanted.connect(self._act)
        return made

    def _forget(self) -> None:
        for one in self.cards.values():
            one.deleteLater()
        self.cards.clear()
        self.items = ()

    def _done(self, item: DeskItem, verdict: Verdict) -> None:
        if self.room is not None:
            self._ctx.ask(self._rooms.desk_done, self.room.room_id, item.desk_id, verdict)

    def _hide(self, item: DeskItem) -> None:
        """The entry goes from the stage, and the report from the desk when it has gone."""
        room, entry = self.room, item.entry
        if room is None or entry is None:
            return

        def hidden(undoable: Undoable | None) -> None:
            if undoable is not None:
                self.done.emit(undoable)
            self._done(item, Verdict.CLOSED)

        self._ctx.ask(
            self._rooms.room_act,
            room.room_id,
            entry.seat_id,
            Act.HIDE,
            0,
            "",
            entry.entry_id,
            ok=hidden,
            owner=self,
        )

    def _act(self, item: DeskItem, act: Act) -> None:
        if item.entry is not None:
            self.act_wanted.emit(item.entry.seat_id, item.entry.name, act)
