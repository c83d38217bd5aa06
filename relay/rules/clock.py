"""Which time it is, for the rules; a clock that jumps expires nothing.

Two times: *wall* is milliseconds since 1970, for what desktops dated (codes, capabilities); *age*
is how long this relay has been at work, for what the relay itself keeps for a number of days. Age
counts on a steady clock, so no correction of the wall clock moves it. While the relay was
stopped there is no steady clock: a stop counts by the wall, but as an hour at most, because a
longer one cannot be told from a jump.
"""

from __future__ import annotations

from msgspec import Struct

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS


class Now(Struct, frozen=True):
    """The two times of one moment."""

    wall_ms: int
    age_ms: int


class Clock:
    """Wall and age from a wall clock and a steady clock, both in milliseconds."""

    def __init__(self, last: Now | None, wall_ms: int, steady_ms: int) -> None:
        """``last`` is the moment this relay wrote down last, None for a new one."""
        stopped = 0 if last is None else min(max(wall_ms - last.wall_ms, 0), HOUR_MS)
        self._age_at_start = stopped + (0 if last is None else last.age_ms)
        self._wall_at_start = wall_ms
        self._steady_at_start = steady_ms
        self._behind = last is not None and wall_ms < last.wall_ms - HOUR_MS
        if self._behind and last is not None:
            self._wall_at_start = last.wall_ms
        self.suspended = self._behind

    def read(self, wall_ms: int, steady_ms: int) -> Now:
        """The moment; ``suspended`` says whether the wall clock is believed."""
        passed = max(steady_ms - self._steady_at_start, 0)
        expected = self._wall_at_start + passed
        self.suspended = abs(wall_ms - expected) > HOUR_MS
        return Now(expected if self.suspended else wall_ms, self._age_at_start + passed)
