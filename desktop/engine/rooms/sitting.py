"""Sitting in a room over one line: what is told is taken in, what waits is said."""

from __future__ import annotations

from functools import partial

import trio

from desktop.core.room_facade import PeopleChanged, RoomChanged
from desktop.engine.doorbell import Doorbell
from desktop.engine.ground import Ground
from desktop.engine.lines.line import Line
from desktop.engine.rooms import keys, saying, standing
from desktop.engine.rooms.following import Follower, floor_of
from desktop.engine.rooms.sitting_down import sit_down
from desktop.store.rooms import epochs, rooms
from desktop.store.rooms.rooms import KeptRoom
from protocol.wire.frames import Notice, Refused
from protocol.wire.frames.letters import Letters
from protocol.wire.frames.room_entries import Entries, Lane, RoomHead
from protocol.wire.frames.room_orders import EpochBegins, ShowWrap
from protocol.wire.frames.rooms import Entered, RoomSet, SeatsChanged, SeatTold


class Sitting:
    """My seat on one line, until the line is lost or the seat is."""

    def __init__(self, ground: Ground, room: KeptRoom, line: Line) -> None:
        self.ground = ground
        self.row = room.row
        self.room_id = room.room_id
        self.line = line
        self.people = room.people
        self.waiting = room.waiting
        self.bells = {lane: Doorbell() for lane in Lane}
        self.inside = trio.Event()  # let in, and told what is said
        self.out = False
        self._followers: dict[Lane, Follower] = {}
        self._nursery: trio.Nursery | None = None

    async def enter(self) -> None:
        """Take the seat. Raises what :func:`~.sitting_down.turned_away` makes, LineLost."""
        room, key = await self.ground.vault.read(
            lambda db: (rooms.get(db, self.row), epochs.newest(db, self.row))
        )
        entered = await sit_down(self.ground, self.line, room, key)
        self.people = entered.seats
        stands = await self.ground.do(
            partial(standing.entered, ground=self.ground, row=self.row, told=entered)
        )
        await self._wraps()
        if stands.inside:
            await self._come_in(entered, stands)

    async def run(self) -> None:
        """Until my seat is taken away. Raises LineLost."""
        async with trio.open_nursery() as self._nursery:
            for lane in Lane:
                self._nursery.start_soon(
                    saying.keep_saying, self.ground, self.row, lane, self.line, self.bells[lane]
                )
            await self._hear()
            self._nursery.cancel_scope.cancel()

    def ring(self) -> None:
        """Something may wait to be said."""
        for bell in self.bells.values():
            bell.ring()

    async def _come_in(self, entered: Entered, stands: standing.Stands) -> None:
        room = await self.ground.vault.read(lambda db: rooms.get(db, self.row))
        await self._follow(Lane.STAGE, room.oldest)
        if entered.head is not None:
            await self._followers[Lane.STAGE].hear_head(entered.head)
        await self._look_at_desk(stands)
        self.inside.set()

    async def _follow(self, lane: Lane, oldest: int) -> None:
        if lane not in self._followers:
            follower = Follower(self.ground, self.room_id, self.row, lane, self.line)
            self._followers[lane] = follower
            await follower.begin(floor_of(oldest))

    async def _look_at_desk(self, stands: standing.Stands) -> None:
        if stands.reads_desk:
            await self._follow(Lane.DESK, floor_of_desk())

    async def _wraps(self) -> None:
        """The epoch in force, where the link is not its key."""
        shown = await self.line.ask(ShowWrap(call=self.line.call()))
        if not isinstance(shown, Refused) and shown.epoch is not None:
            await self._announced(EpochBegins(epoch=shown.epoch, wrap=shown.wrap))

    async def _announced(self, news: EpochBegins) -> None:
        await self.ground.do(
            partial(
                keys.announced,
                ground=self.ground,
                row=self.row,
                signed=news.epoch,
                wrap=news.wrap,
            )
        )

    async def _hear(self) -> None:
        """One notice after the other; entries that gathered meanwhile are taken in together."""
        async for notice in self.line.notices:
            if isinstance(notice, Entries):
                await self._entries(notice)
            else:
                await self._heed(notice)
            if self.out:
                return

    async def _entries(self, first: Entries) -> None:
        follower = self._followers.get(first.lane)
        await trio.sleep(self.ground.timings.room_gather)
        told = [first]
        other: Notice | None = None
        while other is None:
            try:
                notice = self.line.notices.receive_nowait()
            except (trio.WouldBlock, trio.EndOfChannel):
                break
            last = told[-1]
            if isinstance(notice, Entries) and (notice.lane, notice.run, notice.first) == (
                last.lane,
                last.run,
                last.first + len(last.items),
            ):
                told.append(notice)
            else:
                other = notice
        if follower is not None:
            items = tuple(item for one in told for item in one.items)
            await follower.hear(
                Entries(run=first.run, first=first.first, items=items, lane=first.lane)
            )
        if isinstance(other, Entries):
            await self._entries(other)
        elif other is not None:
            await self._heed(other)

    async def _heed(self, notice: Notice) -> None:
        match notice:
            case RoomHead(head=head):
                for follower in self._followers.values():
                    await follower.hear_head(head)
            case RoomSet(policy=policy):
                await self.ground.do(partial(standing.took_policy, row=self.row, signed=policy))
            case SeatTold():
                await self._told(notice)
            case EpochBegins():
                await self._announced(notice)
            case SeatsChanged():
                self.people, self.waiting = notice.seats, notice.waiting
                self.ground.emit(PeopleChanged(self.room_id))
                self.ground.emit(RoomChanged(self.room_id))
            case Letters():
                pass
            case _:
                pass  # what a newer relay says unasked

    async def _told(self, news: SeatTold) -> None:
        stands = await self.ground.do(
            partial(standing.told, ground=self.ground, row=self.row, news=news)
        )
        if news.state in standing.OUT:
            self.out = True
        elif stands.inside and not self.inside.is_set():
            await self.enter()  # who was admitted enters once more
        elif stands.inside:
            await self._look_at_desk(stands)
        self.ring()


def floor_of_desk() -> int:
    """Everything that nobody acknowledged yet."""
    return 1 << 32 | 1
