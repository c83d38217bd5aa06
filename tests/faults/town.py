"""A town: three relays and six desktops, ``python -m tests.faults.town [--messages N] ...``.

Each desktop has mailboxes at two of the relays, no two in the same order, and writes to both of
its neighbours, whose mailboxes are elsewhere. Meanwhile relays are killed, shut off, dead while
their lines look alive, and filled by somebody else, each at random times of its own. In the end
everything is there, once and in order; what came late because it had to be asked for again is
marked so and stands in its order, too. Filling a disk needs one of its own, and that root; where it
cannot be done it is said. Exit 0 only where nothing is lost, doubled, out of place or unasked, and
everybody has heard of everything that it arrived. The full length is in the table of
``python -m tests.faults``.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import AsyncGenerator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from random import Random
from typing import TypeVar

import trio

from tests.faults.desktops import PASSPHRASE, DesktopProcess
from tests.faults.full_disk import a_small_disk, fill
from tests.faults.relays import RelayProcess, free_port, generous, make_relay, serving
from tests.faults.valve import Flow, Valve
from tests.faults.verdict import Direction, judge

NAMES = ("alice", "bob", "carol", "dave", "erin", "frank")
RELAYS = ("north", "east", "south")
DISK_MIB = 256
MIN_FREE = 8 * 1024 * 1024
SPARE_KIB = (40, 700)
TROUBLES = ("killed", "shut off", "mute", "filled")
SEEN_EACH_S = 1.0
HEARD_EACH_S = 30.0

T = TypeVar("T")


@dataclass(frozen=True)
class Plan:
    """How much is said, how fast, and how often each relay is in trouble, for how long."""

    messages: int
    pace: float  # messages a second, all together
    every_s: float
    lasts_s: tuple[float, float]
    calm_s: float = 1800.0  # in which everything has to be there in the end
    seed: int = 1
    disks: bool = True


@dataclass
class House:
    """A relay with the line to it and, perhaps, a disk that others can fill."""

    name: str
    relay: RelayProcess
    valve: Valve
    disk: Path | None
    troubles: Counter[str] = field(default_factory=Counter[str])

    async def be_in_trouble(self, what: str, seconds: float, random: Random) -> None:
        """For so long; and well again when this returns, also where it is cancelled."""
        self.troubles[what] += 1
        hog: Path | None = None
        try:
            match what:
                case "killed":
                    await self.relay.kill()
                case "shut off":
                    self.valve.turn(Flow.SHUT)
                case "mute":
                    self.valve.turn(Flow.MUTE)
                case _:
                    assert self.disk is not None
                    hog = fill(self.disk, MIN_FREE + 1024 * random.randrange(*SPARE_KIB))
            await trio.sleep(seconds)
        finally:
            with trio.CancelScope(shield=True):
                if what == "killed":
                    await self.relay.start()
                if hog is not None:
                    hog.unlink()
                self.valve.turn(Flow.OPEN)


@dataclass
class Person:
    """Somebody's desktop, the conversations with both neighbours, and what was said in each."""

    desktop: DesktopProcess
    conversations: dict[str, str] = field(default_factory=dict[str, str])
    said: dict[str, list[str]] = field(default_factory=dict[str, list[str]])

    @property
    def name(self) -> str:
        return self.desktop.name

    async def talk(self, count: int, pace: float, random: Random) -> None:
        """So many messages, to one neighbour and the other; late ones follow at once."""
        begin = trio.current_time()
        for number in range(count):
            await trio.sleep_until(begin + number / pace)
            whom = list(self.conversations)[number % len(self.conversations)]
            text = f"{self.name} {number} " + "la " * random.randint(0, 60)
            where = self.conversations[whom]
            await self.desktop.ask("message.send", conversation_id=where, text=text)
            self.said.setdefault(whom, []).append(text)

    def told(self, other: Person) -> list[str]:
        """What was said to this one."""
        return self.said.get(other.name, [])

    async def wait_unread(self, expected: dict[str, int]) -> None:
        """Until so many came from each. Nothing is read, so that all that came is unread."""
        while True:
            listed = (await self.desktop.ask("conversation.list"))["conversations"]
            unread = {each["conversation_id"]: each["unread"] for each in listed}
            if all(unread[self.conversations[whom]] >= count for whom, count in expected.items()):
                return
            await trio.sleep(SEEN_EACH_S)

    async def forget_events(self) -> None:
        """Nobody asks for them here."""
        async for _ in self.desktop.events:
            pass


