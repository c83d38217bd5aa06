"""Where slow work runs, as an argument (laws 4 and 7).

Off the loop in the product. A virtual clock cannot see that a thread is at work and would jump
over it, so tests that own the clock run the same work in the loop.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeVar

import trio

T = TypeVar("T")


class Threads(Protocol):
    """How to wait for something that blocks."""

    async def run(self, work: Callable[[], T], limiter: trio.CapacityLimiter | None = None) -> T:
        """The answer of ``work``. A checkpoint; once ``work`` has begun it is waited for."""
        ...

    async def run_until(self, work: Callable[[], T], interrupt: Callable[[], None]) -> T:
        """The same. ``interrupt`` is called, in the loop, when somebody cancels meanwhile; it must
        mean nothing to work that has ended."""
        ...


class WorkerThreads:
    """A thread of trio's pool for each piece of work."""

    async def run(self, work: Callable[[], T], limiter: trio.CapacityLimiter | None = None) -> T:
        return await trio.to_thread.run_sync(work, limiter=limiter)

    async def run_until(self, work: Callable[[], T], interrupt: Callable[[], None]) -> T:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(_at_the_end, interrupt)
            answer = await self.run(work)
            nursery.cancel_scope.cancel()
        return answer


class InLoop:
    """No threads: the loop stands still while the work is done. For tests with a virtual clock, and
    for crowds whose vaults are in memory."""

    async def run(self, work: Callable[[], T], limiter: trio.CapacityLimiter | None = None) -> T:
        if limiter is None:
            await trio.lowlevel.checkpoint()
            return work()
        async with limiter:
            return work()

    async def run_until(self, work: Callable[[], T], interrupt: Callable[[], None]) -> T:
        return await self.run(work)


async def _at_the_end(interrupt: Callable[[], None]) -> None:
    try:
        await trio.sleep_forever()
    finally:
        interrupt()
