"""What a line's end leaves for its user to hear: a bug before a cancel, and loss last of all."""

from __future__ import annotations

import random

import pytest
import trio
from trio.testing import MockClock

from desktop.core.errors import RelayRefused
from desktop.core.nearness import Nearness
from desktop.engine.lines.connector import Pipe
from desktop.engine.lines.dial import open_line
from desktop.engine.lines.line import LineLost
from desktop.engine.timings import Timings
from protocol.errors import WrongRelay
from protocol.ids import CallId, Fingerprint
from protocol.keys import Secret
from protocol.wire.address import RelayAddress
from protocol.wire.frames import Ping
from relay.rules.limits import House
from relay.server import Relay
from relay.store.memory import MemoryStore
from relay.store.storage import Inline

RNG = random.Random(5).randbytes


class Road:
    """To one relay, over memory."""

    def __init__(self, nursery: trio.Nursery) -> None:
        self.nursery = nursery
        self.relay = Relay(House(), Inline(MemoryStore()), Secret(RNG(32)), now=lambda: 0, rng=RNG)
        self.theirs: list[trio.abc.Stream] = []
        self.address = RelayAddress("relay.example", 7443, self.relay.fingerprint)

    async def connect(self, address: RelayAddress, nearest: Nearness) -> Pipe:
        ours, theirs = trio.testing.memory_stream_pair()
        self.theirs.append(theirs)
        self.nursery.start_soon(self.relay.serve_stream, theirs)
        return Pipe(ours)


async def at_its_end(raised: BaseException | None, *, pulled: bool, cancelled: bool) -> object:
    """Open a line and leave it this way."""
    async with trio.open_nursery() as nursery:
        road = Road(nursery)
        await nursery.start(road.relay.run)
        found: object = None
        with trio.CancelScope() as scope:
            try:
                async with open_line(road, road.address, Timings(), RNG):
                    if pulled:
                        await trio.aclose_forcefully(road.theirs[0])
                        await trio.sleep(0.1) if raised is None else None
                    if cancelled:
                        scope.cancel()
                    if raised is not None:
                        raise raised  # noqa: TRY301
                    await trio.sleep(1)
            except Exception as exc:  # noqa: BLE001 -- that is what is looked at
                found = exc
        nursery.cancel_scope.cancel()
    return found if not scope.cancelled_caught else "cancelled"


class Bug(Exception):
    pass


async def test_what_is_raised_inside_comes_out_as_it_is(autojump_clock: MockClock) -> None:
    for raised in (Bug(), RelayRefused(), OSError("of somebody else")):
        for pulled in (False, True):
            found = await at_its_end(raised, pulled=pulled, cancelled=False)
            assert found is raised


async def test_a_line_that_ends_alone_is_lost(autojump_clock: MockClock) -> None:
    assert await at_its_end(None, pulled=False, cancelled=False) is None
    assert isinstance(await at_its_end(None, pulled=True, cancelled=False), LineLost)


async def test_a_cancel_is_no_loss(autojump_clock: MockClock) -> None:
    assert await at_its_end(None, pulled=False, cancelled=True) == "cancelled"
    both = await at_its_end(None, pulled=True, cancelled=True)
    assert both == "cancelled" or isinstance(both, LineLost)


async def test_another_key_is_told_from_a_line_that_breaks(autojump_clock: MockClock) -> None:
    async with trio.open_nursery() as nursery:
        road = Road(nursery)
        await nursery.start(road.relay.run)
        other = RelayAddress("relay.example", 7443, Fingerprint(bytes(32)))
        with pytest.raises(WrongRelay):
            async with open_line(road, other, Timings(), RNG):
                pass
        nursery.cancel_scope.cancel()


async def test_nobody_answers_in_time(autojump_clock: MockClock) -> None:
    class Nobody:
        async def connect(self, address: RelayAddress, nearest: Nearness) -> Pipe:
            ours, _ = trio.testing.memory_stream_pair()
            return Pipe(ours)

    address = RelayAddress("relay.example", 7443, Fingerprint(bytes(32)))
    with pytest.raises(LineLost):
        async with open_line(Nobody(), address, Timings(), RNG):
            pass
    assert 10 < trio.current_time() < 20


async def test_a_question_after_the_end_is_refused_at_once(autojump_clock: MockClock) -> None:
    async with trio.open_nursery() as nursery:
        road = Road(nursery)
        await nursery.start(road.relay.run)
        with pytest.raises(LineLost):
            async with open_line(road, road.address, Timings(), RNG) as line:
                await line.ask(Ping(call=line.call()))
                await trio.aclose_forcefully(road.theirs[0])
                await line.ask(Ping(call=CallId(9)))
        nursery.cancel_scope.cancel()
