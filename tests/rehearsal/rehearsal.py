"""Fifteen minutes in a room, before four windows, with five hundred people who have none.

Law: what goes wrong on the way is written down with its picture, and the evening goes on; only what
it stands on (the relay, the windows, the room) ends it.
"""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import trio

from desktop.demo.crowd.leading import Led
from desktop.demo.crowd.told import (
    Ask,
    Back,
    Came,
    Count,
    Counted,
    Enter,
    Flood,
    Gather,
    Pace,
    Reach,
    Say,
    Settle,
    Talk,
    Vote,
)
from desktop.demo.evening import QUIET
from desktop.demo.hall import Hall
from desktop.demo.hands import Hands
from desktop.demo.person import NotSeen, Person
from desktop.demo.stage import Stage
from desktop.demo.story import LARGE, Story
from desktop.demo.transcript import Transcript
from tests.faults.program import run_command
from tests.faults.relays import RELEASED, RelayProcess
from tests.rehearsal.measuring import keep_looking
from tests.rehearsal.report import Findings

TITLE, ABOUT, RULES = "Making things", "An evening about wheel, glaze and fire", "Be kind."
QUESTION = "How do I keep a rim from warping?"
BACK_S = 30.0  # to wait; ten are promised
SETTLE_S = 60.0
HUSH_S = 4.0  # until what was said is read, and no row moves under a hand

Do = Callable[[], Awaitable[None]]


