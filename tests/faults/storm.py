"""Both write at a steady pace while the relay and both desktops are killed again and again.

The composer of each side is a client like any other: it knows what was confirmed. Where a kill
took the answer, it looks in its own history after the restart, and composes again only if the
message is not there. So what was composed is known exactly, in its order.
"""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from random import Random

import trio

from tests.faults.desktops import DesktopProcess
from tests.faults.house import House
from tests.faults.program import Died
from tests.faults.verdict import Direction, judge

# Every text holds this, so that one search finds any of them.
MARK = "quartz-vermilion-heron"
CALM_S = 120.0
GLANCE = 200  # rows
# On a busy machine a desktop may need longer to start than to be killed again: so often it is
# killed without having composed anything, and no more before it has.
IN_VAIN = 2


@dataclass(frozen=True)
class Weather:
    """How much is said, how fast, and how often each is killed; ``dies`` picks a transaction."""

    messages: int
    pace: float  # messages a second, both ways together
    kill_relay_s: float
    kill_desktop_s: float
    seed: int = 1
    spread: float = 0.5  # of the time between two kills, left to chance
    dies_at: int = 0  # a desktop also kills itself at one of its first so many transactions
    longest_s: float = math.inf  # on a machine that is busy with other things, less is said
    calm_s: float = CALM_S  # after the last kill, for all of it to arrive and be known to


@dataclass
class Storm:
    """What happened."""

    composed: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    kills: dict[str, int] = field(default_factory=dict[str, int])
    unsure: int = 0  # answers that a kill took
    seconds: float = 0.0
    settled_s: float = 0.0  # from the last kill until everything was there
    verdicts: dict[str, Direction] = field(default_factory=dict[str, Direction])
    undelivered: int = 0  # own messages without a receipt at the end

    @property
    def well(self) -> bool:
        """Whether nothing is lost, doubled, out of order, invented or had to be repaired."""
        return all(direction.well for direction in self.verdicts.values())


class _Composer:
    """Writes one side's messages, one after the other."""

    def __init__(self, house: House, desktop: DesktopProcess, random: Random, weather: Weather):
        self._house = house
        self._desktop = desktop
        self._random = random
        self._weather = weather
        self._death: tuple[str, ...] = ()
        self.composed: list[str] = []
        self.unsure = 0
        self.kills = 0
        self._in_vain = 0  # kills since it composed something

    async def run(self, count: int, pace: float) -> None:
        """Compose ``count`` messages; late ones follow at once."""
        begin = trio.current_time()
        for number in range(count):
            await trio.sleep_until(begin + number / pace)
            if trio.current_time() > begin + self._weather.longest_s:
                return
            await self._compose(self._text(number))

    async def keep_killing(self, every_s: float) -> None:
        """Kill this desktop at random moments about so often; the composer starts it again."""
        while True:
            await trio.sleep(_around(self._random, every_s, self._weather.spread))
            if not self._desktop.gone.is_set() and self._in_vain < IN_VAIN:
                self.kills += 1
                self._in_vain += 1
                await self._desktop.kill()

    async def alive(self) -> None:
        """Running and unlocked, however often that takes."""
        while self._desktop.gone.is_set():
            death: tuple[str, ...] = ()
            if self._weather.dies_at and self._in_vain < IN_VAIN:
                self._in_vain += 1
                when = self._random.choice(("before", "after"))
                death = (when, str(self._random.randint(1, self._weather.dies_at)))
            try:
                await self._house.restart(self._desktop, *death)
            except Died:
                self.kills += bool(death)
                await self._desktop.gone.wait()

    async def _compose(self, text: str) -> None:
        sure = True
        while True:
            try:
                await self.alive()
                if sure or not await self._is_there(text):
                    await self._house.say(self._desktop, text)
            except Died:
                self.unsure += sure
                sure = False
                await self._desktop.gone.wait()
                continue
            self.composed.append(text)
            self._in_vain = 0
            return

    async def _is_there(self, text: str) -> bool:
        where = self._house.conversation(self._desktop)
        said = await self._desktop.ask("message.list", conversation_id=where, limit=1000)
        own = [row["text"] for row in said["messages"] if row["mine"]]
        return text in own

    def _text(self, number: int) -> str:
        tail = "la " * self._random.randint(0, 400)
        return f"{self._desktop.name} {number} {MARK} {tail}".rstrip()


