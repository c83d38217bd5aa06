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


class WorkerThreads:
    """A thread of trio's pool for each piece of work."""

    async def run(self, work: Callable[[], T], limiter: trio.CapacityLimiter | None = None) -> T:
        return await trio.to_thread.run_sync(work, limiter=limiter)


class InLoop:
    """No threads: the loop stands still while the work is done. For tests with a virtual clock."""

    async def run(self, work: Callable[[], T], limiter: trio.CapacityLimiter | None = None) -> T:
        if limiter is None:
            await trio.lowlevel.checkpoint()
            return work()
        async with limiter:
            return work()
