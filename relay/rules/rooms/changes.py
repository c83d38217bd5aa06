"""What may become of a room, as its rules tell it to the store: in their order, or not at all."""

from __future__ import annotations

from typing import TypeAlias

from msgspec import Struct

from protocol.ids import LetterId
from protocol.wire.frames.room_entries import Lane
from protocol.wire.frames.room_orders import SignedEpoch
from protocol.wire.frames.rooms import SignedCard, SignedPolicy
from relay.rules.rooms.records import KeptItem, KeptOrder, KeptSeat

MOST_MARKS = 256


class SetPolicy(Struct, frozen=True):
    """A newer policy; ``keeps_ms`` is said in it."""

    policy: SignedPolicy
    keeps_ms: int


class EndRoom(Struct, frozen=True):
    """The room is over since this age."""

    ended_ms: int


class UseRoom(Struct, frozen=True):
    """Somebody is there at this age."""

    age_ms: int


class BeginEpoch(Struct, frozen=True):
    """An epoch is in force."""

    epoch: SignedEpoch


class KeepWraps(Struct, frozen=True):
    """Of an epoch: wraps by the numbers of their seats."""

    epoch: int
    wraps: tuple[tuple[int, bytes], ...]


class KeepSeat(Struct, frozen=True):
    """A seat that is new, or has another name or card, or has come in for the first time."""

    seat: KeptSeat
    card: SignedCard | None = None


class DropSeat(Struct, frozen=True):
    """A seat is forgotten with its name, its card and its box."""

    number: int


class Heat(Struct, frozen=True):
    """Who sat on this seat was put out, and where they were is known again by ``mark``; the oldest
    are forgotten where a room has ``MOST_MARKS``."""

    seat: int
    mark: bytes


class Cool(Struct, frozen=True):
    """They may come back."""

    seat: int


class CoolAll(Struct, frozen=True):
    """Marks of another link are good for nothing."""


class KeepItems(Struct, frozen=True):
    """Items behind the last ones of their lane's run, and the running hash after them."""

    lane: Lane
    run: int
    items: tuple[KeptItem, ...]
    running: bytes


class KeepOrder(Struct, frozen=True):
    """An order that counts; its item is kept beside it."""

    order: KeptOrder


class KeepLetter(Struct, frozen=True):
    """A letter in a seat's box."""

    to: int
    sequence: int
    letter: LetterId
    by: int
    age_ms: int
    body: bytes


class TakeLetters(Struct, frozen=True):
    """Letters up to this number are with their reader; their ids stay."""

    seat: int
    up_to: int


class TrimStage(Struct, frozen=True):
    """Of the stage only so many of the newest items stay."""

    most: int


class TrimDesk(Struct, frozen=True):
    """The desk's items of earlier runs, and of this one up to this number, may go."""

    run: int
    up_to: int


Change: TypeAlias = (
    SetPolicy
    | EndRoom
    | UseRoom
    | BeginEpoch
    | KeepWraps
    | KeepSeat
    | DropSeat
    | Heat
    | Cool
    | CoolAll
    | KeepItems
    | KeepOrder
    | KeepLetter
    | TakeLetters
    | TrimStage
    | TrimDesk
)
