"""Work of which little is done at one time: everybody who brings some has a turn in each round.

Whoever brings much waits for their own, not the others for them.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

import trio

from relay import strings
from relay.faults import place

_log = logging.getLogger(__name__)

T = TypeVar("T")


class Turns(Generic[T]):
    """``do`` is called for each; in order for each of those it is by."""

    def __init__(self, do: Callable[[T], Awaitable[None]]) -> None:
        self._do = do
        self._queues: dict[object, deque[T]] = {}
        self._news = trio.Event()

    def add(self, by: object, work: T) -> None:
        """Soon."""
        self._queues.setdefault(by, deque()).append(work)
        self._news.set()

    def forget(self, by: object) -> deque[T]:
        """Whoever it was has gone; what was not begun for them."""
        return self._queues.pop(by, deque())

    async def run(self, at_once: int) -> None:
        """Until cancelled."""
        async with trio.open_nursery() as nursery:
            for _ in range(at_once):
                nursery.start_soon(self._work)

    async def _work(self) -> None:
        while True:
            while not self._queues:
                self._news = trio.Event() if self._news.is_set() else self._news
                await self._news.wait()
            by = next(iter(self._queues))
            queue = self._queues.pop(by)
            work = queue.popleft()
            if queue:
                self._queues[by] = queue
            try:
                await self._do(work)
            except Exception as exc:  # noqa: BLE001
                # This task serves everybody; what met a bug is lost, and asked again elsewhere.
                _log.critical(strings.LOG_BUG, place(exc))
