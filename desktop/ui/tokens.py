"""The look in numbers: colours by role, type sizes, spacing, radii. Pure: a test does sums on it.

Law: nothing on screen has a colour or a type size that is not named here.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import NamedTuple

from msgspec import Struct


class Tokens(Struct, frozen=True):
    """One theme's colours, as Qt reads them (``#RRGGBB`` or ``#AARRGGBB``)."""

    dark: bool
    bg: str
    surface: str
    raised: str
    hover: str
    selected: str
    text: str
    text_2: str
    accent: str
    on_accent: str
    bubble_in: str
    bubble_in_text: str
    bubble_out: str
    bubble_out_text: str
    bubble_out_time: str
    link: str
    danger: str
    ok: str
    warn: str
    live: str
    on_live: str
    control: str
    divider: str
    ok_soft: str
    warn_soft: str
    danger_soft: str
    quote_in: str
    quote_out: str
    inverse: str
    on_inverse: str
    inverse_link: str
    inverse_text_2: str
    scrim: str
    avatar_names: tuple[str, ...]


LIGHT = Tokens(
    dark=False,
    bg="#FFFFFF",
    surface="#F5F6F8",
    raised="#FFFFFF",
    hover="#ECEEF2",
    selected="#E3EBFF",
    text="#15181E",
    text_2="#586172",
    accent="#2A54DB",
    on_accent="#FFFFFF",
    bubble_in="#EFF1F4",
    bubble_in_text="#15181E",
    bubble_out="#2A54DB",
    bubble_out_text="#FFFFFF",
    bubble_out_time="#DFE7FF",
    link="#1F4FD8",
    danger="#C4261D",
    ok="#177342",
    warn="#8A5A00",
    live="#D42A3C",
    on_live="#FFFFFF",
    control="#7C8696",
    divider="#DDE1E7",
    ok_soft="#E5F3EB",
    warn_soft="#FAF0DB",
    danger_soft="#FCEBEA",
    quote_in="#E3E6EB",
    quote_out="#2348C2",
    inverse="#15181E",
    on_inverse="#FFFFFF",
    inverse_link="#9DB6FF",
    inverse_text_2="#B4BCC9",
    scrim="#730C0E12",  # 45 %
    avatar_names=(
        "#A93F1A",
        "#8549BA",
        "#1A6E5F",
        "#B02F6B",
        "#3E63C9",
        "#6F5B0E",
        "#43701C",
        "#80506B",
    ),
)

DARK = Tokens(
    dark=True,
    bg="#14161A",
    surface="#1B1E24",
    raised="#22262E",
    hover="#282D36",
    selected="#26335C",
    text="#ECEEF2",
    text_2="#9DA7B8",
    accent="#88A6FF",
    on_accent="#0B1430",
    bubble_in="#262B34",
    bubble_in_text="#ECEEF2",
    bubble_out="#2C4FC4",
    bubble_out_text="#FFFFFF",
    bubble_out_time="#D5DFFF",
    link="#9DB6FF",
    danger="#FF8A80",
    ok="#5BD197",
    warn="#F0B85A",
    live="#FF6B78",
    on_live="#2A060A",
    control="#6B7688",
    divider="#323843",
    ok_soft="#1A3327",
    warn_soft="#352B17",
    danger_soft="#3B2326",
    quote_in="#323843",
    quote_out="#2544AB",
    inverse="#ECEEF2",
    on_inverse="#15181E",
    inverse_link="#1F4FD8",
    inverse_text_2="#586172",
    scrim="#9E060709",  # 62 %
    avatar_names=(
        "#F29B7B",
        "#CDA6F5",
        "#6CCBB9",
        "#F48FBD",
        "#A3B9F7",
        "#D6C062",
        "#A6D274",
        "#D9A8C2",
    ),
)

# Avatars keep their ground and a white letter in both themes.
AVATARS = (
    "#B4451F",
    "#8A4FBE",
    "#1F7A6B",
    "#B02F6B",
    "#3E63C9",
    "#7A6412",
    "#4A7A1F",
    "#80506B",
)
ON_AVATAR = "#FFFFFF"


class Type(NamedTuple):
    """A type role: size and line height in pixels at 100 %, and weight."""

    size: int
    line: int
    weight: int = 400


TYPE = {
    "caption": Type(12, 16),
    "caption-medium": Type(12, 16, 500),
    "caption-strong": Type(12, 16, 600),
    "small": Type(13, 18),
    "small-medium": Type(13, 18, 500),
    "small-strong": Type(13, 18, 600),
    "body": Type(15, 21),
    "control": Type(14, 20),
    "control-medium": Type(14, 20, 500),
    "control-strong": Type(14, 20, 600),
    "title": Type(16, 22, 600),
    "page": Type(20, 28, 600),
    "hero": Type(28, 34, 600),
}

SCALES = (80, 90, 100, 110, 125, 150)  # what the member can choose, in per cent


def hash_of(who: bytes) -> int:
    """Which of the eight avatar colours a member has: the same on every machine, for ever."""
    return blake2b(who, digest_size=1).digest()[0] % len(AVATARS)


def name_tone(who: bytes) -> str:
    """The role of the colour that a member's name has as text."""
    return f"name-{hash_of(who)}"
