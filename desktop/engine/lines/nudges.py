"""Reasons to try again at once: somebody looks, the network changed, another relay came back."""

from __future__ import annotations

import trio


class Nudges:
    """Every pause between two attempts ends with one. ``count``: how many there were."""

    def __init__(self) -> None:
        self.count = 0
        self._event = trio.Event()

    def nudge(self) -> None:
        """End every pause."""
        self.count += 1
        self._event.set()
        self._event = trio.Event()

    async def pause(self, seconds: float) -> None:
        """Wait so long, or until nudged."""
        with trio.move_on_after(seconds):
            await self._event.wait()
