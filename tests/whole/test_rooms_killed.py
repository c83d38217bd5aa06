"""A desktop killed before and after its commits while it speaks in a room: what was known to be on
disk is told once and in its order, whatever the process had done with it."""

from __future__ import annotations

import trio
from trio.testing import MockClock

from tests.whole.test_crashes import doomed
from tests.whole.test_rooms import POTTERY
from tests.whole.test_rooms_life import said
from tests.whole.world import Killed, Mortal, World

DEATHS = [(at, after) for at in (4, 6, 8, 9) for after in (False, True)]
AT_A_TIME = 3


async def test_a_speaker_may_be_killed_at_any_commit(
    world: World, autojump_clock: MockClock
) -> None:
    relay = await world.relay()
    known: list[str] = []
    async with world.desktop("Alice", at=relay) as alice:
        opened = await alice.engine.room_open(POTTERY)
        room = opened.room_id
        async with world.desktop("Bob", at=relay) as bob:
            await bob.engine.room_enter(opened.link, "quiet-fern")
            await trio.sleep(2)
        for at, after in DEATHS:
            threads = Mortal(at, after=after)
            async with doomed(world, "Bob", threads) as born:
                try:
                    bob = await born.receive()
                except trio.EndOfChannel:
                    continue
                try:
                    for number in range(AT_A_TIME):
                        text = f"{number} before {at} {after}"
                        await bob.engine.room_say(room, text)
                        known.append(text)
                except Killed:
                    pass  # what it would have been is not known to be on disk
                await trio.sleep(3)
                assert threads.dead
        assert len(known) > 2 * len(DEATHS), "most of them are killed behind what they said"
        async with world.desktop("Bob") as bob:
            await trio.sleep(20)
            told = await said(bob, room)
            assert told == await said(alice, room)
            assert len(set(told)) == len(told), "said twice"
            assert [one for one in told if one in known] == known, "lost, or out of its order"
            assert len(told) - len(known) <= len(DEATHS)
            assert not (await bob.engine.stage(room)).waiting
            shown = await alice.engine.room_show(room)
            assert (shown.complete, shown.warning) == (True, None)
