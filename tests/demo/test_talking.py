"""What a crowd does next: at random times, as often as it is told to."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from desktop.demo.crowd.talking import Deed, next_deed, something
from desktop.demo.crowd.told import Pace


def test_in_a_long_while_there_is_as_much_of_everything_as_was_asked_for() -> None:
    pace, chance = Pace(entries=2.0, reactions=0.5, votes=0.25, questions=0.1), random.Random(4)
    seconds, done = 0.0, Counter[Deed]()
    while seconds < 2000:
        next_one = next_deed(pace, chance)
        assert next_one is not None
        seconds += next_one[0]
        done[next_one[1]] += 1
    assert (done[Deed.SAY] + done[Deed.REPLY]) / seconds == pytest.approx(2.0, rel=0.1)
    assert done[Deed.REACT] / seconds == pytest.approx(0.5, rel=0.15)
    assert done[Deed.VOTE] / seconds == pytest.approx(0.25, rel=0.2)
    assert done[Deed.ASK] / seconds == pytest.approx(0.1, rel=0.25)


def test_the_same_seed_says_the_same() -> None:
    one, other = random.Random(7), random.Random(7)
    for deed in Deed:
        assert something(deed, one) == something(deed, other)


def test_who_is_told_nothing_does_nothing() -> None:
    assert next_deed(Pace(), random.Random(1)) is None
