"""The list of people over a real relay: whoever looks has it, whoever does not pays nothing."""

from __future__ import annotations

import trio
from trio.testing import MockClock

from desktop.core.events import Event
from desktop.core.room_facade import PeopleChanged
from desktop.engine.rooms.people import listing, shown
from desktop.store.rooms import people, rooms
from protocol.ids import RoomId
from tests.whole.test_rooms import POTTERY
from tests.whole.world import Desktop, World


async def named(desktop: Desktop, room: RoomId) -> set[str]:
    return {one.name for one in await desktop.engine.people(room)}


async def kept(desktop: Desktop, room: RoomId) -> set[str]:
    """Of whom the vault knows, without anybody looking."""
    vault = desktop.ground.vault
    here = await vault.read(lambda db: rooms.find(db, room))
    assert here is not None
    states = list(shown.STATES)
    found = await vault.read(lambda db: people.some(db, here.row, states, 100))
    return {one.name for one in found}


async def test_a_list_nobody_looks_at_costs_nothing_and_whoever_looks_has_it(
    world: World, autojump_clock: MockClock
) -> None:
    relay = await world.relay()
    async with (
        world.desktop("Alice", at=relay) as alice,
        world.desktop("Bob", at=relay) as bob,
        world.desktop("Carol", at=relay) as carol,
    ):
        opened = await alice.engine.room_open(POTTERY)
        room = await bob.engine.room_enter(opened.link, "quiet-fern")
        await carol.engine.room_enter(opened.link, "slow-otter")
        await trio.sleep(10)
        assert await kept(alice, room) == {"Marta Kessler", "quiet-fern", "slow-otter"}
        assert await kept(bob, room) == {"Marta Kessler"}  # who runs the room
        assert await named(bob, room) == {"Marta Kessler", "quiet-fern", "slow-otter"}


async def test_who_looked_hears_once_that_there_is_something_else_to_see(
    world: World, autojump_clock: MockClock
) -> None:
    relay = await world.relay()
    async with (
        world.desktop("Alice", at=relay) as alice,
        world.desktop("Bob", at=relay) as bob,
        world.desktop("Carol", at=relay) as carol,
    ):
        opened = await alice.engine.room_open(POTTERY)
        room = await bob.engine.room_enter(opened.link, "quiet-fern")
        await trio.sleep(10)
        assert await named(bob, room) == {"Marta Kessler", "quiet-fern"}
        told: list[Event] = []
        bob.engine.listen(told.append)
        await carol.engine.room_enter(opened.link, "slow-otter")
        await trio.sleep(10)  # the look still counts
        assert await kept(bob, room) == {"Marta Kessler", "quiet-fern", "slow-otter"}
        await trio.sleep(listing.LOOKED_AT_S)
        told.clear()
        await carol.engine.room_leave(room)
        await trio.sleep(20)
        await carol.engine.room_enter(opened.link, "slow-otter")
        await trio.sleep(20)
        assert told.count(PeopleChanged(room)) == 1
        await carol.engine.room_enter(opened.link, "dapple-lynx")
        await trio.sleep(20)
        assert "dapple-lynx" not in await kept(bob, room)
        assert "dapple-lynx" in await named(bob, room)


async def test_a_host_who_comes_back_is_seen_though_nobody_looks(
    world: World, autojump_clock: MockClock
) -> None:
    relay = await world.relay()
    async with world.desktop("Alice", at=relay) as alice, world.desktop("Bob", at=relay) as bob:
        opened = await alice.engine.room_open(POTTERY)
        room = await bob.engine.room_enter(opened.link, "quiet-fern")
        await trio.sleep(10)
        assert (await bob.engine.room_show(room)).live_since_ms is not None
        await alice.engine.room_leave(room)
        await trio.sleep(10)
        assert (await bob.engine.room_show(room)).live_since_ms is None
        await alice.engine.room_enter(opened.link, "Marta")
        await trio.sleep(10)
        assert (await bob.engine.room_show(room)).live_since_ms is not None
