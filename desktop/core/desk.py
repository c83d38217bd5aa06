"""What waits at a room's desk for a host or a moderator: plain immutable data (law 5).

Law: a report shows what its reporter can prove was said, or says that it cannot be shown.
"""

from __future__ import annotations

from enum import Enum
from typing import NewType

from msgspec import Struct

from desktop.core.requests import Quoted
from protocol.ids import SeatId

DeskId = NewType("DeskId", bytes)


class DeskKind(Enum):
    """Why it came to the desk."""

    HAND = "hand"  # somebody would like to speak
    REPORT = "report"  # of an entry
    HELD = "held"  # a message that is looked at before the stage shows it
    DOOR = "door"  # somebody wants to be let in


class Verdict(Enum):
    """What is done with it."""

    GRANTED = "granted"  # may speak as a guest; onto the stage; let in
    REFUSED = "refused"  # not put on the stage; turned away
    CLOSED = "closed"  # a hand or a report: seen, and nothing else


class DeskItem(Struct, frozen=True):
    """One card of the desk."""

    desk_id: DeskId
    kind: DeskKind
    seat_id: SeatId  # who raised a hand, reported, wrote, knocks
    name: str
    came_ms: int
    words: str = ""  # of the report, the message or at the door
    entry: Quoted | None = None  # what a report is about; None: it cannot be shown
    newcomer: bool = False
    imitates: bool = False
