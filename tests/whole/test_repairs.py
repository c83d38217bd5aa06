"""What is said again: the same message under fresh bytes, and each at most once an hour."""

from __future__ import annotations

import trio
from msgspec.structs import replace
from trio.testing import MockClock

from protocol.e2e.contents import Gap, RepairAsk
from protocol.ids import DeviceId
from tests.whole.malice import Mallory
from tests.whole.mutant import the_story_fails
from tests.whole.world import World, befriend, member

MINUTE = 60
HOUR = 60 * MINUTE


async def asked_again_and_again(world: World) -> None:
    """Bob's desktop asks for one and the same message every ten minutes."""
    relay = await world.relay()
    async with world.desktop("Alice", at=relay) as alice, world.desktop("Bob", at=relay) as bob:
        conversation = await befriend(world, alice, bob)
        message = await alice.engine.message_send(conversation, "once")
        await trio.sleep(2 * HOUR)
        asker = Mallory(bob, await member(alice))
        device = DeviceId(alice.ground.me.device.device_id)
        box = relay.store.mailboxes.find(bob.mailbox_at(relay))
        assert box is not None
        said: list[int] = []
        for _ in range(2):
            before = box.last
            for _ in range(5):
                gaps = (Gap(device=device, first=1, last=1),)
                await asker.say(RepairAsk(header=await asker.header(), gaps=gaps))
                await trio.sleep(10 * MINUTE)
            said.append(box.last - before)
            await trio.sleep(HOUR)
        assert said == [1, 1], "said again once, and once more after an hour"
        shown = await bob.engine.message_list(conversation, limit=100)
        assert [row.message_id for row in shown if row.text == "once"] == [message]
        assert not any("<unreadable" in one for one in await bob.texts(conversation))


async def test_a_message_is_said_again_at_most_hourly(
    world: World, autojump_clock: MockClock
) -> None:
    await asked_again_and_again(world)


async def test_mutant_that_says_again_whenever_it_is_asked(
    world: World, autojump_clock: MockClock
) -> None:
    world.timings = replace(world.timings, ask_again=1.0)
    with the_story_fails():
        await asked_again_and_again(world)


async def said_again_and_then_it_comes(world: World) -> None:
    """A relay brings a message long after it was asked for and said again."""
    relay = await world.relay()
    async with world.desktop("Alice", at=relay) as alice:
        async with world.desktop("Bob", at=relay) as bob:
            conversation = await befriend(world, alice, bob)
        await alice.engine.message_send(conversation, "held back")
        await trio.sleep(20)
        (held_back,) = relay.waiting_for(bob)
        relay.waiting_for(bob).clear()
        await alice.engine.message_send(conversation, "what follows")
        await trio.sleep(20)
        async with world.desktop("Bob") as bob:
            await trio.sleep(5 * MINUTE)
            assert "held back" in await bob.texts(conversation)
            # So many turns that the key it was sealed under is forgotten.
            for number in range(8):
                await bob.engine.message_send(conversation, f"b{number}")
                await trio.sleep(10)
                await alice.engine.message_send(conversation, f"a{number}")
                await trio.sleep(10)
            before = await bob.texts(conversation)
        box = relay.store.mailboxes.find(bob.mailbox_at(relay))
        assert box is not None
        again = replace(held_back[0], number=box.last + 1)
        box.last += 1
        relay.waiting_for(bob).append((again, *held_back[1:]))
        async with world.desktop("Bob") as bob:
            await trio.sleep(MINUTE)
            assert relay.waiting_for(bob) == []
            assert await bob.texts(conversation) == before


async def test_what_was_said_again_may_come_for_all_that(
    world: World, autojump_clock: MockClock
) -> None:
    await said_again_and_then_it_comes(world)
