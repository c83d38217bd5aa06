"""Sitting in a room over one line: what is told is taken in, what waits is said."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from functools import partial

import trio
from msgspec.structs import replace

from desktop.core.room_errors import RoomEnded
from desktop.core.room_facade import RoomChanged
from desktop.engine.doorbell import Doorbell
from desktop.engine.ground import Ground
from desktop.engine.lines.line import Line, LineLost
from desktop.engine.rooms.asides.letterbox import Letterbox
from desktop.engine.rooms.desk import acknowledging, counting
from desktop.engine.rooms.door.sitting_down import sit_down
from desktop.engine.rooms.keys import learned
from desktop.engine.rooms.line import standing
from desktop.engine.rooms.order import ordering
from desktop.engine.rooms.people import naming
from desktop.engine.rooms.people.listing import People
from desktop.engine.rooms.stage import saying
from desktop.engine.rooms.stage.following import MOST_NUMBERS, Follower, floor_of
from desktop.engine.timings import Timings
from desktop.store.rooms import epochs, rooms
from desktop.store.rooms.rooms import KeptRoom
from protocol.wire.frames import Notice, Reason, Refused
from protocol.wire.frames.letters import Letters
from protocol.wire.frames.room_entries import MAX_ITEMS, Entries, Lane, RoomHead
from protocol.wire.frames.room_orders import EpochBegins, ShowWrap
from protocol.wire.frames.rooms import Entered, RoomSet, SeatsChanged, SeatTold, ShowRoom

RUSH = 8
"""Entries that came together: nobody reads so many one by one."""


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
        self.seats = People(ground, room, line)
        self._helping = (Doorbell(), Doorbell(), Doorbell(), self.seats.bell)
        self._to_name = Doorbell()
        self._named_under = 0
        self.box = Letterbox(ground, room, room.seat, line)
        self.inside = trio.Event()  # let in, and told what is said
        self.out = False
        self.ended = False  # while I waited at the door
        self._followers: dict[Lane, Follower] = {}
        self._nursery: trio.Nursery | None = None

    async def enter(self) -> None:
        """Take the seat. Raises what :func:`~.sitting_down.turned_away` makes, LineLost."""
        room, key = await self.ground.vault.read(
            lambda db: (rooms.get(db, self.row), epochs.newest(db, self.row))
        )
        entered = await sit_down(self.ground, self.line, room, key)
        self._named_under = 0 if key is None else key.epoch
        if max(entered.number, entered.oldest) >= MOST_NUMBERS:
            raise LineLost
        self.people = entered.seats
        stands = await self.ground.do(
            partial(standing.entered, ground=self.ground, row=self.row, told=entered)
        )
        await self._wraps()
        if stands.inside:
            await self._come_in(entered, stands)

    async def run(self) -> None:
        """Until my seat is taken away. Raises RoomEnded where that is over before I was let in,
        LineLost."""
        async with trio.open_nursery() as self._nursery:
            for lane in Lane:
                self._nursery.start_soon(
                    saying.keep_saying, self.ground, self.row, lane, self.line, self.bells[lane]
                )
            self._nursery.start_soon(self._compare_heads)
            self._nursery.start_soon(self._help)
            self._nursery.start_soon(self.box.run)
            self._nursery.start_soon(self._wait_at_door, self._nursery.cancel_scope)
            await self._hear()
            self._nursery.cancel_scope.cancel()
        if self.ended:
            raise RoomEnded

    def ring(self, lane: Lane | None = None) -> None:
        """Something may wait to be said there; or, without a lane, to be done for the room."""
        if lane is not None:
            self.bells[lane].ring()
            return
        for bell in (*self.bells.values(), *self._helping, self._to_name):
            bell.ring()

    async def _help(self) -> None:
        """What is done for the room beside speaking and listening, each as far as it is mine."""
        await self.inside.wait()
        orders, counts, desk, _ = self._helping
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self.seats.run)
            nursery.start_soon(
                naming.keep_named,
                self.ground,
                self.row,
                self.line,
                self._to_name,
                self._named_under,
            )
            nursery.start_soon(counting.keep_counting, self.ground, self.row, counts)
            for task, bell in (
                (ordering.keep_ordering, orders),
                (acknowledging.keep_acknowledging, desk),
            ):
                nursery.start_soon(task, self.ground, self.row, self.line, bell)

    async def _come_in(self, entered: Entered, stands: standing.Stands) -> None:
        room = await self.ground.vault.read(lambda db: rooms.get(db, self.row))
        await self._follow(Lane.STAGE, room.oldest)
        if entered.head is not None:
            self._followers[Lane.STAGE].hear_head(entered.head)
            await self._followers[Lane.STAGE].compare_head()
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
                learned.announced,
                ground=self.ground,
                row=self.row,
                signed=news.epoch,
                wrap=news.wrap,
            )
        )

    async def _hear(self) -> None:
        """One notice after the other. The first entry after a pause is taken in at once; those that
        gather while it is are taken in together: the more, the fewer commits and paints they cost.
        Raises LineLost."""
        timings, quiet_until = self.ground.timings, 0.0
        async for first in self.line.notices:
            if isinstance(first, Entries):
                await trio.sleep_until(quiet_until)
            heard = _joined([first, *_at_hand(self.line.notices)])
            for notice in heard:
                await self._heed(notice)
                if self.out:
                    return
            quiet_until = trio.current_time() + pause_after(heard, timings)
        raise LineLost

    async def _wait_at_door(self, scope: trio.CancelScope) -> None:
        """Nobody behind the door tells those before it that the room has ended."""
        while not self.inside.is_set():
            shown = await self.line.ask(ShowRoom(call=self.line.call(), room=self.room_id))
            if isinstance(shown, Refused) and shown.reason is Reason.ENDED:
                self.ended = True
                scope.cancel()
            with trio.move_on_after(self.ground.timings.room_door):
                await self.inside.wait()

    async def _compare_heads(self) -> None:
        while True:
            await trio.sleep(self.ground.timings.room_heads)
            for follower in list(self._followers.values()):
                await follower.compare_head()

    async def _heed(self, notice: Notice) -> None:
        match notice:
            case Entries():
                follower = self._followers.get(notice.lane)
                if follower is not None:
                    await follower.hear(notice)
            case RoomHead(head=head):
                for follower in self._followers.values():
                    follower.hear_head(head)
            case RoomSet(policy=policy):
                await self.ground.do(
                    partial(standing.took_policy, ground=self.ground, row=self.row, signed=policy)
                )
            case SeatTold():
                await self._told(notice)
            case EpochBegins():
                await self._announced(notice)
            case SeatsChanged():
                self.people, self.waiting = notice.seats, notice.waiting
                self.seats.hear(notice)
                self.ground.emit(RoomChanged(self.room_id))
            case Letters():
                self.box.hear(notice)
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


def pause_after(heard: Sequence[Notice], timings: Timings) -> float:
    """Seconds for the next entries to gather: longer where more came than anybody reads."""
    entries = sum(len(one.items) for one in heard if isinstance(one, Entries))
    return max(timings.room_gather, timings.room_rush if entries >= RUSH else 0.0)


def floor_of_desk() -> int:
    """Everything that nobody acknowledged yet."""
    return 1 << 32 | 1


def _at_hand(notices: trio.MemoryReceiveChannel[Notice]) -> list[Notice]:
    found: list[Notice] = []
    with suppress(trio.WouldBlock, trio.EndOfChannel):
        while True:
            found.append(notices.receive_nowait())
    return found


def _joined(notices: list[Notice]) -> list[Notice]:
    """Entries that follow each other as one, everything in its order."""
    joined: list[Notice] = []
    for notice in notices:
        last = joined[-1] if joined else None
        if (
            isinstance(notice, Entries)
            and isinstance(last, Entries)
            and (last.lane, last.run, last.first + len(last.items))
            == (notice.lane, notice.run, notice.first)
            and len(last.items) + len(notice.items) <= MAX_ITEMS
        ):
            joined[-1] = replace(last, items=(*last.items, *notice.items))
        else:
            joined.append(notice)
    return joined
