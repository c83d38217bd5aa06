"""What a crowd does next, and in which words. Pure: chance comes in.

Deeds come one by one as people do them, at random times; only how many there are in a long while
is given.
"""

from __future__ import annotations

import random
from enum import Enum

from desktop.demo.crowd import strings
from desktop.demo.crowd.told import Pace
from desktop.ui.rooms.strings import SIGNS


class Deed(Enum):
    """What somebody does."""

    SAY = "say"
    REPLY = "reply"
    REACT = "react"
    VOTE = "vote"
    ASK = "ask"


REPLIES = 0.25  # of all entries


def seeded(seed: float) -> random.Random:
    """Chance that comes out the same each time. Nothing is kept secret by it."""
    return random.Random(seed)  # noqa: S311 - as its first line says


def next_deed(pace: Pace, chance: random.Random) -> tuple[float, Deed] | None:
    """In so many seconds, this; None where nobody does anything."""
    rates = {
        Deed.SAY: pace.entries * (1 - REPLIES),
        Deed.REPLY: pace.entries * REPLIES,
        Deed.REACT: pace.reactions,
        Deed.VOTE: pace.votes,
        Deed.ASK: pace.questions,
    }
    together = sum(rates.values())
    if together <= 0:
        return None
    (deed,) = chance.choices(list(rates), list(rates.values()))
    return chance.expovariate(together), deed


def something(deed: Deed, chance: random.Random) -> str:
    """Words for it, or a sign."""
    match deed:
        case Deed.SAY:
            opening, thought = chance.choice(strings.OPENINGS), chance.choice(strings.THOUGHTS)
            begins = thought[:1].upper() if opening.endswith(".") else thought[:1]
            return f"{opening} {begins}{thought[1:]}"
        case Deed.REPLY:
            return chance.choice(strings.REPLIES)
        case Deed.ASK:
            return f"{chance.choice(strings.ASKED)} {chance.choice(strings.ABOUT)}"
        case Deed.REACT:
            return chance.choice(SIGNS)
        case Deed.VOTE:
            return ""
