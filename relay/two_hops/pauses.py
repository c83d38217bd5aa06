"""The pauses between two tries to reach another relay: longer each time, with full jitter, so that
many relays that wait for one do not come at the same time. Its own call here ends a pause."""

from __future__ import annotations

import trio

from protocol.keys import Rng

FIRST_PAUSE_S = 1.0
# With a probe's own time, what comes back is called within 6 minutes.
LONGEST_PAUSE_S = 5 * 60.0
# Of a pause: whoever calls here again and again costs no more probes than this.
UNBROKEN_S = 10.0


class Resting:
    """One relay's pauses."""

    def __init__(self, rng: Rng) -> None:
        self._rng = rng
        self._woken = trio.Event()
        self.now = False  # whether this is a pause

    def begin(self) -> None:
        """A try begins: calls from now on count for the pause after it."""
        self._woken = trio.Event()

    def wake(self) -> None:
        """It has called here, so it is up: try now, if this is a pause."""
        self._woken.set()

    async def rest(self, failures: int, asked_s: float) -> None:
        """Leave it alone: for as long as it asked, and then until it calls or the pause is over."""
        pause_s = self._pause_s(failures)
        unbroken_s = max(min(asked_s, LONGEST_PAUSE_S), min(pause_s, UNBROKEN_S))
        self.now = True
        await trio.sleep(unbroken_s)
        with trio.move_on_after(max(0.0, pause_s - unbroken_s)):
            await self._woken.wait()
        self.now = False

    def _pause_s(self, failures: int) -> float:
        longest = min(FIRST_PAUSE_S * 2.0 ** min(failures - 1, 20), LONGEST_PAUSE_S)
        return longest * int.from_bytes(self._rng(4), "big") / 2**32
