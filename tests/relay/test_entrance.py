"""A crowd is let in one after the other, in order, and nobody holds it up for long."""

from __future__ import annotations

import pytest
import trio
import trio.testing
from trio.testing import MockClock

from relay import entrance as entrances
from relay.entrance import AT_ONCE, HOLD_S, LOOK_S, Entrance
from tests.relay.caller import open_world


async def test_a_crowd_comes_in_order_a_few_at_a_time(autojump_clock: MockClock) -> None:
    entrance = Entrance()
    came: list[int] = []
    inside = most = 0

    async def come(number: int) -> None:
        nonlocal inside, most
        await trio.sleep(number / 10_000)
        turn = await entrance.wait_turn(None)
        came.append(number)
        inside += 1
        most = max(most, inside)
        await trio.sleep(0.2)
        inside -= 1
        entrance.leave(turn)

    async with trio.open_nursery() as nursery:
        for number in range(1_000):
            nursery.start_soon(come, number)
    assert came == sorted(came)
    assert most == AT_ONCE
    assert len(entrance) == 0


async def test_mutant_that_lets_everybody_in_at_once(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(entrances, "AT_ONCE", 10_000)
    with pytest.raises(AssertionError):
        await test_a_crowd_comes_in_order_a_few_at_a_time(autojump_clock)


async def test_who_lets_others_wait_holds_them_up_for_a_moment_only(
    autojump_clock: MockClock,
) -> None:
    async with open_world() as world:
        for _ in range(AT_ONCE):
            world.stream()  # says nothing
        await trio.testing.wait_all_tasks_blocked()
        began = trio.current_time()
        bob = await world.caller(2)
        assert trio.current_time() - began <= HOLD_S + LOOK_S
        await bob.ping()


async def test_who_gives_up_waiting_leaves_no_place_behind(autojump_clock: MockClock) -> None:
    entrance = Entrance()
    turns = [await entrance.wait_turn(None) for _ in range(AT_ONCE)]
    with trio.move_on_after(0.1) as patience:
        await entrance.wait_turn(None)
    assert patience.cancelled_caught
    assert len(entrance) == 0
    entrance.leave(turns[0])
    entrance.leave(turns[0])
    with trio.fail_after(1):
        await entrance.wait_turn(None)


async def test_a_crowd_from_one_place_does_not_hold_up_others(autojump_clock: MockClock) -> None:
    entrance = Entrance()
    came: list[str] = []

    async def come(place: str) -> None:
        turn = await entrance.wait_turn(place)
        came.append(place)
        await trio.sleep(0.2)
        entrance.leave(turn)

    async with trio.open_nursery() as nursery:
        for _ in range(AT_ONCE + 500):
            nursery.start_soon(come, "the crowd's")
        await trio.testing.wait_all_tasks_blocked()
        nursery.start_soon(come, "alice's")
        nursery.start_soon(come, "bob's")
    assert came.index("alice's") < 2 * AT_ONCE
    assert came.index("bob's") < 2 * AT_ONCE


async def test_waiting_for_a_turn_does_not_use_up_patience(autojump_clock: MockClock) -> None:
    """A handshake has its ten seconds from the moment it may begin."""
    async with open_world() as world:
        entrance = world.relay.premises.entrance
        crowd = [trio.Event() for _ in range(AT_ONCE * 15)]

        async def hold(gone: trio.Event) -> None:
            turn = await entrance.wait_turn(object())
            await gone.wait()
            entrance.leave(turn)

        async with trio.open_nursery() as nursery:
            for gone in crowd:
                nursery.start_soon(hold, gone)
            await trio.testing.wait_all_tasks_blocked()
            began = trio.current_time()
            bob = await world.caller(2)
            assert trio.current_time() - began > 10
            await bob.ping()
            for gone in crowd:
                gone.set()


async def test_nobody_looks_where_nobody_waits(autojump_clock: MockClock) -> None:
    """A relay that is left alone does nothing at all for days."""
    looked = 0

    class Watched(trio.abc.Instrument):
        def before_io_wait(self, timeout: float) -> None:
            nonlocal looked
            looked += 1

    entrance = Entrance()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(entrance.run)
        turns = [await entrance.wait_turn(None) for _ in range(AT_ONCE)]
        nursery.start_soon(entrance.wait_turn, None)
        await trio.sleep(60)
        assert len(entrance) == 0
        for turn in turns:
            entrance.leave(turn)
        trio.lowlevel.add_instrument(watched := Watched())
        await trio.sleep(24 * 3600)
        trio.lowlevel.remove_instrument(watched)
        nursery.cancel_scope.cancel()
    assert looked < 20
