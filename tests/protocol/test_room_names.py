"""Pseudonyms: cleaned like names, and those that look like a host's are known for it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.e2e.rooms.pseudonyms import MAX_PSEUDONYM, clean, imitates, skeletons


@pytest.mark.parametrize(
    "name",
    [
        "Alice",
        "ALICE",
        " a l i c e ",
        "Al\u00edce",
        "A\u0142ice",
        "\u0410lice",  # a Cyrillic A
        "Ali\u0441e",  # a Cyrillic s
        "\u0391lice",  # a Greek Alpha
        "A1ice",
        "A|ice",
        "AIice",  # a capital i
        "Al!ce",
        "@lice",
        "Alic3",
        "\uff21\uff4c\uff49\uff43\uff45",  # full width
        "\U0001d4d0\U0001d4f5\U0001d4f2\U0001d4ec\U0001d4ee",  # bold script
        "Allice",
        "Alice.",
        "*Alice*",
        "Alice (host)",
        "Host Alice",
        "the real alice",
        "alice official",
        "A\u200dlice",
    ],
)
def test_what_looks_like_the_host(name: str) -> None:
    assert imitates(clean(name), ["Alice"])


@pytest.mark.parametrize("name", ["Host", "H0ST", "moderator", "Adm\u0456n", "the host", "M0d"])
def test_what_says_that_it_has_a_role(name: str) -> None:
    assert imitates(clean(name), [])


@pytest.mark.parametrize(
    "name", ["Bob", "Alina", "Alicia", "Malice", "Ghost", "Hostel", "\u30a2\u30ea\u30b9", ""]
)
def test_who_is_somebody_else(name: str) -> None:
    assert not imitates(clean(name), ["Alice", ""])


def test_pairs_of_letters_look_like_one() -> None:
    assert imitates("rnartha", ["Martha"])
    assert imitates("vvilma", ["Wilma"])


@given(st.text(max_size=80))
def test_any_name_is_a_line_and_looks_like_itself(name: str) -> None:
    shown = clean(name)
    assert clean(shown) == shown
    assert len(shown) <= MAX_PSEUDONYM
    assert imitates(shown, [shown]) or not skeletons(shown)
