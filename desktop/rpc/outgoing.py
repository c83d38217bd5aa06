"""Lines on their way out, with a bound. Whoever does not read never stops the engine.

An answer waits for room: a client that does not read is not asked for more either. An event never
waits: over the bound it is dropped, and once there is room the client hears that it missed some
and re-reads (law 2).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable

import trio

MAX_WAITING = 4 * 1024 * 1024
MISSED = "events.missed"


class Outgoing:
    """Filled by many, drained by one :meth:`run`."""

    def __init__(self, missed: bytes, bound: int = MAX_WAITING) -> None:
        self._missed = missed
        self._bound = bound
        self._lines: deque[bytes] = deque()
        self._size = 0
        self._dropping = False
        self._closing = False
        self._changed = trio.Event()

    def event_nowait(self, line: bytes) -> None:
        """Say it if there is room."""
        if self._dropping or self._size > self._bound:
            self._dropping = True
            return
        self._add(line)

    async def answer(self, line: bytes) -> None:
        """Say it once there is room."""
        while self._size > self._bound:
            await self._changed.wait()
        self._add(line)

    def close(self) -> None:
        """Nothing more will be said: :meth:`run` ends when all is out."""
        self._closing = True
        self._wake()

    async def run(self, send: Callable[[bytes], Awaitable[None]]) -> None:
        """Send what there is, joined, until closed."""
        while self._lines or not self._closing:
            if not self._lines:
                await self._changed.wait()
                continue
            burst = b"".join(self._lines)
            self._lines.clear()
            await send(burst)
            self._size -= len(burst)
            if self._dropping and self._size <= self._bound // 2:
                self._dropping = False
                self._add(self._missed)
            self._wake()

    def _add(self, line: bytes) -> None:
        self._lines.append(line)
        self._size += len(line)
        self._wake()

    def _wake(self) -> None:
        self._changed.set()
        self._changed = trio.Event()
