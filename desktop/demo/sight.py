"""What a window shows at one moment, as plain data: its things, its rows, where they are.

It crosses from a window's process to the one that leads the demo, one line of JSON at a time.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import msgspec


class Box(msgspec.Struct, frozen=True):
    """A rectangle, in the pixels of the window it belongs to."""

    x: int
    y: int
    width: int
    height: int

    @property
    def middle(self) -> tuple[int, int]:
        return self.x + self.width // 2, self.y + self.height // 2

    def holds(self, other: Box) -> bool:
        return (
            self.x <= other.x
            and self.y <= other.y
            and other.x + other.width <= self.x + self.width
            and other.y + other.height <= self.y + self.height
        )

    def moved(self, x: int, y: int) -> Box:
        return Box(self.x + x, self.y + y, self.width, self.height)


class Thing(msgspec.Struct, frozen=True):
    """Something that can be seen: by the name a screen reader gives it."""

    role: str
    name: str
    text: str  # what stands in a field; a dot for each letter of a passphrase
    box: Box
    enabled: bool
    checked: bool
    focused: bool  # has the window's focus; keys come here while the window is active
    reachable: bool  # a click on its middle reaches it, and nothing that lies over it


class Row(msgspec.Struct, frozen=True):
    """A message on the screen: what it says, where its words are, whether they are painted."""

    spoken: str
    words: Box
    whole: bool  # all of its words are on the screen
    inked: bool

    @property
    def thing(self) -> Thing:
        """The same, to be clicked on."""
        return Thing("ListItem", self.spoken, "", self.words, True, False, False, True)


class Sight(msgspec.Struct, frozen=True):
    """One window."""

    number: int  # the window's, for the window manager
    title: str
    active: bool
    at: Box  # where on the screen
    things: Sequence[Thing]
    rows: Sequence[Row]


class Look(msgspec.Struct, frozen=True, tag=True):
    """Say what the window shows."""


class Picture(msgspec.Struct, frozen=True, tag=True):
    """Save what was painted last."""

    file: str


class Click(msgspec.Struct, frozen=True, tag=True):
    """Press and release the mouse here, from inside."""

    x: int
    y: int


class Press(msgspec.Struct, frozen=True, tag=True):
    """Press a key, named as Qt writes it, from inside."""

    key: str


class Write(msgspec.Struct, frozen=True, tag=True):
    """Type a text where the focus is, from inside."""

    text: str


class Clip(msgspec.Struct, frozen=True, tag=True):
    """Put a text into the clipboard, to be pasted with the keyboard."""

    text: str


class Stand(msgspec.Struct, frozen=True, tag=True):
    """Stand as the first (0) or the second (1) of two windows on this screen."""

    place: int


class Shade(msgspec.Struct, frozen=True, tag=True):
    """Look as where the system is dark, or light; ``None``: as it was before."""

    dark: bool | None


class Close(msgspec.Struct, frozen=True, tag=True):
    """Close the window as its title bar's button would."""


Asked: TypeAlias = Look | Picture | Click | Press | Write | Clip | Stand | Shade | Close
