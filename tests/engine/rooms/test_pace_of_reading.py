"""How often a room is looked at: at once when it is quiet, seldom while nobody could follow."""

from __future__ import annotations

import pytest
import trio
from trio.testing import MockClock, memory_stream_pair

from desktop.engine.ground import Bell, Said
from desktop.engine.lines import dial
from desktop.engine.rooms.line.sitting import RUSH, pause_after
from desktop.engine.rooms.stage import compose
from desktop.engine.timings import Timings
from protocol.e2e.rooms.contents import Text
from protocol.e2e.rooms.desk_contents import Hand
from protocol.wire.frames.room_entries import Entries, Lane
from tests.engine.rooms.cast import Hall

REST = 0.02


def entries(count: int) -> Entries:
    return Entries(lane=Lane.STAGE, run=1, first=1, items=(b"i" * 100,) * count)


@pytest.mark.parametrize(
    ("told", "gathers"),
    [((1,), "room_gather"), ((RUSH - 1,), "room_gather"), ((RUSH - 1, 1), "room_rush")],
)
def test_what_nobody_can_read_gathers_for_longer(told: tuple[int, ...], gathers: str) -> None:
    timings = Timings()
    heard = [entries(count) for count in told]
    assert pause_after(heard, timings) == getattr(timings, gathers)
    assert timings.room_gather < timings.room_rush <= 0.25


def test_what_is_said_wakes_only_the_lane_that_says_it() -> None:
    alice = Hall().alice
    for content, bell in (
        (Text(name="alice", sent_ms=1, text="Good evening."), Bell.STAGE),
        (Hand(name="alice", sent_ms=1, raised=True), Bell.DESK),
    ):
        said = Said()
        compose.say(alice.db, said, alice.room, content, 1)
        assert said.bells == {bell}


async def heard_at(said: list[tuple[float, bytes]], rest: float) -> list[tuple[float, int]]:
    """When a line reads what is said at these moments, and how much at a time."""
    ours, theirs = memory_stream_pair()
    stream, found = dial.Upgrading(ours, rest), list[tuple[float, int]]()
    stream.upgraded = True

    async def read() -> None:
        while data := await stream.receive_some():
            found.append((round(trio.current_time(), 3), len(data)))

    async with trio.open_nursery() as nursery:
        nursery.start_soon(read)
        for at, what in said:
            await trio.sleep_until(at)
            await theirs.send_all(what)
        await trio.sleep(1)
        await theirs.aclose()
    return found


async def test_what_comes_little_by_little_is_read_together(autojump_clock: MockClock) -> None:
    said = [(number * 0.002, b"x") for number in range(100)]
    read = await heard_at(said, REST)
    assert read[0] == (0.0, 1)
    assert len(read) <= 12
    assert sum(size for _, size in read) == 100
    assert len(await heard_at([(at + 10, what) for at, what in said], 0.0)) == 100


async def test_what_comes_after_a_pause_and_what_is_much_is_read_at_once(
    autojump_clock: MockClock,
) -> None:
    much = b"x" * dial.LITTLE
    assert await heard_at([(0.0, b"x"), (0.5, b"x"), (1.0, b"x")], REST) == [
        (0.0, 1),
        (0.5, 1),
        (1.0, 1),
    ]
    read = await heard_at([(5.0, much), (5.001, much), (5.002, much)], REST)
    assert read == [(5.0, len(much)), (5.001, len(much)), (5.002, len(much))]
