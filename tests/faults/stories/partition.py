"""Five relays that cannot reach each other for an hour, and then can.

Nobody tells them. A relay that tries is one that the others hear of, so what waits for it goes at
once: all that waits between two relays is there a minute after they met, whoever called.
"""

from __future__ import annotations

import math
from itertools import combinations

import trio

from protocol.ids import ConversationId
from tests.faults.virtual import MINUTE, Talk, Tally
from tests.whole.world import Place, World, befriend

HOSTS = [f"{name}.example" for name in ("ash", "birch", "cedar", "elm", "fir")]
WITHIN = {"delivered": 6 * MINUTE, "met": MINUTE}


async def partition(world: World, messages: int) -> Tally:
    """Alice at one relay; Bob and Carol at two each; everybody writes, so many each."""
    ash, birch, cedar, elm, fir = [await world.relay(host) for host in HOSTS]
    async with (
        world.desktop("Alice", at=ash) as alice,
        world.desktop("Bob", at=birch) as bob,
        world.desktop("Carol", at=cedar) as carol,
    ):
        await bob.engine.relay_add(str(elm.address))
        await carol.engine.relay_add(str(fir.address))
        at = {alice.name: (ash,), bob.name: (birch, elm), carol.name: (cedar, fir)}
        talks: list[Talk] = []
        for other in (bob, carol):
            conversation: ConversationId = await befriend(world, alice, other)
            talks += [Talk(alice, other, conversation), Talk(other, alice, conversation)]
        await world.part(*combinations(HOSTS, 2))
        over = trio.current_time() + 3600 + 600 * world.random.random()
        for number in range(messages):
            for talk in talks:
                await talk.say(f"{talk.writer.name} {number}")
            await trio.sleep(3000 / messages * 2 * world.random.random())
        await trio.sleep_until(over)
        apart = sum(len(talk.came_at) for talk in talks)
        healed = trio.current_time()
        waiting = [_waiting(at[talk.writer.name], at[talk.reader.name], messages) for talk in talks]
        world.parted.clear()
        for talk in talks:
            await talk.settle(30 * MINUTE)
        tally = Tally(strange=apart)
        for talk, pairs in zip(talks, waiting, strict=True):
            met = talk.waits(_met(world, pairs, healed))
            tally += await talk.tally(delivered=talk.waits(healed), met=met)
        return tally


def _waiting(
    some: tuple[Place, ...], others: tuple[Place, ...], messages: int
) -> list[tuple[Place, Place]]:
    """Between which of their relays all of it waits."""
    found: list[tuple[Place, Place]] = []
    for one in some:
        packets = [each.to.address for each in one.store.packets.all.values()]
        found += [(one, two) for two in others if packets.count(str(two.address)) >= messages]
    return found


def _met(world: World, pairs: list[tuple[Place, Place]], since: float) -> float:
    """When two of them were first connected again, if they had to be."""
    times = [when for one, other in pairs for when in world.between(one.host, other.host).connected]
    return min((when for when in times if when >= since), default=math.inf)
