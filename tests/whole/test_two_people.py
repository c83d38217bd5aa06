"""Alice and Bob, one relay: they become contacts, write, and one of them is away."""

from __future__ import annotations

import trio
from trio.testing import MockClock

from tests.whole.world import World, befriend, member

BECAME = "<notice became_contacts>"


async def test_a_link_makes_two_contacts_who_write(world: World, autojump_clock: MockClock) -> None:
    relay = await world.relay()
    async with world.desktop("Alice", at=relay) as alice, world.desktop("Bob", at=relay) as bob:
        conversation = await befriend(world, alice, bob)

        await alice.engine.message_send(conversation, "The kiln is hot")
        await bob.engine.message_send(conversation, "I bring the pots")
        await trio.sleep(10)

        for desktop in (alice, bob):
            texts = await desktop.texts(conversation)
            assert sorted(texts) == sorted([BECAME, "The kiln is hot", "I bring the pots"])
            assert await desktop.states(conversation) == ["delivered"]
        assert [c.name for c in await alice.engine.contact_list()] == ["Bob"]
        assert [c.name for c in await bob.engine.contact_list()] == ["Alice"]
        shown = await alice.engine.contact_show(await member(bob))
        assert (
            shown.safety_number
            == (await bob.engine.contact_show(await member(alice))).safety_number
        )


async def test_what_is_written_while_one_is_away_comes_once_and_in_order(
    world: World, autojump_clock: MockClock
) -> None:
    relay = await world.relay()
    async with world.desktop("Alice", at=relay) as alice:
        async with world.desktop("Bob", at=relay) as bob:
            conversation = await befriend(world, alice, bob)
        for number in range(40):
            await alice.engine.message_send(conversation, f"message {number}")
        await trio.sleep(20)
        assert await alice.states(conversation) == ["sent"] * 40

        async with world.desktop("Bob", at=relay) as bob:
            await trio.sleep(20)
            assert await bob.texts(conversation) == [
                BECAME,
                *(f"message {number}" for number in range(40)),
            ]
            assert (await bob.engine.conversation_list())[0].unread == 40
        assert await alice.states(conversation) == ["delivered"] * 40


async def test_reading_is_told_when_it_is_allowed(world: World, autojump_clock: MockClock) -> None:
    relay = await world.relay()
    async with world.desktop("Alice", at=relay) as alice, world.desktop("Bob", at=relay) as bob:
        conversation = await befriend(world, alice, bob)
        message = await alice.engine.message_send(conversation, "Are you there?")
        await trio.sleep(5)
        await bob.engine.conversation_read(conversation, message)
        await trio.sleep(5)
        assert await alice.states(conversation) == ["read"]
        assert (await bob.engine.conversation_list())[0].unread == 0
