"""Who sits in a room: told by its relay in pages, kept up with what it says of comings and goings.

Law: the relay's word is shown and decides nothing; a name is somebody's who has the room's key, if
it opens under it.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from sqlcipher3 import Connection

from desktop.core.room_facade import PeopleChanged, RoomChanged, RoomsChanged
from desktop.core.rooms import Person, Presence, Role
from desktop.engine.doorbell import Doorbell
from desktop.engine.ground import Bell, Ground, Said
from desktop.engine.lines.line import Line
from desktop.engine.rooms import roles
from desktop.store.rooms import epochs, grants, people, rooms
from desktop.store.rooms.people import KeptPerson
from desktop.store.rooms.rooms import KeptRoom
from protocol.e2e.rooms import stage
from protocol.e2e.rooms.pseudonyms import imitates
from protocol.errors import BadPadding, Damaged
from protocol.ids import SeatId
from protocol.wire.frames import Refused
from protocol.wire.frames.rooms import (
    MAX_SEAT_ROWS,
    SeatRow,
    SeatsChanged,
    SeatState,
    ShowSeats,
)

MOST_ASKED = 512
"""Whoever only listens wants no list of ten thousand; who helps, and orders, gets all."""

MOST_SHOWN = 1_000
NEWCOMER_MS = 5 * 60_000
_STATES = {
    SeatState.HERE: Presence.HERE,
    SeatState.WAITING: Presence.AT_THE_DOOR,
    SeatState.REMOVED: Presence.REMOVED,
    SeatState.BANNED: Presence.REMOVED,
    SeatState.REFUSED: Presence.REMOVED,
}


class People:
    """Keeps one room's list while I sit in it."""

    def __init__(self, ground: Ground, row: int, line: Line) -> None:
        self._ground = ground
        self._row = row
        self._line = line
        self._bell = Doorbell()
        self._came: set[SeatId] = set()
        self._went: set[SeatId] = set()
        self._count: tuple[int, int] | None = None
        self._all = True

    def hear(self, notice: SeatsChanged) -> None:
        """Somebody came or went; the list follows."""
        self._went = (self._went | set(notice.went)) - set(notice.came)
        self._came = (self._came | set(notice.came)) - set(notice.went)
        self._count = (notice.seats, notice.waiting)
        self._all |= notice.more
        self._bell.ring()

    async def run(self) -> None:
        """Raises LineLost."""
        await self._fetch(ShowSeats(call=self._line.call(), granted=True))
        while True:
            came, went, count = self._came, self._went, self._count
            self._came, self._went, self._count = set(), set(), None
            if went or count is not None:
                await self._ground.do(partial(self._left, went=went, count=count))
            if self._all:
                self._all = False
                await self._fetch_all()
            else:
                for some in _portions(sorted(came)):
                    await self._fetch(ShowSeats(call=self._line.call(), named=some))
            await self._bell.wait()

    async def _fetch_all(self) -> None:
        after, known = b"", 0
        while True:
            shown = await self._fetch(ShowSeats(call=self._line.call(), after=after))
            if not shown:
                return
            known, after = known + len(shown), shown[-1].seat
            room = await self._ground.vault.read(lambda db: rooms.get(db, self._row))
            if known >= MOST_ASKED and room.key is None and room.grant is None:
                return

    async def _fetch(self, asked: ShowSeats) -> Sequence[SeatRow]:
        """A page; nothing when there are no more."""
        shown = await self._line.ask(asked)
        if isinstance(shown, Refused):
            return ()
        now = self._ground.now()
        await self._ground.do(lambda db, said: self._told(db, said, shown.seats, now))
        return shown.seats if shown.more else ()

    def _told(self, db: Connection, said: Said, rows: Sequence[SeatRow], now: int) -> None:
        told(db, said, rooms.get(db, self._row), rows, now)

    def _left(
        self, db: Connection, said: Said, went: set[SeatId], count: tuple[int, int] | None
    ) -> None:
        room = rooms.get(db, self._row)
        people.went(db, self._row, went)
        if count is not None and count != (room.people, room.waiting):
            rooms.put(db, self._row, people=count[0], waiting=count[1])
            said.events.append(RoomsChanged())
        said.events += (RoomChanged(room.room_id), PeopleChanged(room.room_id))
        said.bells.add(Bell.ROOMS)  # who stands in for an absent host may be another one


def told(db: Connection, said: Said, room: KeptRoom, rows: Sequence[SeatRow], now: int) -> None:
    """So the relay says they stand."""
    del now
    for row in rows:
        if row.grant is not None:
            grants.learn(db, room.row, room.room_id, row.grant)
        name = _name(db, room, row)
        person = KeptPerson(
            row.seat, name, row.name, bool(name), row.state, row.since_ms, row.muted_until_ms
        )
        people.put(db, room.row, person)
    if rows:
        said.events.append(PeopleChanged(room.room_id))
        said.bells.add(Bell.ROOMS)


def listed(db: Connection, room: KeptRoom, now: int) -> list[Person]:
    """The list as it is shown: who runs the room first, then who is here, then the others."""
    front = room.front()
    of_rank = {
        seat: roles.role_of(held.at(now)) for seat, held in grants.every(db, room.row).items()
    }
    if front.seat is not None:
        of_rank[front.seat] = Role.HOST
    kept = people.some(db, room.row, list(_STATES), MOST_SHOWN)
    kept += [
        person
        for seat in of_rank
        if (person := people.find(db, room.row, seat)) is not None and person not in kept
    ]
    known = [front.host, *(one.name for one in kept if _helps(of_rank.get(one.seat)))]
    shown = [_person(room, one, of_rank.get(one.seat, Role.MEMBER), known, now) for one in kept]
    return sorted(shown, key=lambda one: (_ORDER[one.role], one.state is not Presence.HERE))


_ORDER = {Role.HOST: 0, Role.MODERATOR: 1, Role.GUEST: 2, Role.MEMBER: 3}


def _helps(role: Role | None) -> bool:
    return role in (Role.HOST, Role.MODERATOR)


def _person(room: KeptRoom, one: KeptPerson, role: Role, known: Sequence[str], now: int) -> Person:
    state, until = _STATES.get(one.state, Presence.AWAY), None
    if one.muted_until_ms > now and state is Presence.HERE:
        for_good = one.muted_until_ms >= 2**53 - 1
        state = Presence.MUTED if for_good else Presence.TIMED_OUT
        until = None if for_good else one.muted_until_ms
    return Person(
        seat_id=one.seat,
        name=one.name,
        role=role,
        state=state,
        me=one.seat == room.seat.key.seat,
        newcomer=role is Role.MEMBER and now - one.since_ms < NEWCOMER_MS,
        imitates=role is Role.MEMBER and bool(one.name) and imitates(one.name, known),
        until_ms=until,
    )


def _name(db: Connection, room: KeptRoom, row: SeatRow) -> str:
    if len(row.name) < stage.AROUND:
        return ""
    key = epochs.key(db, room.row, stage.epoch_of(row.name))
    try:
        return "" if key is None else stage.open_name(row.name, key, row.seat)
    except (Damaged, BadPadding):
        return ""


def _portions(seats: list[SeatId]) -> list[tuple[SeatId, ...]]:
    return [tuple(seats[at : at + MAX_SEAT_ROWS]) for at in range(0, len(seats), MAX_SEAT_ROWS)]
