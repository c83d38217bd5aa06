"""What a member's own app tells them of what becomes of their words in a room."""

from __future__ import annotations

import pytest
import trio
from sqlcipher3 import Connection
from trio.testing import MockClock

from desktop.core.refused_orders import OrderCause, OrderRefused
from desktop.core.room_errors import UndoTooLate
from desktop.core.room_facade import RoomChanged
from desktop.core.rooms import Act, Presence
from desktop.engine.rooms.line.clocks import RoomClocks
from desktop.engine.rooms.stage import saying
from desktop.store.rooms.rooms import KeptRoom
from tests.whole.mutant import the_story_fails
from tests.whole.test_hosting import seat_of, states
from tests.whole.test_rooms import POTTERY
from tests.whole.world import World


async def send_counts_down(world: World) -> None:
    relay = await world.relay()
    async with world.desktop("Alice", at=relay) as alice, world.desktop("Bob", at=relay) as bob:
        opened = await alice.engine.room_open(POTTERY)
        room = opened.room_id
        await bob.engine.room_enter(opened.link, "quiet-fern")
        await alice.engine.room_set(room, slow_s=20)
        await trio.sleep(60)
        before = len(bob.heard)
        await bob.engine.room_say(room, "one")
        await trio.sleep(2)
        assert RoomChanged(room) in bob.heard[before:], "Send is told to look again"
        assert (await bob.engine.room_show(room)).may_write_ms > bob.ground.now()


async def test_send_counts_down_in_slow_mode_by_order(
    world: World, autojump_clock: MockClock
) -> None:
    await send_counts_down(world)


async def test_mutant_that_looks_for_slow_mode_in_the_policy(
    world: World, autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def by_policy(_: Connection, room: KeptRoom) -> bool:
        return room.body.slow_s > 0

    monkeypatch.setattr(saying, "_is_slow", by_policy)
    with the_story_fails():
        await send_counts_down(world)


async def test_an_order_that_the_relay_refuses_is_told_and_nothing_of_it_is_in_force(
    world: World, autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    relay = await world.relay()
    async with world.desktop("Alice", at=relay) as alice, world.desktop("Bob", at=relay) as bob:
        opened = await alice.engine.room_open(POTTERY)
        room = opened.room_id
        await bob.engine.room_enter(opened.link, "quiet-fern")
        await trio.sleep(3)

        def hours_ago(_: RoomClocks, __: object) -> int:
            return alice.ground.now() - 2 * 3_600_000

        monkeypatch.setattr(RoomClocks, "now", hours_ago)
        done = await alice.engine.room_act(room, await seat_of(bob, room), Act.REMOVE)
        await alice.engine.room_set(room, slow_s=30)
        await trio.sleep(3)
        assert done is not None
        told = [event for event in alice.heard if isinstance(event, OrderRefused)]
        assert [one.cause for one in told] == [OrderCause.LATE] * 2
        assert (told[0].undo_id, told[0].order) == (done.undo_id, done.order)
        assert (told[1].room_id, told[1].order) == (room, None)
        with pytest.raises(UndoTooLate):
            await alice.engine.room_undo(room, done.undo_id)
        assert (await states(alice, room))["quiet-fern"] is Presence.HERE
        assert (await alice.engine.room_show(room)).slow_s == 0
