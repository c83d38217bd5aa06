"""Everything at once, at random: two people, a relay that cheats, lines that break, kills."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

import pytest
import trio
from msgspec.structs import replace
from trio.testing import MockClock

from desktop.engine.lines.line import LineLost
from protocol.ids import ConversationId, EnvelopeId
from tests.whole.world import Desktop, Killed, Mortal, Place, World, befriend

STEPS = 30


@dataclass
class Person:
    """Somebody who writes, loses lines, and is killed."""

    world: World
    name: str
    conversation: ConversationId
    chance: random.Random
    written: list[str] = field(default_factory=list[str])
    uncertain: set[str] = field(default_factory=set[str])
    over: trio.Event = field(default_factory=trio.Event)

    async def live(self) -> None:
        """From kill to kill."""
        while not self.over.is_set():
            mortal = Mortal(self.chance.randrange(1, 60), after=self.chance.random() < 0.5)
            try:
                async with self.world.desktop(self.name, threads=mortal) as desktop:
                    await self._act(desktop, self.chance.randrange(1, 25))
            except* Killed:
                pass
            except* LineLost:
                assert mortal.dead, "two tasks died at once, and the line between them"
            await trio.sleep(self.chance.random() * 20)

    async def _act(self, desktop: Desktop, steps: int) -> None:
        for _ in range(steps):
            await trio.sleep(self.chance.random() * 4)
            what = self.chance.random()
            if what < 0.6:
                text = f"{self.name} {len(self.written)}"
                self.written.append(text)
                self.uncertain.add(text)
                await desktop.engine.message_send(self.conversation, text)
                self.uncertain.discard(text)
            elif what < 0.7:
                await desktop.wire.off()
                await trio.sleep(self.chance.random() * 10)
                desktop.wire.on()
            elif what < 0.75:
                desktop.wire.latency_s = self.chance.random()
            elif what < 0.8:
                rows = await desktop.engine.message_list(self.conversation)
                await desktop.engine.conversation_read(self.conversation, rows[-1].message_id)


async def cheat(place: Place, chance: random.Random, over: trio.Event) -> None:
    """Drops, repeats, swaps, and goes away."""
    while not over.is_set():
        await trio.sleep(chance.random() * 5)
        what = chance.random()
        queues = [queue for queue in place.store.envelopes.queues.values() if len(queue) > 1]
        if what < 0.15:
            await place.off()
            await trio.sleep(chance.random() * 10)
            await place.on()
        elif queues and what < 0.5:
            queue = chance.choice(queues)
            at = chance.randrange(len(queue) - 1)
            first, second = queue[at], queue[at + 1]
            if what < 0.25:
                del queue[at]
            elif what < 0.35:
                fresh = EnvelopeId(chance.randbytes(16))
                queue[at] = (
                    replace(second[0], number=first[0].number, envelope_id=fresh),
                    *second[1:],
                )
            else:
                queue[at] = (replace(second[0], number=first[0].number), *second[1:])
                queue[at + 1] = (replace(first[0], number=second[0].number), *first[1:])


async def settled(desktop: Desktop, conversation: ConversationId) -> bool:
    return set(await desktop.states(conversation)) <= {"delivered", "read"}


async def chaos(world: World, seed: int) -> None:
    world.presence = True
    relay = await world.relay()
    async with world.desktop("Alice", at=relay) as alice, world.desktop("Bob", at=relay) as bob:
        conversation = await befriend(world, alice, bob)
        await trio.sleep(10)
    people = [
        Person(world, name, conversation, random.Random(f"{seed} {name}"))
        for name in ("Alice", "Bob")
    ]
    over = trio.Event()
    async with trio.open_nursery() as nursery:
        for person in people:
            nursery.start_soon(person.live)
        nursery.start_soon(cheat, relay, random.Random(f"{seed} relay"), over)
        await trio.sleep(STEPS * 4)
        for person in people:
            person.over.set()
        over.set()
    world.timings = replace(
        world.timings, ask_again=60.0, elsewhere_after=60.0, upkeep=60.0, ping=45.0
    )
    if relay.relay is None:
        await relay.on()
    async with world.desktop("Alice") as alice, world.desktop("Bob") as bob:
        both = (alice, bob)
        with trio.move_on_after(3 * 3600):
            while True:
                await trio.sleep(130)
                if await settled(alice, conversation) and await settled(bob, conversation):
                    break
                for one in both:  # what nobody follows up on is only missed by its author
                    await one.engine.message_send(conversation, f"{one.name} are you there?")
        await trio.sleep(130)
        kept: dict[str, list[str]] = {}
        for one in both:
            rows = await one.engine.message_list(conversation, limit=1000)
            mine = [row for row in rows if row.mine]
            kept[one.name] = [row.text for row in mine]
            assert {row.state.value for row in mine} <= {"delivered", "read"}
        for person, one, other in zip(people, both, reversed(both), strict=True):
            sure = [text for text in person.written if text not in person.uncertain]
            assert [text for text in kept[one.name] if text in sure] == sure, "known and lost"
            found = await other.engine.message_list(conversation, limit=1000)
            theirs = [row.text for row in found if not row.mine and row.text]
            assert sorted(theirs) == sorted(kept[one.name]), "lost or doubled"
            on_time = [row.text for row in found if not row.mine and row.text and not row.late]
            assert on_time == [text for text in kept[one.name] if text in set(on_time)]
            assert all(row.kind.value in ("text", "notice") for row in found)


@pytest.mark.parametrize("seed", range(2))
async def test_nothing_is_lost_doubled_or_out_of_order(
    world: World, autojump_clock: MockClock, seed: int
) -> None:
    await chaos(world, seed)
