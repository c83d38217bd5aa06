"""Who sits in a room: roles, who is at the door, who is out, and what can be done about it.

Laws: a room may have thousands; a hundred rows are shown, the others are found by name; who was put
out stands in a group of their own below, with why and by whom.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop.core.errors import AsideError
from desktop.core.room_errors import SeatUnknown
from desktop.core.room_facade import Rooms
from desktop.core.room_rights import may_act
from desktop.core.rooms import Act, May, Person, Presence, Role, Room, Undoable
from desktop.ui import strings as common
from desktop.ui.context import Context, Knocker
from desktop.ui.rooms import people_words as words
from desktop.ui.rooms.door_line import DoorLine
from desktop.ui.rooms.person_row import PersonRow
from desktop.ui.rooms.reasons import ActDialog
from desktop.ui.rooms.roles import RoleDialog
from desktop.ui.widgets.busy import holds_focus
from desktop.ui.widgets.dialog import Ask
from desktop.ui.widgets.fields import Field
from desktop.ui.widgets.layout import area, row
from desktop.ui.widgets.notes import Empty
from desktop.ui.widgets.plain import Plain
from desktop.ui.widgets.scrolled import Scrolled
from desktop.ui.widgets.states import States
from protocol.ids import SeatId

MOST = 100
MOST_OUT = 50
_RANK = {Role.HOST: 0, Role.MODERATOR: 1, Role.GUEST: 2, Role.MEMBER: 3}


class People(QWidget):
    """The list, with a field to find somebody."""

    counted = Signal(int)
    done = Signal(object)  # an Undoable

    def __init__(self, ctx: Context, rooms: Rooms, now_ms: Callable[[], int]) -> None:
        super().__init__()
        self._ctx, self._rooms, self._now_ms = ctx, rooms, now_ms
        theme, px = ctx.theme, ctx.theme.px
        self.room: Room | None = None
        self.people: Sequence[Person] = ()
        self._shown: tuple[tuple[Person, ...], tuple[May, ...]] | None = None
        self.rows: dict[SeatId, PersonRow] = {}
        self.finder = Field(theme, words.FIND, hint=words.FIND, icon="search")
        self.finder.textChanged.connect(self._show)
        down = QShortcut(QKeySequence("Down"), self.finder)
        down.setContext(Qt.ShortcutContext.WidgetShortcut)
        down.activated.connect(lambda: self._walk(None, 1))
        self._list = QVBoxLayout()
        self._list.setContentsMargins(0, 0, 0, px(8))
        self._list.setSpacing(0)
        self._more = Plain(theme, "", "small", "text_2", align="center")
        self.out = Plain(theme, "", "caption-strong", "text_2")
        self._out_head = area(row(self.out, margins=(px(16), px(16), px(16), px(4))))
        self._here, self._gone = QVBoxLayout(), QVBoxLayout()
        self._list.addLayout(self._here)
        self._list.addWidget(self._more)
        self._list.addWidget(self._out_head)
        self._list.addLayout(self._gone)
        self._list.addStretch(1)
        self.scrolled = Scrolled(area(self._list))
        self._empty = Empty(theme, "users-round", words.EMPTY, words.EMPTY_TEXT)
        self.states = States(
            theme, self.scrolled, self._empty, loading=words.LOADING, not_read=words.NOT_READ
        )
        self.states.retry_wanted.connect(self.knock)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(row(self.finder, margins=(px(12), px(12), px(12), px(8))))
        self.door = DoorLine(theme)
        self.door.all_wanted.connect(self._ask_all)
        layout.addWidget(self.door)
        layout.addWidget(self.states, 1)
        self._knocker = Knocker(self._read, self)

    def show_room(self, room: Room) -> None:
        before = self.room
        self.room = room
        if before is None or before.room_id != room.room_id or before.may != room.may:
            if before is None or before.room_id != room.room_id:
                self.states.begin()
            self.knock()

    def knock(self) -> None:
        self._knocker.knock()

    def look_again(self) -> None:
        """What was for a time may be over, though nobody did anything."""
        now = self._now_ms()
        ends = ((one.until_ms, one.role_until_ms) for one in self.people)
        if any(end is not None and end <= now for both in ends for end in both):
            self.knock()

    def act(self, person: Person, act: Act) -> None:
        """At once, or after a dialog where it takes more: a reason, a length, what they may."""
        if act in words.ASKS and act not in words.ACT_TEXT:
            RoleDialog(
                self._ctx,
                act,
                person.name,
                partial(self._give_part, person.seat_id),
                may=person.may,
            ).open()
        else:
            self.act_on(person.seat_id, person.name, act)

    def act_on(self, seat: SeatId, name: str, act: Act) -> None:
        room = self.room
        if room is None:
            return

        def go(seconds: int = 0, reason: str = "") -> None:
            self._ctx.ask(
                self._rooms.room_act,
                room.room_id,
                seat,
                act,
                seconds,
                reason,
                ok=self._acted,
                owner=self,
            )

        if act in words.ACT_TEXT:
            dialog = ActDialog(self._ctx, act, name, room.way, go)
            dialog.open_dialog(dialog.reason)
        else:
            go()

    # inside

    def _give_part(
        self, seat: SeatId, act: Act, seconds: int, reason: str, may: tuple[May, ...]
    ) -> None:
        if self.room is not None:
            covers = may if act is Act.MAKE_MODERATOR else None
            self._ctx.ask(
                self._rooms.room_act,
                self.room.room_id,
                seat,
                act,
                seconds,
                reason,
                None,
                covers,
                ok=self._acted,
                owner=self,
            )

    def _acted(self, undoable: Undoable | None) -> None:
        if undoable is not None:
            self.done.emit(undoable)

    def _waiting(self) -> list[SeatId]:
        return [one.seat_id for one in self.people if one.state is Presence.AT_THE_DOOR]

    def _ask_all(self) -> None:
        """Once, and then whoever stood there when it was asked."""
        room, seats = self.room, tuple(self._waiting())
        if room is None or not seats:
            return

        async def open_to_all() -> None:
            for seat in seats:
                with suppress(SeatUnknown):  # gone meanwhile
                    await self._rooms.room_act(room.room_id, seat, Act.LET_IN)

        question = Ask(
            self._ctx.theme,
            self._ctx.window,
            words.let_all(len(seats)),
            words.LET_ALL_TEXT,
            words.LET_ALL_IN,
            lambda: self._ctx.ask(open_to_all, owner=self),
        )
        question.open_dialog(question.action)

    def _read(self) -> None:
        if self.room is None:
            self._knocker.done()
            return
        self._ctx.ask(
            self._rooms.people, self.room.room_id, ok=self._have, failed=self._failed, owner=self
        )

    def _have(self, people: Sequence[Person]) -> None:
        self._knocker.done()
        self.states.known = True
        self.people = people
        self.counted.emit(sum(one.state is not Presence.REMOVED for one in people))
        self._show()

    def _failed(self, error: AsideError) -> None:
        self._knocker.done()
        self.states.fail(common.sentence(error))

    def _show(self) -> None:
        room, sought = self.room, self.finder.text().strip().casefold()
        if room is None or not self.states.known:
            return
        every = sorted(
            (one for one in self.people if sought in words.name(one).casefold()), key=_rank
        )
        here = [one for one in every if one.state is not Presence.REMOVED]
        out = [one for one in every if one.state is Presence.REMOVED]
        some = (*here[:MOST], *out[:MOST_OUT])
        self._empty.title.say(words.NOBODY if sought else words.EMPTY)
        self._empty.text.setVisible(not sought)
        self.states.have(some=bool(some))
        rest = len(here) - MOST
        self._more.setVisible(rest > 0)
        self._more.say(words.and_more(rest))
        self.door.show_count(len(self._waiting()), may=may_act(room, Act.LET_IN))
        self._out_head.setVisible(bool(out))
        self.out.say(words.out(len(out)))
        if (some, room.may) != self._shown:
            self._shown = some, room.may
            self._fill(room, some)

    def _fill(self, room: Room, some: Iterable[Person]) -> None:
        """Rows that say the same stay; the keyboard stays with whom it was."""
        held = next((seat for seat, one in self.rows.items() if holds_focus(one)), None)
        old, self.rows = self.rows, {}
        places = {False: 0, True: 0}
        for person in some:
            made = old.pop(person.seat_id, None)
            if made is not None and (made.person != person or made.may != room.may):
                made.deleteLater()
                made.hide()
                made = None
            if made is None:
                made = PersonRow(self._ctx, person, room, self._now_ms())
                made.act_wanted.connect(self.act)
                made.walked.connect(self._walk)
            self.rows[person.seat_id] = made
            gone = person.state is Presence.REMOVED
            (self._gone if gone else self._here).insertWidget(places[gone], made)
            places[gone] += 1
            made.show()
        for left in old.values():
            left.hide()
            left.deleteLater()
        self._stop_at(held)
        if held is not None and not (held in self.rows and self.rows[held].take_focus()):
            self.finder.setFocus()

    def _pressable(self) -> list[PersonRow]:
        return [one for one in self.rows.values() if one.buttons]

    def _stop_at(self, seat: SeatId | None) -> None:
        """Tab stops at one of the rows, which the arrow keys change."""
        rows = self._pressable()
        here = next((one for one in rows if one.person.seat_id == seat), rows[0] if rows else None)
        for one in rows:
            one.stop_here(one is here)

    def _walk(self, row: PersonRow | None, step: int) -> None:
        rows = self._pressable()
        at = rows.index(row) + step if row in rows else 0
        if 0 <= at < len(rows):
            self._stop_at(rows[at].person.seat_id)
            rows[at].take_focus()
            self.scrolled.ensureWidgetVisible(rows[at], 0, 0)
        elif at < 0:
            self.finder.setFocus(Qt.FocusReason.OtherFocusReason)


def _rank(person: Person) -> tuple[int, int, str]:
    door = person.state is not Presence.AT_THE_DOOR
    return int(door), _RANK[person.role], words.name(person).casefold()
