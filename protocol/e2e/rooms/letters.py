"""Letters between two seats, and what is inside: a request to talk aside, the answer, a key.

    sealed   HPKE to the key on the seat's card of: length 2 ‖ packed content ‖ zeros; 3 lengths
    info     joined("aside/1 room-letter seal", room, letter, to, by, made_ms 8)

Nobody says who they are before somebody accepted: the request holds a card, and the answer to it an
invitation for one use, by which the asker then comes as by any contact's link.
"""

from __future__ import annotations

from typing import Annotated, TypeAlias

from msgspec import Meta

from protocol.e2e.contents import Hidden
from protocol.e2e.packing import pack
from protocol.e2e.rooms.bridge import BridgeCard
from protocol.e2e.rooms.contents import APseudonym
from protocol.e2e.rooms.tagged import Tagged, Unknown
from protocol.e2e.sealing import open_with, seal_to
from protocol.errors import BadPadding, TextTooLong
from protocol.ids import (
    SEALING_OVERHEAD,
    SEALING_PRIVATE_BYTES,
    AKey,
    ALetterId,
    LetterId,
    RoomId,
    SeatId,
)
from protocol.keys import Domain, Rng, Secret, joined
from protocol.wire.frames.letters import LETTER_SIZES
from protocol.wire.rooms.entering import SeatCard
from protocol.wire.rooms.letters import LetterBody, sign_letter
from protocol.wire.rooms.policy import AnEpoch
from protocol.wire.rooms.signed import SeatKey

_LENGTH = 2
_AROUND = SEALING_OVERHEAD + _LENGTH
MAX_INSIDE = LETTER_SIZES[-1] - _AROUND
MAX_FIRST_WORDS = 500


class LetterContent(Hidden, frozen=True, tag_field="t"):
    """What is inside a letter. ``name`` is the writer's pseudonym in the room."""

    name: APseudonym


class AsideRequest(LetterContent, frozen=True, tag="aside_request"):
    """Would you talk with me aside? With what it is about, and first words."""

    card: BridgeCard
    words: Annotated[str, Meta(max_length=MAX_FIRST_WORDS)] = ""


class AsideAccepted(LetterContent, frozen=True, tag="aside_accepted"):
    """Yes, and an invitation for one use. Declining says nothing to anybody."""

    request: ALetterId
    link: Annotated[str, Meta(max_length=600)]


class DeskKey(LetterContent, frozen=True, tag="desk_key"):
    """What opens the desk's entries of this number, for who was made a moderator; with the key of
    the epoch in force, so that joins can be answered."""

    desk: AnEpoch
    private: Annotated[
        bytes, Meta(min_length=SEALING_PRIVATE_BYTES, max_length=SEALING_PRIVATE_BYTES)
    ]
    epoch: AnEpoch
    epoch_key: AKey


LETTERS = Tagged(LetterContent)
Heard: TypeAlias = LetterContent | Unknown


def write(
    content: LetterContent,
    card: SeatCard,
    to: SeatId,
    by: SeatKey,
    room: RoomId,
    made_ms: int,
    rng: Rng,
) -> bytes:
    """The letter. Raises TextTooLong, RemoteProtocolError for a card whose key is none."""
    packed = pack(content)
    if len(packed) > MAX_INSIDE:
        raise TextTooLong(MAX_INSIDE)
    size = next(size for size in LETTER_SIZES if len(packed) + _AROUND <= size)
    plain = len(packed).to_bytes(_LENGTH, "big") + packed.ljust(size - _AROUND, b"\0")
    letter = LetterId(rng(16))
    sealed = seal_to(card.sealing, plain, _info(room, letter, to, by.seat, made_ms))
    return sign_letter(by, room, LetterBody(letter, to, by.seat, made_ms, sealed))


def read(letter: LetterBody, room: RoomId, private: Secret) -> Heard:
    """What a letter says; its signature was checked before.

    Raises Damaged, BadPadding, RemoteProtocolError.
    """
    info = _info(room, letter.letter, letter.to, letter.by, letter.made_ms)
    plain = open_with(private, letter.sealed, info)
    end = _LENGTH + int.from_bytes(plain[:_LENGTH], "big")
    if end > len(plain) or plain[end:].strip(b"\0"):
        raise BadPadding
    return LETTERS.load(plain[_LENGTH:end])


def _info(room: RoomId, letter: LetterId, to: SeatId, by: SeatId, made_ms: int) -> bytes:
    return joined(Domain.ROOM_LETTER_SEAL.value, room, letter, to, by, made_ms.to_bytes(8, "big"))
