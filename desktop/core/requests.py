"""Requests: first words of somebody who is no contact, and the card that says where they began.

Law: nothing in a request is believed because it was said. What was checked is named by ``proven``;
the rest is what the asker writes.
"""

from __future__ import annotations

from enum import Enum
from typing import NewType

from msgspec import Struct

from desktop.core.rooms import Role
from protocol.ids import EntryId, RoomId, SeatId

RequestId = NewType("RequestId", bytes)


class Purpose(Enum):
    """What an aside is for; ``OWN`` has its own word."""

    MENTORING = "mentoring"
    COLLABORATION = "collaboration"
    FEEDBACK = "feedback"
    SUPPORT = "support"
    OWN = "own"


class Proof(Enum):
    """What is known of a quoted entry. A false one is never shown."""

    SIGNED = "signed"  # its signature is the seat's, over these very words
    CLAIMED = "claimed"  # signed by the seat; that these are the words is only said
    UNKNOWN = "unknown"  # there is nothing to check it against


class Quoted(Struct, frozen=True):
    """An entry on a card."""

    entry_id: EntryId
    seat_id: SeatId
    name: str
    text: str
    sent_ms: int
    mine: bool = False
    proof: Proof = Proof.UNKNOWN
    imitates: bool = False  # the name looks like the host's, or a moderator's, and is not


class BridgeCard(Struct, frozen=True):
    """Where an aside began. Both see the same."""

    room_id: RoomId
    room: str
    host: str
    quoted: Quoted
    before: tuple[Quoted, ...]
    after: tuple[Quoted, ...]
    purpose: Purpose
    word: str = ""  # of a purpose of one's own
    here: bool = True  # the moment can be shown: the room is in this vault
    known_as: str = ""  # my pseudonym there: all that the other one knows of me
    accepted_ms: int | None = None


class Request(Struct, frozen=True):
    """Somebody wants to go on with me, just the two of us."""

    request_id: RequestId
    seat_id: SeatId
    name: str
    role: Role
    words: str
    sent_ms: int
    until_ms: int  # kept so long
    room_id: RoomId
    room: str
    card: BridgeCard | None  # None: what it quotes is false, and is not shown
    accepted_ms: int | None = None  # I said yes, and they have not come yet
    imitates: bool = False  # the name looks like the host's, or a moderator's, and is not
