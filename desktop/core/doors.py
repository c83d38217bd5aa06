"""Opening a room, and what stands at its door: plain immutable data (law 5)."""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from desktop.core.rooms import Speak, Standing, Way
from protocol.ids import Fingerprint, RoomId

HISTORY: Final = 50

# What a front has room for: letters in each part, and bytes in all of them together.
MOST_TITLE = 100
MOST_ABOUT = 1_000
MOST_RULES = 1_500
MOST_STREAM = 300
MOST_NAME = 32
MOST_BYTES = 3_800
MOST_SEATS = 10_000


class Opening(Struct, frozen=True):
    """What a new room is to be."""

    title: str
    about: str
    rules: str
    way: Way
    seats: int
    name: str  # the host's in this room: everybody in it sees it
    stream: str = ""
    relay_id: Fingerprint | None = None  # one of mine; none: the first
    speak: Speak = Speak.ALL
    slow_s: int = 0
    history: int = HISTORY  # so many entries of before are given to whoever enters

    @property
    def size(self) -> int:
        """Bytes of what people see before they enter, against ``MOST_BYTES``."""
        shown = (self.title, self.about, self.rules, self.stream, self.name)
        return sum(len(text.encode()) for text in shown)


class Opened(Struct, frozen=True):
    """A room that has been opened, and the way to it."""

    room_id: RoomId
    link: str


class Doorplate(Struct, frozen=True):
    """What a room's link shows before anybody enters."""

    title: str
    about: str
    rules: str
    host: str
    way: Way
    relay_host: str
    people: int
    live: bool
    remembered: str  # the pseudonym I had there, or nothing
    fresh: str  # one that nobody has seen, another one each time
    room_id: RoomId
    seats: int = 0
    standing: Standing | None = None  # none: the room is not in my list
