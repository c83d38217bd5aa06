"""Names as they may be shown: one visible line that touches nothing beside it."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.e2e import names


@pytest.mark.parametrize(
    ("told", "shown"),
    [
        ("Alice", "Alice"),
        ("  Anna \t Lena\n", "Anna Lena"),
        ("\u202eecila", "ecila"),  # would turn what follows around
        ("A\u2066l\u2069ice\u200f", "Alice"),
        ("\x1b[31mred", "[31mred"),
        ("A\u200blice\ufeff", "Alice"),  # looks like another Alice
        ("mi\u200cnevisam", "mi\u200cnevisam"),  # Persian writes this
        ("\U0001f469\u200d\U0001f680", "\U0001f469\u200d\U0001f680"),  # an astronaut
        ("\u200d \u200c", ""),
        ("\ue000\ud800", ""),
        ("", ""),
    ],
)
def test_what_of_a_name_is_shown(told: str, shown: str) -> None:
    assert names.clean(told) == shown


@given(st.text(max_size=100))
def test_whatever_is_told_is_shown_as_one_visible_line(told: str) -> None:
    shown = names.clean(told)
    assert names.clean(shown) == shown
    assert len(shown) <= names.MAX_NAME
    assert shown == " ".join(shown.split())
    assert not any(unicodedata.category(one) == "Cc" for one in shown)
