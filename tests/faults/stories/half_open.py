"""Lines that are dead without anybody saying so: the desktops' own, and those between relays."""

from __future__ import annotations

import trio

from desktop.core.models import RelayState
from tests.faults.virtual import MINUTE, Talk, Tally
from tests.whole.world import Desktop, Place, World, befriend

WITHIN = {"noticed": MINUTE, "delivered": MINUTE}


async def half_open(world: World, rounds: int) -> Tally:
    """So many times one of the three lines falls silent, at any moment of its life."""
    north, south = await world.relay("north.example"), await world.relay("south.example")
    async with world.desktop("Alice", at=north) as alice, world.desktop("Bob", at=south) as bob:
        conversation = await befriend(world, alice, bob)
        talks = Talk(alice, bob, conversation), Talk(bob, alice, conversation)
        noticed = delivered = 0.0
        for number in range(rounds):
            for talk in talks:  # so that every line is open
                await talk.say(f"before {number}")
            await trio.sleep(10 + 40 * world.random.random())
            which = (alice, bob, (north, south))[number % 3]
            noticed = max(noticed, await _silence(world, which, talks, f"during {number}"))
            began = trio.current_time()
            for talk in talks:
                await talk.settle(5 * MINUTE)
                delivered = max(delivered, talk.waits(began))
        return sum(
            [await talk.tally(noticed=noticed, delivered=delivered) for talk in talks], Tally()
        )


async def _silence(
    world: World, which: Desktop | tuple[Place, Place], talks: tuple[Talk, Talk], text: str
) -> float:
    """Seconds until it was noticed that nothing comes any more; then the line is well again."""
    began = trio.current_time()
    if isinstance(which, Desktop):
        which.wire.deaf = True
        for talk in talks:
            await talk.say(text)
        while (await which.engine.relay_list())[0].state is RelayState.ONLINE:
            await trio.sleep(1)
            if trio.current_time() > began + 10 * MINUTE:
                break
        which.wire.deaf = False
    else:
        near, far = which
        between = world.between(near.host, far.host)
        called = [len(each.called) for each in which]
        between.deaf = True
        for talk in talks:
            await talk.say(text)
        while any(len(p.called) == n for p, n in zip(which, called, strict=True)):
            await trio.sleep(1)
            if trio.current_time() > began + 10 * MINUTE:
                break
        between.deaf = False
    return trio.current_time() - began
