"""How long commits take, in steps that a monitor can add up. Written by the committing thread."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Generator
from contextlib import contextmanager

SECONDS = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
REQUESTS = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024)


class Histogram:
    """How many were at most so large; the last place is for all that were larger."""

    def __init__(self, bounds: tuple[float, ...]) -> None:
        self.bounds = bounds
        self.counts = [0] * (len(bounds) + 1)
        self.sum = 0.0

    def note(self, value: float) -> None:
        """Count one."""
        self.counts[bisect_left(self.bounds, value)] += 1
        self.sum += value


def _stopped() -> float:
    return 0.0


class CommitTimes:
    """``clock`` counts seconds from anywhere; without one, commits are only counted."""

    def __init__(self, clock: Callable[[], float] = _stopped) -> None:
        self._clock = clock
        self.seconds = Histogram(SECONDS)
        self.requests = Histogram(REQUESTS)
        self.failures = 0

    @contextmanager
    def commit(self) -> Generator[None]:
        """Around one COMMIT that is to be on disk when it returns."""
        began = self._clock()
        yield
        self.seconds.note(self._clock() - began)
