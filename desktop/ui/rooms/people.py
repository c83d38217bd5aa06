"""Who sits in a room: roles, who is at the door, and what hosts and moderators can do.

Law: a room may have thousands; a hundred rows are shown, the others are found by name.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop.core.errors import AsideError
from desktop.core.room_facade import Rooms
from desktop.core.rooms import Act, Person, Presence, Role, Room, Undoable
from desktop.ui import strings as common
from desktop.ui.context import Context, Knocker
from desktop.ui.rooms import people_words as words
from desktop.ui.rooms import stage_words
from desktop.ui.rooms.act_icons import DANGEROUS, ICONS
from desktop.ui.rooms.reasons import ActDialog
from desktop.ui.rooms.tags import StateTag
from desktop.ui.widgets.avatar import Avatar
from desktop.ui.widgets.buttons import Button
from desktop.ui.widgets.fields import Field
from desktop.ui.widgets.layout import area, row
from desktop.ui.widgets.menu import Menu, MenuButton
from desktop.ui.widgets.notes import Empty
from desktop.ui.widgets.plain import Plain, tip
from desktop.ui.widgets.scrolled import Scrolled
from desktop.ui.widgets.states import States
from protocol.ids import SeatId

MOST = 100
_RANK = {Role.HOST: 0, Role.MODERATOR: 1, Role.GUEST: 2, Role.MEMBER: 3}


class PersonRow(QWidget):
    """48 high: face, name, one word, and a menu or the door."""

    act_wanted = Signal(object, object)  # person, Act

    def __init__(self, ctx: Context, person: Person, room: Room) -> None:
        super().__init__()
        theme, px = ctx.theme, ctx.theme.px
        self.person = person
        self._room = room
        self.room_role = room.role
        said, look = words.tag(person)
        name = words.name(person)
        self.name = Plain(theme, name, "control-medium")
        parts = row(
            Avatar(theme, 32, name, person.seat_id),
            px(12),
            self.name,
            margins=(px(16), px(8), px(8), px(8)),
        )
        if person.me:
            parts.addSpacing(px(8))
            parts.addWidget(Plain(theme, stage_words.YOU, "caption", "text_2"))
        parts.setStretch(2, 1)
        door = room.helps and person.state is Presence.AT_THE_DOOR
        if said and not door:
            parts.addSpacing(px(8))
            parts.addWidget(StateTag(theme, said, look))
        if door:
            self.let_in = Button(
                theme,
                words.LET_IN,
                "tinted",
                compact=True,
                clicked=partial(self.act_wanted.emit, person, Act.LET_IN),
            )
            self.let_in.setAccessibleName(f"{words.LET_IN} {name}")
            parts.addWidget(self.let_in)
        hosts = person.role is Role.HOST and person.name == room.host
        if room.helps and not person.me and not hosts:
            parts.addWidget(MenuButton(theme, "ellipsis", words.menu_of(person), self._offer))
        self.setLayout(parts)
        self.setAccessibleName(words.spoken(person))
        tip(self, words.until(person))
        self.setFixedHeight(px(48))

    def _offer(self, menu: Menu) -> None:
        person, host = self.person, self._room.role is Role.HOST

        def act(what: Act) -> None:
            wanted = partial(self.act_wanted.emit, person, what)
            menu.offer(ICONS[what], words.ACTS[what], wanted, danger=what in DANGEROUS)

        if person.state is Presence.REMOVED:
            act(Act.LET_BACK)
            return
        if person.state in (Presence.MUTED, Presence.TIMED_OUT):
            act(Act.UNMUTE)
        elif person.state is not Presence.AT_THE_DOOR:
            act(Act.MUTE)
            act(Act.TIME_OUT)
        if host and person.state is not Presence.AT_THE_DOOR:
            if person.role is not Role.HOST:
                act(Act.MAKE_COHOST)
            if person.role is not Role.MODERATOR:
                act(Act.MAKE_MODERATOR)
            if person.role is not Role.GUEST:
                act(Act.MAKE_GUEST)
            if person.role is not Role.MEMBER:
                act(Act.MAKE_MEMBER)
        menu.addSeparator()
        act(Act.REMOVE)
        act(Act.BAN)


class People(QWidget):
    """The list, with a field to find somebody."""

    counted = Signal(int)
    done = Signal(object)  # an Undoable

    def __init__(self, ctx: Context, rooms: Rooms) -> None:
        super().__init__()
        self._ctx, self._rooms = ctx, rooms
        theme, px = ctx.theme, ctx.theme.px
        self.room: Room | None = None
        self.people: Sequence[Person] = ()
        self._shown: tuple[tuple[Person, ...], Role] | None = None
        self.rows: dict[SeatId, PersonRow] = {}
        self.finder = Field(theme, words.FIND, hint=words.FIND, icon="search")
        self.finder.textChanged.connect(self._show)
        self._list = QVBoxLayout()
        self._list.setContentsMargins(0, 0, 0, px(8))
        self._list.setSpacing(0)
        self._more = Plain(theme, "", "small", "text_2", align="center")
        self._list.addWidget(self._more)
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
        layout.addWidget(self.states, 1)
        self._knocker = Knocker(self._read, self)

    def show_room(self, room: Room) -> None:
        before = self.room
        self.room = room
        if before is None or before.room_id != room.room_id or before.role != room.role:
            if before is None or before.room_id != room.room_id:
                self.states.begin()
            self.knock()

    def knock(self) -> None:
        self._knocker.knock()

    def act(self, person: Person, act: Act) -> None:
        """At once, or after a reason where somebody loses something."""
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

    def _acted(self, undoable: Undoable | None) -> None:
        if undoable is not None:
            self.done.emit(undoable)

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
        some = tuple(every[:MOST])
        self._empty.title.say(words.NOBODY if sought else words.EMPTY)
        self._empty.text.setVisible(not sought)
        self.states.have(some=bool(some))
        rest = len(every) - len(some)
        self._more.setVisible(rest > 0)
        self._more.say(words.and_more(rest))
        if (some, room.role) == self._shown:
            return
        self._shown = some, room.role
        old, self.rows = self.rows, {}
        for place, person in enumerate(some):
            made = old.pop(person.seat_id, None)
            if made is not None and (made.person != person or made.room_role is not room.role):
                made.deleteLater()
                made = None
            if made is None:
                made = PersonRow(self._ctx, person, room)
                made.act_wanted.connect(self.act)
            self.rows[person.seat_id] = made
            self._list.insertWidget(place, made)
            made.show()
        for gone in old.values():
            gone.deleteLater()


def _rank(person: Person) -> tuple[int, int, int, str]:
    door = person.state is not Presence.AT_THE_DOOR
    gone = person.state is Presence.REMOVED
    return int(door), int(gone), _RANK[person.role], words.name(person).casefold()