async def rage(
    house: House,
    weather: Weather,
    report: Callable[[str], None],
    look: Callable[[], Awaitable[None]] | None = None,
) -> Storm:
    """Compose everything under kills, calm down, and judge; ``look`` is called in between."""
    storm = Storm(kills={"relay": 0, "alice": 0, "bob": 0})
    random = Random(weather.seed)
    desktops = (house.alice, house.bob)
    composers = [
        _Composer(house, desktop, Random(random.random()), weather) for desktop in desktops
    ]
    begin = trio.current_time()
    async with trio.open_nursery() as killing:
        killing.start_soon(_keep_killing_the_relay, house, weather, random, storm)
        for composer in composers:
            killing.start_soon(composer.keep_killing, weather.kill_desktop_s)
        killing.start_soon(_tell, composers, storm, report)
        async with trio.open_nursery() as composing:
            for composer in composers:
                composing.start_soon(composer.run, weather.messages // 2, weather.pace / 2)
        killing.cancel_scope.cancel()
    storm.seconds = trio.current_time() - begin
    storm.kills["relay"] += 1
    await house.relay.kill()
    await house.relay.start()
    calm = trio.current_time()
    for composer, desktop in zip(composers, desktops, strict=True):
        await house.restart(desktop)
        storm.kills[desktop.name] = composer.kills
        storm.composed[desktop.name] = composer.composed
        storm.unsure += composer.unsure
    if look is not None:
        await look()
    with trio.move_on_after(weather.calm_s - (trio.current_time() - calm)):
        for desktop in desktops:
            await _wait_arrived(house, desktop, len(storm.composed[house.other(desktop).name]))
        storm.settled_s = trio.current_time() - calm
        for desktop in desktops:
            await _wait_receipts(house, desktop)
    storm.settled_s = storm.settled_s or trio.current_time() - calm
    for desktop in desktops:
        rows = await desktop.history(house.conversation(desktop))
        author = house.other(desktop).name
        came = [row for row in rows if not row["mine"]]
        storm.verdicts[f"{author} to {desktop.name}"] = judge(storm.composed[author], came)
        own = [row for row in rows if row["mine"]]
        storm.verdicts[f"{desktop.name} at home"] = judge(storm.composed[desktop.name], own)
        storm.undelivered += sum(row["state"] != "delivered" for row in own)
    return storm


async def _keep_killing_the_relay(
    house: House, weather: Weather, random: Random, storm: Storm
) -> None:
    due = trio.current_time()
    while True:
        due += _around(random, weather.kill_relay_s, weather.spread)
        await trio.sleep_until(due)
        # Not left half done when the composing ends.
        with trio.CancelScope(shield=True):
            storm.kills["relay"] += 1
            await house.relay.kill()
            await house.relay.start()


async def _wait_arrived(house: House, desktop: DesktopProcess, expected: int) -> None:
    """Nothing is read in the run, so that all that came is unread."""
    while True:
        said = await desktop.ask("conversation.list")
        if said["conversations"][0]["unread"] >= expected:
            return
        await trio.sleep(0.2)


async def _wait_receipts(house: House, desktop: DesktopProcess) -> None:
    """Until every own message has its receipt. Asking must not slow what it waits for: one page
    is asked for again and again, from the newest on, and none twice once it has all of its own."""
    asked: dict[str, object] = {"conversation_id": house.conversation(desktop), "limit": GLANCE}
    while True:
        page = (await desktop.ask("message.list", **asked))["messages"]
        if any(row["mine"] and row["state"] != "delivered" for row in page):
            await trio.sleep(0.5)
        elif len(page) < GLANCE:
            return
        else:
            asked["before"] = page[0]["message_id"]


async def _tell(composers: list[_Composer], storm: Storm, report: Callable[[str], None]) -> None:
    while True:
        await trio.sleep(10)
        done = sum(len(composer.composed) for composer in composers)
        killed = sum(composer.kills for composer in composers)
        report(f"{done} composed, relay killed {storm.kills['relay']} times, desktops {killed}")


def _around(random: Random, seconds: float, spread: float) -> float:
    """A random time whose mean is ``seconds``."""
    return seconds * random.uniform(1 - spread, 1 + spread)
