"""A moderator who orders without end: slowed, told so, and still the host's to stop."""

from __future__ import annotations

import pytest
import trio
from trio.testing import MockClock

from desktop.core.rooms import Act, Role, Warned
from relay.rules.rooms import orders
from tests.whole.test_hosting import seat_of
from tests.whole.test_rooms import POTTERY
from tests.whole.world import World


async def test_orders_that_a_relay_takes_no_more_are_said_and_the_host_goes_on(
    world: World, autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    relay = await world.relay()
    async with (
        world.desktop("Alice", at=relay) as alice,
        world.desktop("Bob", at=relay) as bob,
        world.desktop("Carol", at=relay) as carol,
    ):
        opened = await alice.engine.room_open(POTTERY)
        room = opened.room_id
        for who, name in ((bob, "otter"), (carol, "fox")):
            await who.engine.room_enter(opened.link, name)
        await trio.sleep(3)
        moderator, member = await seat_of(bob, room), await seat_of(carol, room)
        await alice.engine.room_act(room, moderator, Act.MAKE_MODERATOR)
        await trio.sleep(3)
        monkeypatch.setattr(orders, "BURST", 1)
        for act in (Act.MUTE, Act.UNMUTE, Act.MUTE):  # slowed, and in force one after the other
            await bob.engine.room_act(room, member, act)
        await trio.sleep(10)
        assert (await carol.engine.room_show(room)).muted
        assert (await bob.engine.room_show(room)).warning is None

        monkeypatch.setattr(orders, "FOR_THE_HOST", orders.MOST_ORDERS)
        await bob.engine.room_act(room, member, Act.UNMUTE)
        await trio.sleep(10)
        assert (await carol.engine.room_show(room)).muted
        assert (await bob.engine.room_show(room)).warning is Warned.FULL
        await alice.engine.room_act(room, moderator, Act.MAKE_MEMBER)
        await alice.engine.room_act(room, member, Act.UNMUTE)
        await trio.sleep(5)
        assert not (await carol.engine.room_show(room)).muted
        assert (await bob.engine.room_show(room)).role is Role.MEMBER
        assert (await alice.engine.room_show(room)).warning is None
