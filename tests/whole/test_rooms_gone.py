"""A room whose relay went away and does not come back, or not for long.

Its people's apps stay calm, say one thing about it, keep what was said there, and offer it once
there is somebody to offer it to.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest
import trio
from msgspec.structs import replace
from trio.testing import MockClock

from desktop.core.backoff import Schedule
from desktop.core.questions import QuestionState
from desktop.core.room_facade import RoomChanged, RoomsChanged
from desktop.core.rooms import Line, Standing
from desktop.engine.rooms.line import keeper
from protocol.ids import RoomId
from tests.whole.mutant import the_story_fails
from tests.whole.test_rooms import POTTERY, texts
from tests.whole.test_rooms_life import standing
from tests.whole.world import Desktop, Place, World, breathing_slowly

ROOMS = "rooms.example"
FRESH = 60.0
LONG = 3_600.0


@asynccontextmanager
async def left_alone(world: World) -> AsyncGenerator[tuple[Desktop, Place, RoomId]]:
    """Bob's mailbox is elsewhere; the relay of the room falls silent while he writes."""
    world.timings = replace(world.timings, room_fresh=FRESH)
    relay, home = await world.relay(ROOMS), await world.relay("home.example")
    async with world.desktop("Alice", at=relay) as alice:
        opened = await alice.engine.room_open(POTTERY)
    async with world.desktop("Bob", at=home) as bob:
        room = await bob.engine.room_enter(opened.link, "quiet-fern")
        await bob.engine.room_say(room, "before")
        await trio.sleep(3)
        await relay.off()
        await bob.engine.room_say(room, "meanwhile")
        await bob.engine.room_ask(room, "Is anybody here?", nameless=False)
        await trio.sleep(1)
        yield bob, relay, room


def dialled(desktop: Desktop) -> int:
    return desktop.wire.asked.count(ROOMS)


async def a_calm_night(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """At first it is tried often, and then as seldom as any relay."""
    breathing_slowly(world, monkeypatch)
    async with left_alone(world) as (bob, _, room):
        before = dialled(bob)
        await trio.sleep(FRESH)
        soon = dialled(bob) - before
        assert soon >= FRESH / world.timings.room_cap
        bob.heard.clear()
        await trio.sleep(LONG)
        assert dialled(bob) - before - soon <= 3 * LONG / world.timings.retry_cap
        said = [one for one in bob.heard if isinstance(one, RoomChanged | RoomsChanged)]
        assert said == [], "nothing is new, and nothing is said"
        shown = await bob.engine.room_show(room)
        assert (shown.line, shown.ended, shown.removed) == (Line.DOWN, False, None)
        assert (shown.complete, shown.warning) == (True, None)
        assert await standing(bob) == [Standing.LINK]


async def test_a_relay_that_does_not_come_back_is_tried_ever_more_seldom_and_said_to_be_away(
    world: World, autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    await a_calm_night(world, monkeypatch)


async def test_mutant_a_room_that_is_tried_every_five_seconds_for_ever_is_caught(
    world: World, autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def hasty(first_cap: float, span: float, cap: float) -> Schedule:
        return Schedule(first_cap, span, 12 * first_cap)

    monkeypatch.setattr(keeper, "Schedule", hasty)
    with the_story_fails():
        await a_calm_night(world, monkeypatch)


async def test_what_was_said_there_waits_through_restarts(
    world: World, autojump_clock: MockClock
) -> None:
    async with left_alone(world) as (_, relay, room):
        pass
    for last in (False, False, True):
        async with world.desktop("Bob") as bob:
            await trio.sleep(600)
            stage = await bob.engine.stage(room)
            assert [one.text for one in (*stage.entries, *stage.waiting)] == ["before", "meanwhile"]
            assert [one.state for one in await bob.engine.questions(room)] == [QuestionState.QUEUED]
            assert (await bob.engine.room_show(room)).line is Line.DOWN
            if last:
                await relay.on()
                await bob.engine.nudge()
                await trio.sleep(20)
                assert (await bob.engine.room_show(room)).line is Line.UP
                assert await texts(bob, room) == ["quiet-fern: before", "quiet-fern: meanwhile"]
