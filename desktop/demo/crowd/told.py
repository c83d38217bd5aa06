"""What whoever leads a crowd and the crowd's process say to each other: one line of JSON each.

Every order is answered by one line, when it is done.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from msgspec import Struct


class Pace(Struct, frozen=True):
    """How much a crowd does, each in a second and by all of them together."""

    entries: float = 0.0
    reactions: float = 0.0
    votes: float = 0.0
    questions: float = 0.0


class Gather(Struct, frozen=True, tag=True):
    """Be so many people, each with a new profile in a folder of theirs."""

    folder: str
    first: int  # the number of the first of them in the whole crowd
    count: int
    seed: int


class Enter(Struct, frozen=True, tag=True):
    """Go into the room behind this link, everybody."""

    link: str


class Reach(Struct, frozen=True, tag=True):
    """These have a mailbox from now on, and accept whoever takes them aside."""

    people: Sequence[int]
    relay: str


class Talk(Struct, frozen=True, tag=True):
    """Talk at this pace from now on."""

    pace: Pace


class Say(Struct, frozen=True, tag=True):
    """One of them says this."""

    who: int
    text: str


class Flood(Struct, frozen=True, tag=True):
    """So many of them say so many things each, as fast as they can."""

    people: int
    each: int


class Ask(Struct, frozen=True, tag=True):
    """One of them asks this."""

    who: int
    text: str
    nameless: bool = False


class Vote(Struct, frozen=True, tag=True):
    """So many of them vote for the question that asks this."""

    text: str
    people: int


class Aside(Struct, frozen=True, tag=True):
    """One of them takes the author of the entry that says ``text`` aside."""

    who: int
    text: str
    words: str


class Back(Struct, frozen=True, tag=True):
    """Wait until everybody's line to the room stands, so many seconds at most."""

    within: float


class Settle(Struct, frozen=True, tag=True):
    """Wait until nothing that was said is on its way any more, so many seconds at most."""

    within: float


class Count(Struct, frozen=True, tag=True):
    """Read the whole room again and say what everybody has of it, behind this place."""

    after: int = 0


Order: TypeAlias = (
    Gather | Enter | Reach | Talk | Say | Flood | Ask | Vote | Aside | Back | Settle | Count
)


class Tally(Struct, frozen=True):
    """What one member has of the room, read from their own vault."""

    who: int
    name: str
    said: int  # what they said
    numbered: int  # of it, what has a place in the room
    refused: int
    waiting: int
    seen: int  # entries of others
    doubled: int
    missing: int
    unreadable: int
    moved: int  # shown in one place, and later in another or in none
    order: str  # a digest of every entry in its place
    last: int  # the last place
    inside: bool
    removed: str | None
    warned: str | None
    complete: bool
    asides: int  # accepted, and a conversation now


class Done(Struct, frozen=True, tag=True):
    """It is done; ``names``: who they are, for an order that made or moved people."""

    names: Sequence[str] = ()
    count: int = 0


class Came(Struct, frozen=True, tag=True):
    """How long each took, in seconds; ``late``: how many were not there in time."""

    seconds: Sequence[float]
    late: int


class Counted(Struct, frozen=True, tag=True):
    """What everybody has, and how long entries took from being said to being read, in ms."""

    tallies: Sequence[Tally]
    latencies_ms: Sequence[int]


Answer: TypeAlias = Done | Came | Counted
