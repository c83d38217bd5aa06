"""Contrast, computed from the tokens: text 4.5 : 1 on its ground, control borders 3 : 1."""

from __future__ import annotations

import pytest

from desktop.ui.tokens import AVATARS, DARK, LIGHT, ON_AVATAR, Tokens, hash_of

GROUNDS = ("bg", "surface", "raised", "hover", "selected")
TEXT_ON_GROUNDS = ("text", "text_2", "accent", "link")
PAIRS = (
    ("on_accent", "accent"),
    ("bubble_in_text", "bubble_in"),
    ("text_2", "bubble_in"),
    ("link", "bubble_in"),
    ("bubble_out_text", "bubble_out"),
    ("bubble_out_time", "bubble_out"),
    ("bubble_out_text", "quote_out"),
    ("bubble_in_text", "quote_in"),
    ("on_live", "live"),
    ("text", "ok_soft"),
    ("ok", "ok_soft"),
    ("text", "warn_soft"),
    ("warn", "warn_soft"),
    ("text", "danger_soft"),
    ("danger", "danger_soft"),
    ("on_inverse", "inverse"),
    ("inverse_link", "inverse"),
    ("inverse_text_2", "inverse"),
    ("danger", "bg"),
    ("danger", "surface"),
    ("danger", "raised"),
    ("ok", "bg"),
    ("ok", "surface"),
    ("ok", "raised"),
    ("warn", "bg"),
    ("warn", "surface"),
    ("warn", "raised"),
)


def light_of(colour: str) -> float:
    """Relative luminance (WCAG 2.2)."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    dim, bright = sorted((light_of(one), light_of(other)))
    return (bright + 0.05) / (dim + 0.05)


def colour(tokens: Tokens, role: str) -> str:
    value = getattr(tokens, role)
    assert isinstance(value, str)
    return value


@pytest.fixture(params=[LIGHT, DARK], ids=["light", "dark"])
def tokens(request: pytest.FixtureRequest) -> Tokens:
    param = request.param
    assert isinstance(param, Tokens)
    return param


@pytest.mark.parametrize("ground", GROUNDS)
@pytest.mark.parametrize("role", TEXT_ON_GROUNDS)
def test_text_on_every_ground(tokens: Tokens, role: str, ground: str) -> None:
    assert contrast(colour(tokens, role), colour(tokens, ground)) >= 4.5


@pytest.mark.parametrize(("role", "ground"), PAIRS)
def test_text_on_its_own_ground(tokens: Tokens, role: str, ground: str) -> None:
    assert contrast(colour(tokens, role), colour(tokens, ground)) >= 4.5


@pytest.mark.parametrize("ground", ["bg", "surface", "raised"])
def test_controls_can_be_seen(tokens: Tokens, ground: str) -> None:
    assert contrast(tokens.control, colour(tokens, ground)) >= 3
    assert contrast(tokens.accent, colour(tokens, ground)) >= 3


def test_a_control_on_a_selected_ground_uses_the_accent(tokens: Tokens) -> None:
    assert contrast(tokens.accent, tokens.selected) >= 3


@pytest.mark.parametrize("ground", AVATARS)
def test_avatar_letters(ground: str) -> None:
    assert contrast(ON_AVATAR, ground) >= 4.5


@pytest.mark.parametrize("ground", [*GROUNDS, "bubble_in"])
def test_names_as_text(tokens: Tokens, ground: str) -> None:
    for name in tokens.avatar_names:
        assert contrast(name, colour(tokens, ground)) >= 4.5


def test_a_member_keeps_a_colour() -> None:
    assert [hash_of(bytes([n]) * 32) for n in range(4)] == [
        hash_of(bytes([n]) * 32) for n in range(4)
    ]
    assert {hash_of(bytes([n])) for n in range(200)} == set(range(8))
