"""A crowd does what it is told, and says truly what its members have of a room."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import msgspec
import pytest
import trio
from trio.testing import MockClock

from desktop.demo.crowd.__main__ import serve
from desktop.demo.crowd.crowd import Crowd
from desktop.demo.crowd.member import Desk
from desktop.demo.crowd.told import (
    Came,
    Count,
    Counted,
    Done,
    Enter,
    Flood,
    Gather,
    Pace,
    Say,
    Settle,
    Talk,
)
from desktop.engine.engine import open_engine
from tests.whole.test_rooms import POTTERY
from tests.whole.world import Apart, Wire, World

Opens = Callable[[Path, float], AbstractAsyncContextManager[Desk]]


@pytest.fixture
def opens(world: World) -> Opens:
    def open_desk(folder: Path, gather_s: float) -> AbstractAsyncContextManager[Desk]:
        return open_engine(folder, world.composition(folder.name, Wire(world), Apart()))

    return open_desk


async def test_everybody_has_the_same_room_at_the_end(
    world: World, opens: Opens, tmp_path: Path, autojump_clock: MockClock
) -> None:
    relay = await world.relay()
    async with (
        world.desktop("Alice", at=relay) as alice,
        trio.open_nursery() as nursery,
    ):
        link = (await alice.engine.room_open(POTTERY)).link
        crowd = Crowd(nursery, opens, world.now)
        gathered = await crowd.obey(Gather(str(tmp_path), 0, 3, 1))
        assert isinstance(gathered, Done)
        assert len(set(gathered.names)) == 3
        await crowd.obey(Enter(link))
        await crowd.obey(Say(2, "Is the kiln on?"))
        await crowd.obey(Talk(Pace(entries=2.0)))
        await trio.sleep(5)
        await crowd.obey(Talk(Pace()))
        flooded = await crowd.obey(Flood(2, 5))
        assert isinstance(flooded, Done)
        assert (len(flooded.names), flooded.count) == (2, 10)
        settled = await crowd.obey(Settle(60))
        assert isinstance(settled, Came)
        assert (len(settled.seconds), settled.late) == (3, 0)
        await trio.sleep(10)
        counted = await crowd.obey(Count())
        assert isinstance(counted, Counted)
        nursery.cancel_scope.cancel()

    tallies = counted.tallies
    together = sum(one.said for one in tallies)
    assert together > 12
    assert len({one.order for one in tallies}) == 1
    for one in tallies:
        assert (one.numbered, one.seen) == (one.said, together - one.said)
        assert (one.doubled, one.missing, one.moved, one.waiting) == (0, 0, 0, 0)
        assert one.inside
    assert counted.latencies_ms
    assert max(counted.latencies_ms) < 10_000


async def test_orders_and_answers_are_lines(
    world: World, opens: Opens, tmp_path: Path, autojump_clock: MockClock
) -> None:
    ours, theirs = trio.testing.memory_stream_pair()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(serve, theirs, theirs, opens, world.now)
        order = msgspec.json.encode(Gather(str(tmp_path), 5, 2, 9)) + b"\n"
        await ours.send_all(order[:7])
        await ours.send_all(order[7:])
        answered = msgspec.json.decode(await ours.receive_some(), type=Done)
        assert [name.rpartition("-")[2] for name in answered.names] == ["5", "6"]
        await ours.send_eof()  # whoever led is gone, and so are they
