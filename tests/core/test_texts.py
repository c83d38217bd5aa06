"""What is blank: everything that leaves no mark on the screen, and nothing that does."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.core.texts import is_blank


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "\n\t\r", "\0", "\x07", "\xa0", "\xad", "\u3000", "\u200b", "\u200d\u200c"),
        *("\u2060", "\ufeff", "\u202e\u202c", "\u2066\u2069", "\u061c", "\u034f", "\u2800"),
        *("\u3164", "\u115f\u1160", "\uffa0", "\u180e", "\ufe0f", "\U000e0041\U000e007f"),
        " \u200b\n" * 30_000,
    ],
)
def test_what_leaves_no_mark_is_blank(text: str) -> None:
    assert is_blank(text)


@pytest.mark.parametrize("text", ["a", ".", "👍", "\u200b-", "❤\ufe0f", "\u0301", "\u0600", "あ"])
def test_what_leaves_one_is_not(text: str) -> None:
    assert not is_blank(text)


@given(st.text())
def test_a_letter_is_seen_in_whatever_stands_around_it(text: str) -> None:
    assert not is_blank(f"{text}x{text}")


@given(st.text(st.characters(categories=("Zs", "Zl", "Zp", "Cc"))))
def test_white_space_and_controls_are_blank(text: str) -> None:
    assert is_blank(text)


@given(st.characters(categories=("L", "N", "P", "S")))
def test_letters_digits_and_signs_are_seen(one: str) -> None:
    blanks = "\u115f\u1160\u2800\u3164\uffa0"  # letters and a sign by name alone
    assert is_blank(one) is (one in blanks), unicodedata.name(one, "?")
