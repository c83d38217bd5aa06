"""A ring is heard once by each that waits, and none is lost to one who looks first."""

from __future__ import annotations

import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from desktop.engine.doorbell import Doorbell


async def test_a_ring_before_waiting_is_heard_and_heard_once(autojump_clock: MockClock) -> None:
    bell = Doorbell()
    bell.ring()
    bell.ring()
    assert await bell.wait(1)
    assert not await bell.wait(1)


async def test_all_that_wait_hear_one_ring(autojump_clock: MockClock) -> None:
    bell, heard = Doorbell(), list[bool]()

    async def wait() -> None:
        heard.append(await bell.wait(100))

    async with trio.open_nursery() as nursery:
        for _ in range(3):
            nursery.start_soon(wait)
        await wait_all_tasks_blocked()
        bell.ring()
    assert heard == [True] * 3
    assert trio.current_time() < 1


async def test_a_ring_while_one_works_is_heard_afterwards(autojump_clock: MockClock) -> None:
    bell = Doorbell()
    bell.ring()
    assert await bell.wait()
    bell.ring()
    await trio.sleep(5)
    assert await bell.wait(0)
