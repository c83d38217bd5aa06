"""An order of mine that a room's relay will not carry out: nothing of it is in force."""

from __future__ import annotations

from enum import Enum

from msgspec import Struct

from desktop.core.rooms import Order
from protocol.ids import RoomId


class OrderCause(Enum):
    """Why."""

    LATE = "late"  # the relay heard of it when it was over
    NOT_ALLOWED = "not_allowed"  # my part in the room does not cover it, or no more
    UNKNOWN = "unknown"  # whom or what it is about is not in the room any more
    FULL = "full"  # the relay keeps no more orders of this room
    ENDED = "ended"
    OTHER = "other"


class OrderRefused(Struct, frozen=True):
    """``order`` is None for what is about nobody: how the room is set, and its end. What was to be
    undone by ``undo_id`` was not done."""

    room_id: RoomId
    undo_id: int
    order: Order | None
    cause: OrderCause
