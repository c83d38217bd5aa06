"""Announcements of epochs: that there is a new key, and what it is, without showing it.

The relay reads an announcement to refuse entries under a key that is over; the commitment lets
whoever gets the key check that everybody got the same.
"""

from __future__ import annotations

import msgspec
from msgspec import Struct

from protocol.errors import RemoteProtocolError
from protocol.ids import AHash, AKey, ARoomId, ATime, RoomId
from protocol.keys import Domain, sign, verify
from protocol.wire.frames.room_orders import MAX_ANNOUNCEMENT, SignedEpoch
from protocol.wire.frames.rooms import SignedGrant
from protocol.wire.rooms.policy import AnEpoch
from protocol.wire.rooms.signed import RoomKey, SeatKey, unpack


class EpochBody(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A new epoch: its number, what commits to its key, and who began it by what right."""

    room: ARoomId
    epoch: AnEpoch
    commitment: AHash
    by: AKey  # the room's key, or that of a seat with the scope ``admit``
    made_ms: ATime
    grant: SignedGrant | None = None


def sign_epoch(key: RoomKey | SeatKey, epoch: EpochBody) -> SignedEpoch:
    """The announcement as it travels."""
    body = msgspec.msgpack.encode(epoch)
    return SignedEpoch(body=body, signature=sign(key.seed, Domain.ROOM_EPOCH, body))


def read_epoch(signed: SignedEpoch, room: RoomId) -> EpochBody:
    """What was announced for this room, by whom it says; whether they might,
    :func:`~protocol.wire.rooms.authority.scopes_in` knows. Raises BadSignature,
    RemoteProtocolError."""
    if len(signed.body) > MAX_ANNOUNCEMENT:
        raise RemoteProtocolError("an oversized announcement")
    found = unpack(signed.body, EpochBody)
    if found.room != room:
        raise RemoteProtocolError("another room's epoch")
    verify(found.by, signed.signature, Domain.ROOM_EPOCH, signed.body)
    return found
