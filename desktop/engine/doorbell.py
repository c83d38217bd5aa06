"""Knocks inside the engine: something may have changed, go and look (law 2)."""

from __future__ import annotations

import math

import trio


class Doorbell:
    """Rung any number of times, heard once by each that waits. Losing a ring is impossible:
    a ring while nobody waits is heard by the next who does."""

    def __init__(self) -> None:
        self._event = trio.Event()

    def ring(self) -> None:
        """Something may have changed."""
        self._event.set()

    async def wait(self, at_most: float = math.inf) -> bool:
        """Until it is rung, or so many seconds have passed; whether it was rung."""
        with trio.move_on_after(max(0.0, at_most)):
            await self._event.wait()
        rung = self._event.is_set()
        if rung:
            self._event = trio.Event()
        return rung
