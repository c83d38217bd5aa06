"""What a key says over one connection: to open a room, to take a seat, to open a seat's box.

The connection's transcript is in each signature, so that none is worth anything on another line.
"""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from protocol.errors import RemoteProtocolError
from protocol.ids import SEALING_PUBLIC_BYTES, ATime, RoomId, SeatId
from protocol.keys import Domain, digest, sign, verify
from protocol.wire.frames.rooms import MAX_CARD, SignedCard, SignedPolicy
from protocol.wire.rooms.signed import RoomKey, SeatKey, unpack


class SeatCard(Struct, frozen=True, kw_only=True):
    """What others seal to a seat with: an X-Wing key of its own, fresh for this room."""

    sealing: Annotated[
        bytes, Meta(min_length=SEALING_PUBLIC_BYTES, max_length=SEALING_PUBLIC_BYTES)
    ]
    made_ms: ATime


def token_hash(token: bytes) -> bytes:
    """What policy and invitations say of an admission token."""
    return digest(Domain.ROOM_TOKEN, token)


def sign_opening(key: RoomKey, transcript: bytes, policy: SignedPolicy) -> bytes:
    """For ``open_room``."""
    return sign(key.seed, Domain.ROOM_OPEN, transcript, policy.body)


def check_opening(room: RoomId, signature: bytes, transcript: bytes, policy: SignedPolicy) -> None:
    """Raises BadSignature."""
    verify(room, signature, Domain.ROOM_OPEN, transcript, policy.body)


def sign_entering(key: SeatKey, transcript: bytes, room: RoomId) -> bytes:
    """For ``enter_room``."""
    return sign(key.seed, Domain.ROOM_ENTER, transcript, room)


def check_entering(seat: SeatId, signature: bytes, transcript: bytes, room: RoomId) -> None:
    """Raises BadSignature."""
    verify(seat, signature, Domain.ROOM_ENTER, transcript, room)


def sign_box(key: SeatKey, transcript: bytes, room: RoomId) -> bytes:
    """For ``open_box``."""
    return sign(key.seed, Domain.ROOM_BOX, transcript, room)


def check_box(seat: SeatId, signature: bytes, transcript: bytes, room: RoomId) -> None:
    """Raises BadSignature."""
    verify(seat, signature, Domain.ROOM_BOX, transcript, room)


def sign_card(key: SeatKey, room: RoomId, card: SeatCard) -> SignedCard:
    """The card as it travels."""
    body = msgspec.msgpack.encode(card)
    return SignedCard(body=body, signature=sign(key.seed, Domain.ROOM_SEAT_CARD, room, body))


def read_card(signed: SignedCard, room: RoomId, seat: SeatId) -> SeatCard:
    """What this seat signed for this room. Raises BadSignature, RemoteProtocolError."""
    if len(signed.body) > MAX_CARD:
        raise RemoteProtocolError("an oversized card")
    verify(seat, signed.signature, Domain.ROOM_SEAT_CARD, room, signed.body)
    return unpack(signed.body, SeatCard)
