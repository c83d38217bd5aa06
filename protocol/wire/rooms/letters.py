"""The outside of a letter: from which seat to which, signed by the one that wrote it.

letter   signature 64 ‖ body
signed   joined("aside/1 room-letter", room, body)
"""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from protocol.errors import LocalProtocolError, RemoteProtocolError
from protocol.ids import ALetterId, ASeatId, ATime, RoomId
from protocol.keys import Domain, sign, verify
from protocol.wire.frames.letters import LETTER_SIZES, MAX_LETTER
from protocol.wire.rooms.items import SIGNATURE
from protocol.wire.rooms.signed import SeatKey, unpack


class LetterBody(Struct, frozen=True, array_like=True):
    """A letter as the relay sees it. ``sealed`` has one of three lengths."""

    letter: ALetterId
    to: ASeatId
    by: ASeatId
    made_ms: ATime
    sealed: Annotated[bytes, Meta(min_length=LETTER_SIZES[0], max_length=LETTER_SIZES[-1])]

    def __repr__(self) -> str:
        return "<LetterBody>"


def sign_letter(key: SeatKey, room: RoomId, letter: LetterBody) -> bytes:
    """The letter as it travels."""
    if letter.by != key.seat or len(letter.sealed) not in LETTER_SIZES:
        raise LocalProtocolError("a letter that nobody would take")
    body = msgspec.msgpack.encode(letter)
    return sign(key.seed, Domain.ROOM_LETTER, room, body) + body


def read_letter(letter: bytes, room: RoomId) -> LetterBody:
    """What its writer signed for this room. Raises BadSignature, RemoteProtocolError."""
    if not SIGNATURE < len(letter) <= MAX_LETTER:
        raise RemoteProtocolError("a letter of no possible length")
    found = unpack(letter[SIGNATURE:], LetterBody)
    if len(found.sealed) not in LETTER_SIZES:
        raise RemoteProtocolError("a letter of no size there is")
    verify(found.by, letter[:SIGNATURE], Domain.ROOM_LETTER, room, letter[SIGNATURE:])
    return found
