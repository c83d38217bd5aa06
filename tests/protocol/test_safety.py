"""The number two people compare."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from protocol.e2e.safety import safety_number
from protocol.ids import MemberId

MEMBERS = st.binary(min_size=32, max_size=32).map(MemberId)


@given(MEMBERS, MEMBERS)
def test_both_sides_read_the_same_sixty_digits(a: MemberId, b: MemberId) -> None:
    number = safety_number(a, b)
    assert re.fullmatch(r"(\d{5} ){11}\d{5}", number)
    assert number == safety_number(b, a)


@given(MEMBERS, MEMBERS, MEMBERS)
def test_another_member_means_another_number(a: MemberId, b: MemberId, c: MemberId) -> None:
    assert (safety_number(a, b) == safety_number(a, c)) == (b == c)
