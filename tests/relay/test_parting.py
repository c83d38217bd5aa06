"""After a farewell, people come back one by one."""

from __future__ import annotations

import random
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.rules.parting import FIRST_MS, LEAST_SPREAD_MS, retry_ms, spread_ms
from tests.relay.caller import some_bytes


def test_five_thousand_come_back_over_half_a_minute() -> None:
    rng = some_bytes(1)
    seconds = Counter(retry_ms(5_000, rng) // 1000 for _ in range(5_000))
    assert min(seconds) >= FIRST_MS // 1000
    assert set(seconds) == set(range(1, 31))
    assert max(seconds.values()) < 1.5 * 5_000 / 30, "none of them is crowded"


@pytest.mark.parametrize(("connections", "spread"), [(0, 5_000), (20, 5_000), (5_000, 30_000)])
def test_the_more_there_are_the_wider_they_are_spread(connections: int, spread: int) -> None:
    assert spread_ms(connections) == spread


@given(st.integers(0, 10**6), st.randoms(use_true_random=False))
def test_nobody_is_told_to_wait_longer_than_a_desktop_does(
    connections: int, chance: random.Random
) -> None:
    told = retry_ms(connections, chance.randbytes)
    assert FIRST_MS <= told <= 60_000
    assert told < FIRST_MS + max(spread_ms(connections), LEAST_SPREAD_MS)
