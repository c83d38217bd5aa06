"""When to try a lost connection again: full jitter, so that a crowd spreads out.

See "Exponential Backoff And Jitter" (AWS Architecture Blog, 2015). The cap is low while the loss
is fresh, since most losses are short.
"""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

FIRST = 0.5


class Schedule(Struct, frozen=True):
    """Caps in seconds: ``first_cap`` during the first ``first_span`` after a loss, then ``cap``."""

    first_cap: float
    first_span: float
    cap: float


def pause(schedule: Schedule, attempt: int, lost_for: float, chance: Callable[[], float]) -> float:
    """Seconds to wait before attempt ``attempt`` (from 0), ``lost_for`` seconds after the loss.

    ``chance`` gives a number in [0, 1).
    """
    cap = schedule.first_cap if lost_for < schedule.first_span else schedule.cap
    return chance() * min(cap, FIRST * 2.0 ** min(attempt, 32))
