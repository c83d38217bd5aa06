"""Clocks that jump ten years, forwards and back, of desktops and relays, while people write.

Nothing expires, nothing fails, the order stays; what waited for somebody who was away meanwhile is
there afterwards.
"""

from __future__ import annotations

import trio

from tests.faults.virtual import MINUTE, Talk, Tally
from tests.whole.test_clocks import A_WHILE, brisk
from tests.whole.world import World, befriend

YEARS_MS = 10 * 365 * 24 * 3600 * 1000
WITHIN = {"delivered": 5 * MINUTE}


async def clock_jumps(world: World, jumps: int) -> Tally:
    """So many jumps; both write before each, and every third time one of them is away for it."""
    brisk(world)
    north, south = await world.relay("north.example"), await world.relay("south.example")
    async with world.desktop("Alice", at=north) as alice, world.desktop("Bob", at=south) as bob:
        conversation = await befriend(world, alice, bob)
        talks = Talk(alice, bob, conversation), Talk(bob, alice, conversation)
        clocks = (alice.name, bob.name, north.host, south.host)
        delivered = 0.0
        for number in range(jumps):
            whose = world.random.choice(clocks)
            ahead_ms = 0 if world.ahead_ms.get(whose) else world.random.choice((-1, 1)) * YEARS_MS
            if away := number % 3 == 2:
                # What waits for him is ten years old all at once.
                whose, ahead_ms = alice.name, YEARS_MS
                world.ahead_ms[whose] = 0
                await bob.wire.off()
            for talk in talks:
                await talk.say(f"{number}")
            await trio.sleep(1)
            world.ahead_ms[whose] = ahead_ms
            await trio.sleep(A_WHILE if away else MINUTE * world.random.random())
            began = trio.current_time()
            if away:
                bob.wire.on()
                await bob.engine.nudge()
            for talk in talks:
                await talk.settle(10 * MINUTE)
                delivered = max(delivered, talk.waits(began))
        world.ahead_ms.clear()
        await trio.sleep(5 * MINUTE)
        return sum([await talk.tally(delivered=delivered) for talk in talks], Tally())
