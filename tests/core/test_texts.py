"""What is blank: everything that leaves no mark on the screen, and nothing that does."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.core.texts import harmless, harmless_name, is_blank


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


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain\nwith\ttwo lines", "plain\nwith\ttwo lines"),
        ("\x00\x1b[31m\x7f", "␀␛[31m␡"),
        ("\x9b", "\ufffd"),
        ("exe.\u202egpj", "exe.\ufffdgpj"),
        ("\u2066a\u2069", "\ufffda\ufffd"),
        ("می\u200cخواهم 👩\u200d🌾", "می\u200cخواهم 👩\u200d🌾"),
        ("<img src=file:///etc/passwd>", "<img src=file:///etc/passwd>"),
    ],
)
def test_controls_and_changes_of_direction_are_seen_as_what_they_are(text: str, shown: str) -> None:
    assert harmless(text) == shown
    assert harmless(shown) == shown


def test_a_name_stands_in_one_line_and_hides_nothing() -> None:
    assert harmless_name("Marta\u200b  \n Kessler\u202e") == "Marta\ufffd Kessler\ufffd"


@given(st.text())
def test_what_is_harmless_has_as_many_letters_and_turns_nothing_round(text: str) -> None:
    shown = harmless(text)
    assert len(shown) == len(text)
    embedding = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
    assert not embedding & {unicodedata.bidirectional(letter) for letter in shown}
