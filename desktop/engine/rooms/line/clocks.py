"""What time it is in each room: its relay's, since that is who carries out what is ordered there.

Law: in a room nothing is stamped or judged by a clock that stands alone where its relay's is known,
and time never runs backwards there. Between two handshakes both clocks of this computer carry it
on: one of them may stand still while it sleeps, so that the later of the two is believed.
"""

from __future__ import annotations

from collections.abc import Callable

import trio
from trio.abc import Clock

from protocol.ids import RoomId

LATEST_MS = 2**51
"""A relay that says it is later than this (the year 70,000) does not know."""


FOR_GOOD = 2**53 - 1
"""The end of what has none."""


def here(room_ms: int, ahead_ms: int) -> int:
    """A time of a room by this computer's clock, which is so far ahead of it; none stays none."""
    return room_ms if room_ms in (0, FOR_GOOD) else room_ms + ahead_ms


class RoomClock:
    """What the relay said last, and this computer's two clocks beside it."""

    def __init__(self, now: Callable[[], int]) -> None:
        self._now = now
        self._relay_ms: int | None = None
        self._wall_ms = 0
        self._steady: Clock | None = None  # asked also where the vault is written, on its thread
        self._steady_s = 0.0
        self._last = 0

    def heard(self, clock_ms: int) -> None:
        """The relay told the time in its handshake."""
        if clock_ms <= LATEST_MS:
            self._relay_ms, self._wall_ms = clock_ms, self._now()
            self._steady = trio.lowlevel.current_clock()
            self._steady_s = self._steady.current_time()

    def now(self) -> int:
        """By this computer's clock, as long as the relay was not heard."""
        if self._relay_ms is None or self._steady is None:
            return self._now()
        steady = int((self._steady.current_time() - self._steady_s) * 1000)
        passed = max(steady, self._now() - self._wall_ms)
        self._last = max(self._last, self._relay_ms + passed)
        return self._last


class RoomClocks:
    """Of the rooms of one open profile."""

    def __init__(self, now: Callable[[], int]) -> None:
        self._now = now
        self._by_room: dict[RoomId, RoomClock] = {}

    def heard(self, room: RoomId, clock_ms: int) -> None:
        """A line to this room's relay was opened."""
        self._by_room.setdefault(room, RoomClock(self._now)).heard(clock_ms)

    def now(self, room: RoomId) -> int:
        """What time it is in this room."""
        clock = self._by_room.get(room)
        return self._now() if clock is None else clock.now()

    def ahead_ms(self, room: RoomId) -> int:
        """How far this computer's clock is ahead of the room's: what was stamped there is shown
        by this one."""
        return self._now() - self.now(room)
