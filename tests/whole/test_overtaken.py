"""One relay holds what a member was sent, and another brings what was sent after it."""

from __future__ import annotations

import pytest
import trio
from msgspec.structs import replace
from trio.testing import MockClock

from desktop.store import receiving_chains
from tests.whole.held_back import put_back, take_away
from tests.whole.mutant import the_story_fails
from tests.whole.world import World, befriend

MINUTE = 60.0
DAY = 24 * 60 * MINUTE
MANY = 50  # more than a session keeps skipped keys for


async def held_back_during_a_talk(world: World) -> None:
    """Nobody says anything again, so that what was overtaken opens or stays unreadable."""
    world.timings = replace(world.timings, gap_grace=DAY, heard_patience=DAY)
    relay = await world.relay()
    async with world.desktop("Alice", at=relay) as alice:
        async with world.desktop("Bob", at=relay) as bob:
            conversation = await befriend(world, alice, bob)
        said = [f"{number}" for number in range(2 * MANY)]
        for one in said[:MANY]:
            await alice.engine.message_send(conversation, one)
        await trio.sleep(20)
        held = take_away(relay, bob)
        assert len(held) >= MANY
        for one in said[MANY:]:
            await alice.engine.message_send(conversation, one)
        await trio.sleep(20)
        async with world.desktop("Bob") as bob:
            await trio.sleep(10)
            for number in range(6):
                await bob.engine.message_send(conversation, f"b{number}")
                await trio.sleep(5)
                said.append(f"a{number}")
                await alice.engine.message_send(conversation, said[-1])
                await trio.sleep(5)
            assert await bob.count("receiving_chain WHERE kept_ms IS NOT NULL") == 1
        put_back(relay, bob, held)
        async with world.desktop("Bob") as bob:
            await trio.sleep(MINUTE)
            shown = await bob.engine.message_list(conversation, limit=1000)
            assert not any("unreadable" in one for one in await bob.texts(conversation))
            assert [row.text for row in shown if row.text and not row.mine] == said
            assert await bob.count("receiving_chain WHERE kept_ms IS NOT NULL") == 0
        await trio.sleep(MINUTE)
        assert set(await alice.states(conversation)) == {"delivered"}


async def test_nothing_is_kept_for_the_end_of_a_chain_that_has_come(
    world: World, autojump_clock: MockClock
) -> None:
    """Its numbers alone show that something is missing: what came next is of another chain."""
    world.timings = replace(world.timings, gap_grace=DAY, heard_patience=DAY)
    relay = await world.relay()
    async with world.desktop("Alice", at=relay) as alice:
        async with world.desktop("Bob", at=relay) as bob:
            conversation = await befriend(world, alice, bob)
        for text in ("last of it that comes", "overtaken"):
            await alice.engine.message_send(conversation, text)
            await trio.sleep(20)
        comes, *held = take_away(relay, bob)
        put_back(relay, bob, [comes])
        async with world.desktop("Bob") as bob:
            await trio.sleep(20)  # its receipt turns the ratchet
            await alice.engine.message_send(conversation, "first of the next")
            await trio.sleep(20)
            assert await bob.count("receiving_chain WHERE kept_ms IS NOT NULL") == 1
        put_back(relay, bob, held)
        async with world.desktop("Bob") as bob:
            await trio.sleep(MINUTE)
            assert "overtaken" in await bob.texts(conversation)
            assert await bob.count("receiving_chain WHERE kept_ms IS NOT NULL") == 0


async def test_what_was_overtaken_is_read_in_its_order_without_being_said_again(
    world: World, autojump_clock: MockClock
) -> None:
    await held_back_during_a_talk(world)


async def test_mutant_that_forgets_the_session_before_a_hole(
    world: World, autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nothing(*_: object) -> list[object]:
        return []

    monkeypatch.setattr(receiving_chains, "earlier", nothing)
    with the_story_fails():
        await held_back_during_a_talk(world)
