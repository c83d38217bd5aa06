"""Asked aside by an app that is killed, and accepted by one: once, or not at all; never half."""

from __future__ import annotations

import trio
from trio.testing import MockClock

from desktop.core.errors import RelayUnavailable
from desktop.core.requests import Purpose, RequestId
from protocol.ids import EntryId, RoomId
from tests.whole.test_asides import ask, gather, only_request, said
from tests.whole.test_crashes import doomed
from tests.whole.world import Killed, Mortal, World

# Within starting and sitting down, the step itself, and behind it, just before and after a commit.
ASKING = (1, 2, 3, 4, 5)
ACCEPTING = (2, 3, 5, 8)


async def ask_and_die(world: World, room: RoomId, entry: EntryId, threads: Mortal) -> bool:
    """The host asks and is killed; whether she ever knew that it was on disk."""
    async with doomed(world, "Alice", threads) as born:
        try:
            alice = await born.receive()
            await alice.engine.room_aside(room, entry, "", Purpose.FEEDBACK)
        except (trio.EndOfChannel, Killed):
            return False
        await trio.sleep(20)
        return True


async def accept_and_die(world: World, request: RequestId, threads: Mortal) -> None:
    async with doomed(world, "Bob", threads) as born:
        try:
            bob = await born.receive()
            await bob.engine.request_accept(request)
        except (trio.EndOfChannel, Killed):
            return
        except RelayUnavailable:
            assert threads.dead, "the line was only lost with the process"
            return
        await trio.sleep(20)


async def test_who_asks_may_be_killed_at_any_commit(
    world: World, autojump_clock: MockClock
) -> None:
    relay = await world.relay()
    async with world.desktop("Alice", at=relay) as alice, world.desktop("Bob", at=relay) as bob:
        room = await gather(alice, bob)
        entry = await said(bob, room, "My glaze runs")
    asked = 0
    for at in ASKING:
        known = await ask_and_die(world, room, entry, Mortal(at, after=bool(at % 2)))
        async with world.desktop("Alice"), world.desktop("Bob") as bob:
            await trio.sleep(60)
            found = await bob.engine.requests()
            assert len(found) == 1 if known else len(found) < 2
            asked += len(found)
            for request in found:
                await bob.engine.request_decline(request.request_id)
    assert asked > 1, "most were killed before they knew"


async def test_who_accepts_may_be_killed_at_any_commit(
    world: World, autojump_clock: MockClock
) -> None:
    relay = await world.relay()
    async with world.desktop("Alice", at=relay) as alice, world.desktop("Bob", at=relay) as bob:
        room = await gather(alice, bob)
        entry = await said(bob, room, "My glaze runs")
    for at in ACCEPTING:
        async with world.desktop("Alice") as alice:
            async with world.desktop("Bob") as bob:
                await ask(alice, room, entry, f"{at}")
                await trio.sleep(30)
                request = await only_request(bob)
            await accept_and_die(world, request.request_id, Mortal(at, after=bool(at % 2)))
            async with world.desktop("Bob") as bob:
                await trio.sleep(60)
                for again in await bob.engine.requests():
                    assert await bob.engine.request_accept(again.request_id) is not None
                await trio.sleep(30)
                assert await bob.engine.requests() == []
                (row,) = await bob.engine.conversation_list()
                card = await alice.engine.bridge_card(row.conversation_id)
                assert card is not None
                assert await bob.engine.bridge_card(row.conversation_id) is not None
