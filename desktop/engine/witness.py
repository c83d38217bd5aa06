"""Whether this computer's clock is to be believed: a relay's clock bears witness.

Nothing expires by a clock that stands alone. Between two handshakes the relay's clock is carried on
by the steady one, so a jump of the wall clock shows at once.
"""

from __future__ import annotations

from collections.abc import Callable

import trio


class Witness:
    """What a relay's clock said last, and this computer's beside it."""

    def __init__(self, now: Callable[[], int], tolerance_s: float) -> None:
        self._now = now
        self._tolerance_ms = tolerance_s * 1000
        self._offset: float | None = None

    def heard(self, clock_ms: int) -> None:
        """A relay told the time in its handshake."""
        self._offset = clock_ms - trio.current_time() * 1000

    @property
    def ahead_ms(self) -> int:
        """How far this computer's clock is off, where that is more than is tolerated; else 0."""
        if self._offset is None:
            return 0
        ahead = self._now() - int(self._offset + trio.current_time() * 1000)
        return ahead if abs(ahead) > self._tolerance_ms else 0

    @property
    def agrees(self) -> bool:
        """Whether a relay was heard, and the two clocks agree."""
        return self._offset is not None and self.ahead_ms == 0
