"""What is kept of a room, and the changes to it, as rules and store tell them to each other.

Seats have numbers of their room's own, counted from 1 on in the order of their coming; items stand
by lane, run and number. Nothing here can be read: entries, names and wraps are sealed. A room
names no pass: ``owner`` is a digest over the pass's secret and the room, which leads nobody from
the one to the other who has not got that secret.
"""

from __future__ import annotations

from msgspec import Struct

from protocol.ids import RoomId, SeatId
from protocol.wire.frames.room_entries import Lane
from protocol.wire.frames.room_orders import SignedEpoch
from protocol.wire.frames.rooms import SignedPolicy


class KeptRoom(Struct, frozen=True):
    """A room; ``row`` is the store's. Times are ages of the relay."""

    row: int
    id: RoomId
    policy: SignedPolicy
    opened_ms: int
    ended_ms: int | None
    epoch: SignedEpoch | None


class KeptSeat(Struct, frozen=True):
    """A seat, whether it is taken at the moment or not.

    ``run`` and ``number``: where the stage was when it entered first, 0 before that. ``stage`` and
    ``desk`` are the counters of its last entries, ``letters`` the last number of its box.
    ``card`` is the signature over its card: enough to tell another one from it.
    """

    number: int
    seat: SeatId
    since_ms: int
    waits: bool
    token: bytes = b""
    run: int = 0
    at: int = 0
    name: bytes = b""
    card: bytes = b""
    wrap: bytes = b""
    wrap_epoch: int = 0
    stage: int = 0
    desk: int = 0
    letters: int = 0


class KeptOrder(Struct, frozen=True):
    """An order that counted: where it stands, when that was, and under which policy's version."""

    run: int
    number: int
    at_ms: int
    under: int
    item: bytes


class KeptRun(Struct, frozen=True):
    """How far a lane came in a run, and what that run began with."""

    lane: Lane
    run: int
    number: int
    running: bytes
    before_number: int
    before_running: bytes


class KeptItem(Struct, frozen=True):
    """One item; ``before`` is the running hash before it. Seat and counter are 0 of an order."""

    number: int
    seat: int
    counter: int
    before: bytes
    item: bytes
