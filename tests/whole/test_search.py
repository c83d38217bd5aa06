"""Search over everything that was said: both ways, any script, newest first, at once."""

from __future__ import annotations

import trio
from trio.testing import MockClock

from tests.whole.world import Desktop, World, befriend

SAID = [
    "The kiln is hot",
    "Le four est chaud, café à dix heures",
    "הכבשן חם",
    "窯が熱い",
    "the KILN again",
]


async def hits(desktop: Desktop, words: str, limit: int = 50) -> list[str]:
    return [found.message.text for found in await desktop.engine.message_search(words, limit)]


async def test_what_was_said_is_found(world: World, autojump_clock: MockClock) -> None:
    relay = await world.relay()
    async with (
        world.desktop("Alice", at=relay) as alice,
        world.desktop("Bob", at=relay) as bob,
        world.desktop("Carol", at=relay) as carol,
    ):
        conversation = await befriend(world, alice, bob)
        other = await befriend(world, alice, carol)
        for text in SAID:
            await alice.engine.message_send(conversation, text)
        await carol.engine.message_send(other, "Carol has a kiln too")
        await trio.sleep(10)
        assert await hits(alice, "kiln") == ["Carol has a kiln too", SAID[4], SAID[0]]
        assert await hits(bob, "kiln") == [SAID[4], SAID[0]]
        [found] = await alice.engine.message_search("Carol kil")
        assert (found.name, found.message.conversation_id) == ("Carol", other)
        assert await hits(bob, "cafe") == [SAID[1]], "without its accent, as people type"
        assert await hits(bob, "הכבשן") == [SAID[2]]
        assert await hits(alice, "kiln", limit=1) == ["Carol has a kiln too"]
        assert await hits(alice, "nobody said this") == []


async def test_what_is_typed_is_words_and_never_a_query(
    world: World, autojump_clock: MockClock
) -> None:
    relay = await world.relay()
    async with world.desktop("Alice", at=relay) as alice, world.desktop("Bob", at=relay) as bob:
        conversation = await befriend(world, alice, bob)
        await alice.engine.message_send(conversation, 'say "AND" (or NOT)')
        for words in (
            "",
            " ",
            '"',
            "'",
            "*",
            "AND",
            "NOT kiln",
            "kiln*",
            "(",
            "text:x",
            "^a",
            "\0",
        ):
            assert isinstance(await hits(alice, words), list)
        assert await hits(alice, "AND") == ['say "AND" (or NOT)']
