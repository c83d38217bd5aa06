"""Five relays that cannot reach each other for an hour, and then can.

Nobody tells them. A relay that tries is one that the others hear of, so what waits for it goes at
once: all that two people have for each other is there a minute after any of their relays met.
"""

from __future__ import annotations

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
        apart = [len(talk.came_at) for talk in talks]
        healed = trio.current_time()
        world.parted.clear()
        for talk in talks:
            await talk.settle(30 * MINUTE)
        tally = Tally(strange=sum(apart))
        for talk in talks:
            met = _met(world, at[talk.writer.name], at[talk.reader.name], healed)
            tally += await talk.tally(delivered=talk.waits(healed), met=talk.waits(met))
        return tally


def _met(world: World, some: tuple[Place, ...], others: tuple[Place, ...], since: float) -> float:
    """When a relay of the one and a relay of the other were first connected again."""
    times = [
        when
        for one in some
        for other in others
        for when in world.between(one.host, other.host).connected
    ]
    return min((when for when in times if when >= since), default=since)
