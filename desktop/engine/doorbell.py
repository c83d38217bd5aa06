"""Knocks inside the engine: something may have changed, go and look (law 2)."""

from __future__ import annotations

import math

import trio


class Doorbell:
    """Rung any number of times, heard once by each that waits. A ring while nobody waits is heard
    by the next who does; so whoever works by one alone looks first, then waits, and loses none."""

    def __init__(self) -> None:
        self._event = trio.Event()

    def ring(self) -> None:
        """Something may have changed."""
        self._event.set()

    async def wait(self, at_most: float = math.inf) -> bool:
        """Until it is rung, or so many seconds have passed; whether it was rung."""
        event = self._event
        with trio.move_on_after(max(0.0, at_most)):
            await event.wait()
        if event.is_set() and self._event is event:
            self._event = trio.Event()
        return event.is_set()