@dataclass
class Town:
    """Everything that runs."""

    houses: list[House]
    people: list[Person]


@dataclass
class Outcome:
    """What happened."""

    seconds: float = 0.0
    settled_s: float = 0.0
    heard_s: float = 0.0  # until everybody also knew that what they had said was there
    unheard: int = 0  # messages without a receipt in the end
    troubles: Counter[str] = field(default_factory=Counter[str])
    directions: dict[str, Direction] = field(default_factory=dict[str, Direction])

    def total(self, what: str) -> int:
        return sum(getattr(direction, what) for direction in self.directions.values())

    @property
    def well(self) -> bool:
        """Whether nothing is lost, doubled, out of place, unasked or without a receipt."""
        whole = bool(self.directions) and all(way.whole for way in self.directions.values())
        return whole and not self.unheard


async def a_house(folder: Path, name: str, stack: AsyncExitStack, *, disk: bool) -> House:
    """Its relay believes that it is called where the valve is."""
    ours, theirs = free_port(), free_port()
    room = folder
    if disk:
        (folder / f"{name}-disk").mkdir()
        room = stack.enter_context(a_small_disk(folder / f"{name}-disk", DISK_MIB))
    relay = RelayProcess(room / name, folder / f"{name}.log")
    await make_relay(relay.folder, relay.log, ours, f"ws://127.0.0.1:{theirs}")
    bounds = {"forwards": 10_000_000, "forward_bytes": 1 << 40, "stored_bytes": 1 << 40}
    generous(relay.folder, bounds | {"min_free": MIN_FREE})
    await stack.enter_async_context(serving(relay))
    return House(name, relay, Valve(theirs, ours), room if disk else None)


@asynccontextmanager
async def a_town(folder: Path, *, disks: bool) -> AsyncGenerator[Town]:
    """People who know their neighbours, with nothing said yet."""
    async with AsyncExitStack() as stack, trio.open_nursery() as nursery:
        houses = [await a_house(folder, name, stack, disk=disks) for name in RELAYS]
        for house in houses:
            await nursery.start(house.valve.run)
        people = [Person(DesktopProcess(name, folder)) for name in NAMES]
        try:
            async with trio.open_nursery() as moving:
                for number, person in enumerate(people):
                    await person.desktop.start(nursery)
                    moving.start_soon(move_in, person, homes(number, houses))
            for one, other in zip(people, people[1:] + people[:1], strict=True):
                with trio.fail_after(120):
                    await befriend(one, other)
            for person in people:
                nursery.start_soon(person.forget_events)
            yield Town(houses, people)
        finally:
            with trio.CancelScope(shield=True):
                for person in people:
                    await person.desktop.kill()
        nursery.cancel_scope.cancel()


def homes(number: int, houses: list[T]) -> list[T]:
    """Two of three for each, in an order that nobody else has."""
    step = 1 + number // len(houses)
    return [houses[number % len(houses)], houses[(number + step) % len(houses)]]


async def move_in(person: Person, houses: list[House]) -> None:
    await person.desktop.ask("profile.create", name=person.name, passphrase=PASSPHRASE)
    for house in houses:
        await person.desktop.ask("relay.add", address=house.relay.address)


async def befriend(one: Person, other: Person) -> None:
    link = (await one.desktop.ask("contact.invite"))["link"]
    accepted = await other.desktop.ask("contact.accept", link=link)
    other.conversations[one.name] = accepted["conversation_id"]
    added = await one.desktop.wait_event("contact.added", name=other.name)
    one.conversations[other.name] = added["conversation_id"]
    while any(each["pending"] for each in (await other.desktop.ask("contact.list"))["contacts"]):
        await trio.sleep(0.05)


async def keep_troubling(house: House, plan: Plan, random: Random) -> None:
    """One trouble after the other, with some peace between them."""
    possible = [each for each in TROUBLES if each != "filled" or house.disk is not None]
    while True:
        await trio.sleep(plan.every_s * random.uniform(0.5, 1.5))
        await house.be_in_trouble(random.choice(possible), random.uniform(*plan.lasts_s), random)


