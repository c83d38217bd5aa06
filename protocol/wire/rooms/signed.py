"""How signed bodies of rooms become bytes and come back, and the room's own keys.

A signature covers the bytes that were sent: they are kept beside it and decoded from there. Every
signature names the room, so that nothing said in one room is worth anything in another.
"""

from __future__ import annotations

from typing import TypeVar

import msgspec
from msgspec import Struct

from protocol.errors import RemoteProtocolError
from protocol.ids import RoomId, SeatId
from protocol.keys import SEED_BYTES, Rng, Secret, public_key

T = TypeVar("T")

UNREADABLE = (msgspec.MsgspecError, RecursionError, UnicodeDecodeError, ValueError)


class RoomKey(Struct, frozen=True):
    """A room with the key to speak for it: who has it is the host."""

    room: RoomId
    seed: Secret


class SeatKey(Struct, frozen=True):
    """A seat with the key to speak for it."""

    seat: SeatId
    seed: Secret


def new_room(rng: Rng) -> RoomKey:
    """A room nobody has heard of yet."""
    seed = Secret(rng(SEED_BYTES))
    return RoomKey(RoomId(public_key(seed)), seed)


def new_seat(rng: Rng) -> SeatKey:
    """A seat for one room; it is never used for another."""
    seed = Secret(rng(SEED_BYTES))
    return SeatKey(SeatId(public_key(seed)), seed)


def unpack(data: bytes, kind: type[T]) -> T:
    """A body of this kind. Raises RemoteProtocolError."""
    try:
        return msgspec.msgpack.decode(data, type=kind)
    except UNREADABLE as exc:
        raise RemoteProtocolError(f"unreadable {kind.__name__}") from exc
