"""Who sits in a room: told by its relay in pages, kept up with what it says of comings and goings.

Law: the relay's word is shown and decides nothing; a name is somebody's who has the room's key, if
it opens under it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial

import trio
from sqlcipher3 import Connection

from desktop.core.room_facade import PeopleChanged, RoomChanged, RoomsChanged
from desktop.engine.doorbell import Doorbell
from desktop.engine.ground import Bell, Ground, Said
from desktop.engine.lines.line import Line
from desktop.store.rooms import epochs, grants, people, rooms
from desktop.store.rooms.people import KeptPerson
from desktop.store.rooms.rooms import KeptRoom
from protocol.e2e.rooms import stage
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
from protocol.wire.rooms.orders import Scope
from protocol.wire.rooms.policy import MAX_SEATS as MOST_SEATS

MOST_ASKED = MAX_SEAT_ROWS
"""Whoever only listens wants no list of ten thousand; who helps, and orders, gets all."""

PACE_S = 1.0
LAZY_PACE_S = 5.0
LOOK_S = 1.0
"""So long a look waits for the relay before it takes what is known."""

LOOKED_AT_S = 60.0
"""So long after a look the list follows what the relay says, as if somebody still looked."""


class People:
    """Keeps one room's list while I sit in it.

    Who helps follows it all the time, everybody else while somebody looks at it: if each of five
    hundred took in how each of them comes and goes, that would cost more than all that is said.
    """

    def __init__(self, ground: Ground, room: KeptRoom, line: Line) -> None:
        self._ground = ground
        self._row = room.row
        self._room_id = room.room_id
        self._line = line
        self.bell = Doorbell()
        self._eyes = Doorbell()
        self._came: set[SeatId] = set()
        self._went: set[SeatId] = set()
        self._granted = False  # those who run the room were asked for
        self._all = True  # are yet to be asked for
        self._fresh = trio.Event()
        self._looked_at = -math.inf
        self._to_tell = False  # whoever looked, once, that there is something else to see

    def hear(self, notice: SeatsChanged) -> None:
        """Somebody came or went; the list follows."""
        self._went = (self._went - set(notice.came)) | set(notice.went)
        self._came = (self._came - set(notice.went)) | set(notice.came)
        if notice.more:
            self._all, self._granted = True, False
        self.bell.ring()

    async def look(self) -> None:
        """Somebody looks at the list. It stands as the relay has it, if that answers soon."""
        self._looked_at = trio.current_time()
        self._to_tell = True
        if self._all:
            self._eyes.ring()
            self.bell.ring()
            with trio.move_on_after(LOOK_S):
                await self._fresh.wait()

    async def look_for(self, seat: SeatId) -> None:
        """Ask for one seat now; whoever just came is told of a moment later. Raises LineLost."""
        await self._fetch(named=(seat,))

    async def run(self) -> None:
        """Raises LineLost."""
        while True:
            helps = await self._ground.vault.read(self._helps)
            if not self._granted:
                self._granted = True
                await self._fetch(granted=True)
            if helps or trio.current_time() < self._looked_at + LOOKED_AT_S:
                await self._follow(helps=helps)
            else:
                await self._leave_be()
            if not await self._eyes.wait(PACE_S if helps else LAZY_PACE_S):
                await self.bell.wait()

    async def _follow(self, *, helps: bool) -> None:
        """Everybody, and then whoever comes and goes."""
        if self._all:
            self._all = False
            await self._fetch_all(MOST_SEATS if helps else MOST_ASKED)
        came, went = self._moves()
        if came or went:
            await self._ground.do(partial(self._moved, came=came, went=went))
        nameless = await self._ground.vault.read(partial(self._unknown, came=came))
        if not helps:
            nameless = nameless[:MAX_SEAT_ROWS]
        for at in range(0, len(nameless), MAX_SEAT_ROWS):
            await self._fetch(named=tuple(nameless[at : at + MAX_SEAT_ROWS]))
        self._fresh.set()

    async def _leave_be(self) -> None:
        """Those who run the room, and whoever is spoken of; the others when somebody looks."""
        came, went = self._moves()
        if came or went:
            self._all, self._fresh = True, trio.Event()
        run_it, spoken_of = await self._ground.vault.read(self._of_weight)
        came, went = came & run_it, went & run_it
        if came or went:
            await self._ground.do(partial(self._moved, came=came, went=went))
        elif self._all and self._to_tell:
            self._ground.emit(PeopleChanged(self._room_id))
        self._to_tell = False if self._all else self._to_tell
        if spoken_of:
            await self._fetch(named=tuple(spoken_of[:MAX_SEAT_ROWS]))

    def _moves(self) -> tuple[set[SeatId], set[SeatId]]:
        moves = self._came, self._went
        self._came, self._went = set(), set()
        return moves

    async def _fetch_all(self, most: int) -> None:
        known, rows = 0, await self._fetch()
        while rows and (known := known + len(rows)) < most:
            rows = await self._fetch(after=rows[-1].seat)

    async def _fetch(
        self, after: bytes = b"", named: tuple[SeatId, ...] = (), *, granted: bool = False
    ) -> Sequence[SeatRow]:
        """A page; nothing when it was the last."""
        call = self._line.call()
        asked = ShowSeats(call=call, after=after, named=named, granted=granted)
        shown = await self._line.ask(asked)
        if isinstance(shown, Refused):
            return ()
        now = self._ground.now()
        await self._ground.do(partial(_told, row=self._row, rows=shown.seats, now=now))
        return shown.seats if shown.more else ()

    def _helps(self, db: Connection) -> bool:
        room = rooms.get(db, self._row)
        return room.key is not None or room.grant is not None

    def _unknown(self, db: Connection, came: set[SeatId]) -> list[SeatId]:
        """Who came, or is spoken of, and is not known."""
        return sorted({*people.unnamed(db, self._row, came), *people.spoken_of(db, self._row)})

    def _of_weight(self, db: Connection) -> tuple[set[SeatId], list[SeatId]]:
        """Who runs the room, and who is spoken of and not known."""
        front = rooms.get(db, self._row).front().seat
        run_it = {*grants.every(db, self._row), *([] if front is None else [front])}
        return run_it, people.spoken_of(db, self._row)

    def _moved(self, db: Connection, said: Said, came: set[SeatId], went: set[SeatId]) -> None:
        room = rooms.get(db, self._row)
        people.moved(db, self._row, came, went)
        _told_of(db, said, room, self._ground.now())


def told(db: Connection, said: Said, room: KeptRoom, rows: Sequence[SeatRow], now: int) -> None:
    """So the relay says they stand."""
    known = people.of(db, room.row, [row.seat for row in rows])
    for row in rows:
        if row.grant is not None:
            grants.learn(db, room.row, room.room_id, row.grant)
        before = known.get(row.seat)
        if before is not None and before.proven and before.sealed_name == row.name:
            name = before.name
        else:
            name = _name(db, room, row)
        person = KeptPerson(
            row.seat, name, row.name, bool(name), row.state, row.since_ms, row.muted_until_ms
        )
        if person != before:
            people.put(db, room.row, person)
    if rows:
        _told_of(db, said, room, now)


def _told_of(db: Connection, said: Said, room: KeptRoom, now: int) -> None:
    said.events.append(PeopleChanged(room.room_id))
    if room.key is not None or room.grant is not None:
        said.bells.add(Bell.ROOMS)  # who stands in for an absent host may be another one
    _live(db, said, room, now)


def _told(db: Connection, said: Said, row: int, rows: Sequence[SeatRow], now: int) -> None:
    told(db, said, rooms.get(db, row), rows, now)


def _live(db: Connection, said: Said, room: KeptRoom, now: int) -> None:
    """A room is live while somebody with a host's scope is there."""
    front = room.front().seat
    hosts = [seat for seat, held in grants.every(db, room.row).items() if Scope.HOST in held.scopes]
    here = any(
        person.state is SeatState.HERE
        for seat in {*hosts, *([] if front is None else [front])}
        if (person := people.find(db, room.row, seat)) is not None
    )
    if here is (room.live_since_ms is not None):
        return
    rooms.put(db, room.row, live_since_ms=now if here else None)
    said.events += (RoomChanged(room.room_id), RoomsChanged())


def _name(db: Connection, room: KeptRoom, row: SeatRow) -> str:
    if len(row.name) < stage.AROUND:
        return ""
    key = epochs.key(db, room.row, stage.epoch_of(row.name))
    try:
        return "" if key is None else stage.open_name(row.name, key, row.seat)
    except (Damaged, BadPadding):
        return ""