async def live(town: Town, plan: Plan, report: Callable[[str], None]) -> Outcome:
    """Everybody talks while relays are in trouble; then there is peace, and judgement."""
    random, begin = Random(plan.seed), trio.current_time()
    share, pace = -(-plan.messages // len(town.people)), plan.pace / len(town.people)
    async with trio.open_nursery() as troubling:
        for house in town.houses:
            troubling.start_soon(keep_troubling, house, plan, Random(random.random()))
        troubling.start_soon(tell, town, report)
        async with trio.open_nursery() as talking:
            for person in town.people:
                talking.start_soon(person.talk, share, pace, Random(random.random()))
        troubling.cancel_scope.cancel()
    calm = trio.current_time()
    outcome = Outcome(seconds=calm - begin)
    with trio.move_on_after(plan.calm_s):
        for person in town.people:
            await person.wait_unread(
                {
                    each.name: len(each.said.get(person.name, []))
                    for each in neighbours(town, person)
                }
            )
    outcome.settled_s = trio.current_time() - calm
    outcome.unheard = await unheard(town)
    while outcome.unheard and trio.current_time() < calm + plan.calm_s:
        await trio.sleep(HEARD_EACH_S)
        outcome.unheard = await unheard(town)
    outcome.heard_s = trio.current_time() - calm
    for house in town.houses:
        outcome.troubles += house.troubles
    for person in town.people:
        for each in neighbours(town, person):
            rows = await person.desktop.history(person.conversations[each.name])
            came = [row for row in rows if not row["mine"]]
            way = f"{each.name} to {person.name}"
            outcome.directions[way] = judge(each.told(person), came)
    return outcome


async def unheard(town: Town) -> int:
    """How many of all that was said has no receipt yet."""
    count = 0
    for person in town.people:
        for conversation in person.conversations.values():
            rows = await person.desktop.history(conversation)
            count += sum(row["mine"] and row["state"] != "delivered" for row in rows)
    return count


def neighbours(town: Town, person: Person) -> list[Person]:
    return [each for each in town.people if each.name in person.conversations]


async def tell(town: Town, report: Callable[[str], None]) -> None:
    while True:
        await trio.sleep(30)
        said = sum(len(texts) for person in town.people for texts in person.said.values())
        troubles = sum((house.troubles for house in town.houses), Counter[str]())
        report(f"{said} said, relays in trouble {troubles.total()} times")


async def run(plan: Plan, folder: Path, report: Callable[[str], None]) -> Outcome:
    async with a_town(folder, disks=plan.disks) as town:
        return await live(town, plan, report)


def row(outcome: Outcome, plan: Plan) -> str:
    """The figures, as they stand in the table."""
    troubles = ", ".join(f"{what} {outcome.troubles[what]}" for what in TROUBLES)
    return (
        f"{outcome.total('composed')} messages in {outcome.seconds:.0f} s, seed {plan.seed}"
        f" | {troubles} | all there after {outcome.settled_s:.0f} s | {outcome.total('lost')} lost,"
        f" {outcome.total('doubled')} doubled, {outcome.total('disordered')} out of order,"
        f" {outcome.total('unasked')} unasked, {outcome.total('repaired')} late"
        f" | {outcome.unheard} without a receipt after {outcome.heard_s:.0f} s"
    )


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults.town", description=__doc__)
    parser.add_argument("--messages", type=int, default=100_000)
    parser.add_argument("--pace", type=float, default=60.0, help="a second, all together")
    parser.add_argument(
        "--every", type=float, default=20.0, metavar="S", help="of peace, each relay"
    )
    parser.add_argument("--calm", type=float, default=1800.0, metavar="S", help="in the end")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    disks = os.geteuid() == 0
    if not disks:
        print("no disk is filled: one of its own can only be mounted as root")
    plan = Plan(asked.messages, asked.pace, asked.every, (1.0, 15.0), asked.calm, asked.seed, disks)
    folder = Path(tempfile.mkdtemp(prefix="aside-town-"))
    outcome = trio.run(run, plan, folder, partial(print, flush=True))
    print(row(outcome, plan))
    if outcome.well:
        shutil.rmtree(folder)
    else:
        print(f"NOT WELL; everything is kept in {folder}")
    return 0 if outcome.well else 1


if __name__ == "__main__":
    sys.exit(main())