class Rehearsal:
    """One evening, from opening the room to counting what everybody has."""

    def __init__(
        self,
        stage: Stage,
        cast: list[Person],
        names: list[str],
        crowds: list[Led],
        relay: RelayProcess,
        out: Path,
        findings: Findings,
        transcript: Transcript,
        pace: Pace,
    ) -> None:
        self._stage = stage
        self._cast = cast
        self._names = names
        self._crowds = crowds
        self._relay = relay
        self._out = out
        self._found = findings
        self._transcript = transcript
        self._pace = pace
        self._hands = Hands(stage)
        self._hall = Hall(stage, self._hands)
        self._story = Story(stage, cast[0], cast[1], out, transcript)
        self._one = trio.Lock()  # one pair of hands
        self._each = findings.people // len(crowds)

    # before it

    async def begin(self, desks: AsyncExitStack, invitation: str, vaults: str) -> None:
        """Everybody is in the room. Raises NotSeen."""
        async with trio.open_nursery() as nursery:
            for number, crowd in enumerate(self._crowds):
                order = Gather(vaults, number * self._each, self._each, number)
                nursery.start_soon(crowd.tell, order)
            for person in self._cast:
                await self._sit_down(desks, person, invitation)
        host, *others = self._cast
        link = await self._hall.open_room(host, TITLE, ABOUT, RULES, seats=1_000)
        await self._hall.go_in(host)
        self._say("the room is open")
        for person, name in zip(others, self._names[1:], strict=True):
            await self._hall.come_to(person, link)
            await self._hall.enter(person, name)
        began = time.monotonic()
        async with trio.open_nursery() as nursery:
            for crowd in self._crowds:
                nursery.start_soon(crowd.tell, Enter(link))
        people = self._found.people
        self._say(f"{people} people came in within {time.monotonic() - began:.0f} s")
        await self.step("a moderator", self._make_moderator)
        await self._talk(self._pace)

    async def _sit_down(self, desks: AsyncExitStack, person: Person, invitation: str) -> None:
        await desks.enter_async_context(person.at_the_desk(self._stage.environment))
        await person.look()
        await self._stage.arrange(person, self._cast.index(person), *LARGE)
        await self._story.create(person)
        await self._story.add_relay(person, invitation)
        if self._cast.index(person) % 2:
            await self._story.go_dark(person)

    # while it goes on

    async def step(self, what: str, do: Do) -> None:
        """One thing that is to be seen. What fails is written down."""
        try:
            async with self._one:
                await do()
            self._say(what)
        except NotSeen as exc:
            self._found.missed.append(f"{what}: {exc}")
            self._say(f"MISSED {what}: {exc}")
            for person in self._cast:
                if person.here:
                    await self._picture(person, f"missed-{len(self._found.missed)}")

    async def minute(self, number: int) -> None:
        """Pictures of all windows, and one entry from key to eye."""
        await self.step(f"minute {number}: an entry seen", lambda: self._probe(number))
        for person in self._cast:
            await self._picture(person, f"minute-{number:02}")

    async def _probe(self, number: int) -> None:
        host, writer, name = self._cast[0], self._cast[2], self._names[2]
        words = f"Minute {number}, and the clay is still wet."
        box = await self._hall.box(writer, name)
        await self._hands.fill(writer, box, words)
        began = time.monotonic()
        await self._stage.press(writer, "Return")
        await self._hall.sees(host, words)
        self._found.eyes_ms.append(round(1000 * (time.monotonic() - began)))

    async def question(self) -> None:
        """Asked, voted for, answered live."""
        host, asker = self._cast[0], self._cast[2]
        await self._hall.ask(asker, QUESTION)
        votes = 0
        for crowd in self._crowds:
            votes += (await crowd.tell(Vote(QUESTION, max(1, self._each // 10)))).count
        self._say(f"{votes} votes")
        await self._hall.answer_live(host)
        await self._picture(host, "queue")
        await self._hall.answered(host)
        await self._crowds[0].tell(Ask(0, "And how dry is dry enough?", nameless=True))

    async def flood(self) -> None:
        """Some people say the same again and again."""
        done = await self._crowds[-1].tell(Flood(5, 40))
        await self._picture(self._cast[0], "flood")
        self._say(f"a flood of {done.count} entries by {', '.join(done.names)}")

    async def removal(self) -> None:
        """One of those who sell is shown the door, by the moderator."""
        words = "Cheap kilns, only tonight, write to me!"
        async with self._hush():
            await self._crowds[0].tell(Say(3, words))
            await self._hall.remove(self._cast[1], words, "No selling here")
            await self._picture(self._cast[2], "removed")

    async def restart(self) -> None:
        """The relay is killed and comes back."""
        await self._relay.kill()
        await trio.sleep(3)
        await self._relay.start()
        await self._picture(self._cast[0], "relay-back")
        async with trio.open_nursery() as nursery:
            for crowd in self._crowds:
                nursery.start_soon(self._come_back, crowd)

    async def _come_back(self, crowd: Led) -> None:
        came = await crowd.ask(Back(BACK_S), Came)
        self._found.back_s += came.seconds
        self._found.not_back += came.late

    async def reach(self, invitation: str, people: list[int]) -> None:
        """These can be taken aside."""
        self._found.asides_wanted = len(people)
        await self._crowds[0].tell(Reach(people, invitation))

    async def aside(self, number: int, whom: int) -> None:
        """By the host and the moderator in turns."""
        words = f"I would like to show somebody my glaze number {number + 1}."
        who = self._cast[number % 2]
        async with self._hush():
            await self._crowds[0].tell(Say(whom, words))
            await self._hall.take_aside(who, words)

    # after it

    async def end(self) -> None:
        """Everybody falls silent and says what they have."""
        await self._talk(QUIET)
        async with trio.open_nursery() as nursery:
            for crowd in self._crowds:
                nursery.start_soon(crowd.ask, Settle(SETTLE_S), Came)
        await trio.sleep(HUSH_S)
        async with trio.open_nursery() as nursery:
            for crowd in self._crowds:
                nursery.start_soon(self._count, crowd)
        self._found.asides = sum(one.asides for one in self._found.tallies)

    async def _count(self, crowd: Led) -> None:
        counted = await crowd.ask(Count(), Counted)
        self._found.tallies += counted.tallies
        self._found.latencies_ms += counted.latencies_ms

    # inside

    async def _make_moderator(self) -> None:
        await self._hall.make_moderator(self._cast[0], self._names[1])
        await self._hall.sees(self._cast[2], f"{self._names[1]} is a moderator now")

    async def _talk(self, pace: Pace) -> None:
        count = len(self._crowds)
        share = Pace(
            pace.entries / count,
            pace.reactions / count,
            pace.votes / count,
            pace.questions / count,
        )
        for crowd in self._crowds:
            await crowd.tell(Talk(share))

    @asynccontextmanager
    async def _hush(self) -> AsyncGenerator[None]:
        await self._talk(QUIET)
        await trio.sleep(HUSH_S)
        try:
            yield
        finally:
            await self._talk(self._pace)

    async def _picture(self, person: Person, name: str) -> None:
        await self._stage.picture(person, self._out / f"{name}-{person.name.lower()}.png")

    def _say(self, what: str) -> None:
        self._transcript.say(what)
        self._found.happened.append(f"- {what}")


async def invite(relay: RelayProcess, uses: int) -> str:
    """A link that lets so many in."""
    code, said = await run_command(
        RELEASED, "invite", str(relay.folder), "--uses", str(uses), log=relay.log
    )
    assert code == 0
    return said.strip()


def measured(
    rehearsal_cast: list[Person], crowds_: list[Led], relay: RelayProcess, findings: Findings
) -> Callable[[], Awaitable[None]]:
    """Look at what every process takes, until it is cancelled."""

    def of(one: Person | Led) -> Callable[[], int | None]:
        return lambda: None if one.process is None else one.process.pid

    who: dict[str, Callable[[], int | None]] = {"relay": lambda: relay.running}
    who |= {f"window of {one.name}": of(one) for one in rehearsal_cast}
    for number, led in enumerate(crowds_):
        who[f"people {number + 1}"] = of(led)
    return lambda: keep_looking(who, findings.taken)
