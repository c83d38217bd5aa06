"""Relays that nobody has to wait for again at once, because they did not answer."""

from __future__ import annotations

import trio

from desktop.engine.lines.nudges import Nudges
from desktop.engine.timings import Timings
from protocol.wire.address import RelayAddress


class Unanswered:
    """Where nobody answered lately, each for twice as long as the time before.

    A nudge forgets it all: it may have been this computer's network. Kept by host and port, so
    that no number of fingerprints for one silent host makes it many.
    """

    def __init__(self, timings: Timings, nudges: Nudges) -> None:
        self._timings = timings
        self._nudges = nudges
        self._nudged = nudges.count
        self._times: dict[tuple[str, int], int] = {}
        self._until: dict[tuple[str, int], float] = {}

    def rests(self, address: RelayAddress) -> bool:
        """Whether it is too early to try there again."""
        if self._nudged != self._nudges.count:
            self._nudged = self._nudges.count
            self._times.clear()
            self._until.clear()
        return trio.current_time() < self._until.get(_where(address), 0.0)

    def add(self, address: RelayAddress) -> None:
        """Nobody answered there."""
        times = self._times.get(_where(address), 0)
        wait = min(self._timings.retry_first_cap * 2.0**times, self._timings.retry_cap)
        self._times[_where(address)] = min(times + 1, 16)
        self._until[_where(address)] = trio.current_time() + wait

    def drop(self, address: RelayAddress) -> None:
        """Somebody answered."""
        self._times.pop(_where(address), None)
        self._until.pop(_where(address), None)


def _where(address: RelayAddress) -> tuple[str, int]:
    return address.host, address.port
