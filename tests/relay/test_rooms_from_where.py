"""Rooms and the places of the network that people come from, over a relay's lines."""

from __future__ import annotations

import pytest
import trio
from trio.testing import MockClock

from protocol.wire.frames import Reason, Refused
from protocol.wire.frames.room_entries import Said
from protocol.wire.frames.rooms import Entered
from protocol.wire.rooms.orders import What
from protocol.wire.rooms.policy import MAX_SEATS
from relay.neighbours import Place, place_of
from relay.rooms import hall
from relay.rules.clock import DAY_MS
from tests.relay.caller import World, open_world
from tests.relay.rooms_cast import BOB, CAROL, a_seat, order
from tests.relay.test_hall import come, give, host, say, sit
from tests.relay.test_shares import from_place

HERE, THERE = place_of("192.0.2.7"), place_of("2001:db8:1:2::9")


async def why_not(world: World, number: int, place: Place | None) -> Reason | None:
    """Why a new seat is refused to somebody there; who gets one stays."""
    caller = await from_place(world, number, place)
    reply = await sit(caller, a_seat(number))
    assert isinstance(reply, Entered | Refused)
    return reply.reason if isinstance(reply, Refused) else None


async def test_of_a_crowd_from_one_address_four_get_in(autojump_clock: MockClock) -> None:
    async with open_world() as world:
        await host(world)
        found = [await why_not(world, number, HERE) for number in range(100, 120)]
        assert found == [None] * 4 + [Reason.QUOTA] * 16
        assert await why_not(world, 200, THERE) is None
        assert [await why_not(world, 210 + n, None) for n in range(6)] == [None] * 6, "a proxy"


@pytest.mark.parametrize("most", [hall.MOST_HOT, 0], ids=["remembered", "too many rooms"])
async def test_a_removal_cools_its_address_down_while_the_room_goes_on(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    monkeypatch.setattr(hall, "MOST_HOT", most)
    async with open_world() as world:
        alice = await host(world, per_address=MAX_SEATS)
        bob = await from_place(world, 2, HERE)
        assert isinstance(await sit(bob, BOB), Entered)
        removal = b"bob is put out..".ljust(16)
        assert isinstance(await give(alice, order(What.REMOVE, BOB.seat, order_id=removal)), Said)
        assert await why_not(world, 100, HERE) is Reason.REMOVED
        await alice.hang_up()
        await bob.hang_up()
        # Nobody is in it for a day, and after that lines from there have another name.
        await trio.sleep(1.1 * DAY_MS / 1000 if most else 120)
        assert world.relay.premises.hall.rooms == 0
        # Of more rooms than memory holds the disk knows it, as after a restart.
        assert await why_not(world, 101, HERE) is Reason.REMOVED
        assert await why_not(world, 102, THERE) is None
        carol, _ = await come(world, CAROL, 3)
        assert isinstance(await say(carol, CAROL, 1), Said)
        alice = await world.caller(5)
        assert isinstance(await give(alice, order(What.UNDO, undoes=removal)), Said)
        assert await why_not(world, 103, HERE) is None
