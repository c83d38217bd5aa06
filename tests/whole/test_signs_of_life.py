"""Whatever says that the network is there again ends the pause between two attempts."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import trio
from msgspec.structs import replace
from trio.testing import MockClock

from desktop.core.models import RelayState
from tests.whole.mutant import the_story_fails
from tests.whole.world import Desktop, Place, World

ROOT = Path(__file__).parents[2]
HOUR = 3600
MOMENT = 0.1

# In a network of its own: the only link comes up, and whoever watches hears of it.
COMES_UP = """
import fcntl, socket, struct
import trio
from desktop.engine.lines.network import watch_network

async def main():
    with trio.fail_after(20):
        async with trio.open_nursery() as nursery:
            nursery.start_soon(watch_network, nursery.cancel_scope.cancel)
            await trio.testing.wait_all_tasks_blocked()
            with socket.socket() as asked:
                up = struct.pack("16sH22x", b"lo", 1)
                fcntl.ioctl(asked, 0x8914, up)
            await trio.sleep(10)
            raise SystemExit("nothing was heard")

import trio.testing
trio.run(main)
"""


async def states(desktop: Desktop) -> list[RelayState]:
    return [relay.state for relay in await desktop.engine.relay_list()]


async def lost_for_long(desktop: Desktop, *places: Place) -> None:
    """Long enough for pauses of minutes; the places are back, and nobody knows it."""
    for place in places:
        await place.off()
    await trio.sleep(HOUR)
    assert set(await states(desktop)) == {RelayState.OFFLINE}
    for place in places:
        await place.on()
    await trio.sleep(MOMENT)


async def network_comes_back(world: World) -> None:
    changes: list[Callable[[], None]] = []

    async def watching(changed: Callable[[], None]) -> None:
        changes.append(changed)
        await trio.sleep_forever()

    world.watch_network = watching
    relay = await world.relay()
    async with world.desktop("Alice", at=relay) as alice:
        await lost_for_long(alice, relay)
        assert await states(alice) == [RelayState.OFFLINE]
        [changed] = changes
        changed()
        await trio.sleep(MOMENT)
        assert await states(alice) == [RelayState.ONLINE]


async def test_a_change_of_the_network_tries_at_once(
    world: World, autojump_clock: MockClock
) -> None:
    await network_comes_back(world)


async def test_mutant_that_waits_for_the_end_of_its_pause(
    world: World, autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def stubborn(nudges: object, seconds: float) -> None:
        await trio.sleep(seconds)

    monkeypatch.setattr("desktop.engine.ground.Nudges.pause", stubborn)
    with the_story_fails():
        await network_comes_back(world)


async def test_a_click_tries_at_once(world: World, autojump_clock: MockClock) -> None:
    relay = await world.relay()
    async with world.desktop("Alice", at=relay) as alice:
        await lost_for_long(alice, relay)
        await alice.engine.nudge()
        await trio.sleep(MOMENT)
        assert await states(alice) == [RelayState.ONLINE]


async def test_one_relay_that_answers_is_a_reason_to_try_the_other(
    world: World, autojump_clock: MockClock
) -> None:
    one, two = await world.relay("one.example"), await world.relay("two.example")
    world.timings = replace(world.timings, retry_cap=10 * HOUR, retry_first_cap=10 * HOUR)
    async with world.desktop("Alice", at=one) as alice:
        await alice.engine.relay_add(str(two.address))
        await lost_for_long(alice, one, two)
        with trio.fail_after(11 * HOUR):
            while RelayState.ONLINE not in await states(alice):
                await trio.sleep(1)
        await trio.sleep(1)
        assert await states(alice) == [RelayState.ONLINE, RelayState.ONLINE]


@pytest.mark.needs_root
def test_a_link_that_comes_up_is_heard_of() -> None:
    done = subprocess.run(
        ["unshare", "--net", sys.executable, "-c", COMES_UP],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
