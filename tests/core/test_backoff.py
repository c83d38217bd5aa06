"""The pace at which a lost line is tried: full jitter, under a cap that is low at first."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.core.backoff import FIRST, Schedule, pause
from desktop.engine.timings import Timings

RELEASED = Timings()
SCHEDULE = Schedule(RELEASED.retry_first_cap, RELEASED.retry_first_span, RELEASED.retry_cap)
ALMOST_ONE = 1 - 2**-53

attempts = st.integers(0, 10_000)
losses = st.floats(0, 10_000_000)


def says(number: float) -> Callable[[], float]:
    return lambda: number


def test_the_released_pace() -> None:
    assert Schedule(first_cap=30, first_span=120, cap=300) == SCHEDULE


@given(attempts, losses, st.floats(0, ALMOST_ONE))
def test_no_pause_is_over_the_cap(attempt: int, lost_for: float, chance: float) -> None:
    cap = 30 if lost_for < 120 else 300
    assert 0 <= pause(SCHEDULE, attempt, lost_for, says(chance)) < cap


@given(attempts, losses)
def test_the_jitter_is_full(attempt: int, lost_for: float) -> None:
    """Anything from nothing to the whole of it, in proportion to chance: a crowd spreads out."""
    whole = pause(SCHEDULE, attempt, lost_for, says(ALMOST_ONE))
    assert pause(SCHEDULE, attempt, lost_for, says(0)) == 0
    assert pause(SCHEDULE, attempt, lost_for, says(0.25)) == pytest.approx(whole / 4)


@given(attempts, losses)
def test_it_grows_to_its_cap_and_stays_there(attempt: int, lost_for: float) -> None:
    half = says(0.5)
    before = pause(SCHEDULE, attempt, lost_for, half)
    after = pause(SCHEDULE, attempt + 1, lost_for, half)
    assert before <= after
    assert pause(SCHEDULE, 0, lost_for, half) == FIRST / 2
    assert pause(SCHEDULE, 10_000, lost_for, half) == (15 if lost_for < 120 else 150)
