"""The people of one process, and what they do when they are told to."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from secrets import token_hex

import trio

from desktop.core.errors import AsideError
from desktop.demo.crowd import strings, talking
from desktop.demo.crowd.member import Desk, Member
from desktop.demo.crowd.told import (
    Answer,
    Aside,
    Ask,
    Back,
    Came,
    Count,
    Counted,
    Done,
    Enter,
    Flood,
    Gather,
    Order,
    Pace,
    Reach,
    Say,
    Settle,
    Talk,
    Vote,
)
from desktop.engine.rooms.people.names import fresh

LOOK_S = 0.25
LOOK_AT_ALL_S = 1.0  # more often, and looking takes what they need to get there
VOTE_S = 20.0  # for a question to come
AT_ONCE = 8  # who come in at the same time
# Each so-many-th takes in and reads at once whatever is told, and says how late that was. The
# others gather it for a while: a machine has two cores, a crowd has five hundred desktops.
TIMED = 25
GATHER_S, AT_ONCE_S = 2.0, 0.05
READ_S = 20.0

OpenDesk = Callable[[Path, float], AbstractAsyncContextManager[Desk]]


class Crowd:
    """Everybody of this process. Their engines run in ``nursery``."""

    def __init__(self, nursery: trio.Nursery, open_desk: OpenDesk, now: Callable[[], int]) -> None:
        self._nursery = nursery
        self._open_desk = open_desk
        self._now = now
        self._people: dict[int, Member] = {}
        self._chance = talking.seeded(0)
        self._talking = trio.CancelScope()

    async def obey(self, order: Order) -> Answer:
        """Do it; what came of it."""
        match order:
            case Gather():
                return await self._gather(order)
            case Enter():
                await self._each(lambda one: one.enter(order.link))
                return Done(self._names())
            case Reach():
                return await self._reach(order)
            case Talk():
                self._talk(order.pace)
            case Say():
                await self._people[order.who].say(order.text)
            case Flood():
                return await self._flood(order)
            case Ask():
                await self._people[order.who].ask(order.text, nameless=order.nameless)
            case Vote():
                return Done(count=await self._vote(order))
            case Aside():
                taken = await self._people[order.who].aside(order.text, order.words)
                return Done(count=int(taken))
            case Back():
                return await self._until(order.within, Member.is_up)
            case Settle():
                return await self._until(order.within, Member.is_settled)
            case Count():
                return await self._count(order.after)
        return Done()

    # being there

    async def _gather(self, order: Gather) -> Done:
        self._chance = talking.seeded(order.seed)
        for who in range(order.first, order.first + order.count):
            await self._nursery.start(self._live, who, Path(order.folder) / str(who))
        return Done(self._names())

    async def _live(
        self,
        who: int,
        folder: Path,
        task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED,
    ) -> None:
        name = f"{fresh(self._chance.randbytes)}-{who}"
        timed = who % TIMED == 0
        async with self._open_desk(folder, AT_ONCE_S if timed else GATHER_S) as desk:
            await desk.profile_create(name, token_hex())
            await desk.presence_set(presence=False, typing=False)
            pause_s = 0.0 if timed else READ_S * self._chance.uniform(0.5, 1.5)
            one = Member(desk, who, name, talking.seeded(self._chance.random()), pause_s, self._now)
            self._people[who] = one
            async with trio.open_nursery() as nursery:
                nursery.start_soon(one.read_along)
                nursery.start_soon(one.welcome)
                task_status.started()

    async def _reach(self, order: Reach) -> Done:
        async def reach(one: Member) -> None:
            await one.desk.relay_add(order.relay)
            one.accepts = True
            one.look_at_requests()

        async with trio.open_nursery() as nursery:
            for who in order.people:
                nursery.start_soon(reach, self._people[who])
        return Done([self._people[who].name for who in order.people])

    async def _each(self, do: Callable[[Member], Awaitable[None]]) -> None:
        """Everybody, a few at the same time."""
        at_once = trio.CapacityLimiter(AT_ONCE)

        async def one_by_one(one: Member) -> None:
            async with at_once:
                await do(one)

        async with trio.open_nursery() as nursery:
            for one in self._people.values():
                nursery.start_soon(one_by_one, one)

    def _names(self) -> list[str]:
        return [one.name for one in self._people.values()]

    # doing

    def _talk(self, pace: Pace) -> None:
        self._talking.cancel()
        self._talking = trio.CancelScope()
        self._nursery.start_soon(self._keep_talking, pace, self._talking)

    async def _keep_talking(self, pace: Pace, scope: trio.CancelScope) -> None:
        with scope:
            while next_one := talking.next_deed(pace, self._chance):
                seconds, deed = next_one
                await trio.sleep(seconds)
                one = self._chance.choice(list(self._people.values()))
                with trio.CancelScope(shield=True):  # nobody stops in the middle of a word
                    await one.do(deed)

    async def _flood(self, order: Flood) -> Done:
        some = self._chance.sample(list(self._people.values()), order.people)

        async def flood(one: Member) -> None:
            for number in range(order.each):
                try:
                    await one.say(strings.FLOOD.format(number=number + 1))
                except AsideError:  # somebody saw to it
                    return

        async with trio.open_nursery() as nursery:
            for one in some:
                nursery.start_soon(flood, one)
        return Done([one.name for one in some], order.people * order.each)

    async def _vote(self, order: Vote) -> int:
        voted = 0

        async def vote(one: Member) -> None:
            nonlocal voted
            try:
                with trio.move_on_after(VOTE_S):
                    while not await one.vote(order.text):  # it is on its way to them
                        await trio.sleep(LOOK_S)
                    voted += 1
            except AsideError:
                one.refused += 1

        async with trio.open_nursery() as nursery:
            for one in self._chance.sample(list(self._people.values()), order.people):
                nursery.start_soon(vote, one)
        return voted

    # what came of it

    async def _until(self, within: float, good: Callable[[Member], Awaitable[bool]]) -> Came:
        began = trio.current_time()
        seconds: list[float] = []
        left = [one for one in self._people.values() if await self._is_here(one)]
        with trio.move_on_after(within):
            while left:
                for one in left.copy():
                    if await good(one):
                        seconds.append(trio.current_time() - began)
                        left.remove(one)
                await trio.sleep(LOOK_AT_ALL_S)
        return Came(seconds, len(left))

    async def _is_here(self, one: Member) -> bool:
        return (await one.desk.room_show(one.room)).removed is None

    async def _count(self, after: int) -> Counted:
        tallies = [await one.count(after) for one in self._people.values()]
        late = [ms for one in self._people.values() for ms in one.live.latencies_ms]
        return Counted(tallies, late)
