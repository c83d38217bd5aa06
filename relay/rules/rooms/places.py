"""Seats by the place of the network they come from: how many, how soon, and who has to cool down.

Kept in memory only, under names that mean nothing once the relay has ended; of a room that nobody
is in, only who has to cool down. A seat without a place came from this machine, where a proxy
stands for many, and is not counted.

On disk there is a *mark* for each seat that was put out (``relay/neighbours.py``). It is looked at
after a restart only, since some other place has the same one, and only where the link is shown that
it was made with.
"""

from __future__ import annotations

from collections import Counter, deque

from protocol.ids import SeatId
from protocol.wire.frames import Reason
from protocol.wire.rooms.policy import PolicyBody

MINUTE_MS = 60_000
MOST_PLACES = 20_000


class Places:
    """Of one room."""

    def __init__(self, marks: tuple[tuple[SeatId, bytes], ...] = ()) -> None:
        self._here: Counter[bytes] = Counter()
        self._new: dict[bytes, deque[int]] = {}
        self._hot: dict[bytes, set[SeatId]] = {}
        self._before: dict[SeatId, bytes] = dict(marks)

    def why_not(
        self, place: bytes | None, mark: bytes, policy: PolicyBody, now_ms: int, *, new: bool
    ) -> Reason | None:
        """Why nobody more may sit down from there."""
        if place is None:
            return None
        if new and (place in self._hot or mark in self._before.values()):
            return Reason.REMOVED
        if self._here[place] >= policy.per_address:
            return Reason.QUOTA
        if new and len(self._lately(place, now_ms)) >= policy.per_minute:
            return Reason.QUOTA
        return None

    def came_new(self, place: bytes | None, now_ms: int) -> None:
        """A new seat was given to somebody there."""
        if place is not None:
            if len(self._new) >= MOST_PLACES:
                del self._new[next(iter(self._new))]
            self._lately(place, now_ms).append(now_ms)

    def sit(self, place: bytes | None) -> None:
        """Somebody from there is here."""
        if place is not None:
            self._here[place] += 1

    def rise(self, place: bytes | None) -> None:
        """They are gone."""
        if place is not None:
            self._here[place] -= 1
            if not self._here[place]:
                del self._here[place]

    @property
    def hot(self) -> bool:
        """Whether anybody has to cool down."""
        return bool(self._hot or self._before)

    def heat(self, place: bytes | None, seat: SeatId) -> None:
        """Somebody from there was put out: no new seat from there any more."""
        if place is not None:
            self._hot.setdefault(place, set()).add(seat)

    def cool(self, seat: SeatId) -> None:
        """They were let in again."""
        self._before.pop(seat, None)
        for place in [place for place, seats in self._hot.items() if seat in seats]:
            self._hot[place].discard(seat)
            if not self._hot[place]:
                del self._hot[place]

    def forget_marks(self) -> None:
        """There is another link."""
        self._before.clear()

    def _lately(self, place: bytes, now_ms: int) -> deque[int]:
        times = self._new.setdefault(place, deque())
        while times and times[0] <= now_ms - MINUTE_MS:
            times.popleft()
        return times
