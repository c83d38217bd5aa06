"""A clock for long runs: time in which this program and all that it started stood still is no time.

A laptop that sleeps, or a machine whose owner stops everything for a while, makes nobody late.
"""

from __future__ import annotations

import time

import trio

GLANCE_S = 1.0
STALL_S = 5.0


class AwakeClock(trio.abc.Clock):
    """Looked at every second; a longer step than ``STALL_S`` counts as that."""

    def __init__(self) -> None:
        self._time = 0.0
        self._last = 0.0

    def start_clock(self) -> None:
        self._last = time.monotonic()

    def current_time(self) -> float:
        now = time.monotonic()
        self._time += min(now - self._last, STALL_S)
        self._last = now
        return self._time

    def deadline_to_sleep_time(self, deadline: float) -> float:
        return min(max(0.0, deadline - self.current_time()), GLANCE_S)
