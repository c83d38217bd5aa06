"""Half of everything is lost, and a word and its answer take two seconds at best, on every line.

What is lost is sent again by TCP, each time after twice as long; so lines stall for minutes, are
given up, and begin again.
"""

from __future__ import annotations

import trio

from tests.faults.virtual import MINUTE, Talk, Tally
from tests.whole.world import World, befriend

HOUR = 60 * MINUTE
WITHIN: dict[str, float] = {}  # slower is all it may be


async def bad_line(world: World, messages: int) -> Tally:
    """So many messages each way."""
    north, south = await world.relay("north.example"), await world.relay("south.example")
    async with world.desktop("Alice", at=north) as alice, world.desktop("Bob", at=south) as bob:
        conversation = await befriend(world, alice, bob)
        talks = Talk(alice, bob, conversation), Talk(bob, alice, conversation)
        for line in (alice.wire, bob.wire, world.between(north.host, south.host)):
            line.latency_s, line.loss = 1.0, 0.5
        for number in range(messages):
            for talk in talks:
                await talk.say(f"{number}")
                await trio.sleep(6 * world.random.random())
        for talk in talks:
            await talk.settle(6 * HOUR, glance=20)
        return sum([await talk.tally(delivered=talk.waits()) for talk in talks], Tally())
