"""Two times: the wall's, which may be wrong, and the relay's own age, which cannot jump."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from relay.rules.clock import DAY_MS, HOUR_MS, Clock, Now

WALL = 1_800_000_000_000


def test_both_times_go_on_together() -> None:
    clock = Clock(None, WALL, 5_000)
    assert clock.read(WALL + 700, 5_700) == Now(WALL + 700, 700)
    assert not clock.suspended


def test_a_small_correction_is_believed() -> None:
    clock = Clock(None, WALL, 0)
    assert clock.read(WALL + 60_000, 1_000) == Now(WALL + 60_000, 1_000)


def test_a_jump_of_more_than_an_hour_is_not() -> None:
    clock = Clock(None, WALL, 0)
    assert clock.read(WALL + 365 * DAY_MS, 1_000) == Now(WALL + 1_000, 1_000)
    assert clock.suspended
    assert clock.read(WALL - 365 * DAY_MS, 2_000) == Now(WALL + 2_000, 2_000)
    assert clock.suspended
    assert clock.read(WALL + 3_000, 3_000) == Now(WALL + 3_000, 3_000)
    assert not clock.suspended, "the wall came back"


def test_a_stop_counts_an_hour_at_most() -> None:
    last = Now(WALL, 10 * DAY_MS)
    assert Clock(last, WALL + 60_000, 0).read(WALL + 60_000, 0).age_ms == 10 * DAY_MS + 60_000
    later = WALL + 400 * DAY_MS
    assert Clock(last, later, 0).read(later, 0) == Now(later, 10 * DAY_MS + HOUR_MS)


def test_a_start_in_the_past_goes_on_where_it_was() -> None:
    last = Now(WALL, DAY_MS)
    clock = Clock(last, WALL - 400 * DAY_MS, 0)
    assert clock.suspended
    assert clock.read(WALL - 400 * DAY_MS, 500) == Now(WALL + 500, DAY_MS + 500)


@given(
    st.lists(
        st.tuples(st.integers(-(10**12), 10**12), st.integers(0, 10**7)), min_size=1, max_size=20
    )
)
def test_age_never_moves_by_the_wall(moves: list[tuple[int, int]]) -> None:
    clock = Clock(None, WALL, 0)
    wall, steady = WALL, 0
    for jump, passed in moves:
        wall, steady = wall + jump, steady + passed
        now = clock.read(max(wall, 0), steady)
        assert now.age_ms == steady
        assert abs(now.wall_ms - (WALL + steady)) <= HOUR_MS
