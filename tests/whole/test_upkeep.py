"""Everybody looks after their own every five minutes, all day: relays keep house, desktops too."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
import trio
from trio.testing import MockClock

from desktop.engine.timings import Timings
from relay import blobs, connection, server
from tests.whole.world import World, befriend, hurried

EACH_S = 300.0
HOUR = 3600.0
DAYS = 0.5
# Moments beside and upon those at which everybody looks after their own.
PAUSES = (1.0, EACH_S - 1, EACH_S, EACH_S + 1, HOUR, 6 * HOUR)


@pytest.fixture
def every_five_minutes(monkeypatch: pytest.MonkeyPatch) -> Callable[[Timings], Timings]:
    monkeypatch.setattr(server, "HOUSEKEEPING_S", EACH_S)
    monkeypatch.setattr(blobs, "CLEAR_EACH_S", EACH_S)
    monkeypatch.setattr(connection, "SILENCE_S", 2 * HOUR)
    return lambda timings: hurried(timings, upkeep=EACH_S, answers_again=EACH_S, ping=HOUR)


async def days_of_upkeep(world: World, seed: int) -> None:
    """Two people on two relays come and go; so do the relays."""
    chance = random.Random(seed)
    places = [await world.relay("one.example"), await world.relay("two.example")]
    one, two = places
    async with world.desktop("Alice", at=one) as alice, world.desktop("Bob", at=two) as bob:
        conversation = await befriend(world, alice, bob)
    written: dict[str, list[str]] = {"Alice": [], "Bob": []}
    end = trio.current_time() + DAYS * 24 * HOUR

    async def live(name: str) -> None:
        while trio.current_time() < end:
            async with world.desktop(name) as desktop:
                for _ in range(chance.randrange(1, 4)):
                    written[name].append(f"{name} {len(written[name])}")
                    await desktop.engine.message_send(conversation, written[name][-1])
                    await trio.sleep(chance.choice(PAUSES))
            await trio.sleep(chance.choice(PAUSES))

    async def fail() -> None:
        while trio.current_time() < end:
            place = chance.choice(places)
            await trio.sleep(chance.choice(PAUSES) * 2)
            await place.off()
            await trio.sleep(chance.choice(PAUSES))
            await place.on()

    async with trio.open_nursery() as nursery:
        nursery.start_soon(live, "Alice")
        nursery.start_soon(live, "Bob")
        nursery.start_soon(fail)
    async with world.desktop("Alice") as alice, world.desktop("Bob") as bob:
        await trio.sleep(HOUR)
        for desktop in (alice, bob):
            shown = await desktop.texts(conversation)
            for name, texts in written.items():
                assert [one for one in shown if one.startswith(name)] == texts
            assert set(await desktop.states(conversation)) == {"delivered"}


@pytest.mark.parametrize("seed", [1])
async def test_half_a_day_of_upkeep_ends_and_loses_nothing(
    seed: int,
    world: World,
    autojump_clock: MockClock,
    every_five_minutes: Callable[[Timings], Timings],
) -> None:
    world.timings = every_five_minutes(world.timings)
    await days_of_upkeep(world, seed)
