"""What the hall asks the store about rooms, and what it is answered. Nobody else can ask it."""

from __future__ import annotations

from typing import TypeAlias

from msgspec import Struct

from protocol.ids import CallId, LetterId, RoomId
from protocol.wire.frames import Reply
from protocol.wire.frames.letters import BoxedLetter
from protocol.wire.frames.room_entries import Lane
from protocol.wire.frames.rooms import OpenRoom, SignedCard
from relay.rules.rooms.changes import Change, KeepItems
from relay.rules.rooms.records import KeptItem, KeptOrder, KeptRoom, KeptRun, KeptSeat


class LoadRoom(Struct, frozen=True):
    """All that is kept of a room but items, cards and letters. ``begins``: a run begins with it."""

    call: CallId
    room: RoomId
    begins: bool


class RoomLoaded(Reply, frozen=True, tag="RoomLoaded"):
    """It. ``letters`` are those of the last hour by who wrote them, ``boxes`` those that wait by
    whose they are, ``marks`` those of who was put out, by their seats. It is said within the relay
    only, like all replies below."""

    room: KeptRoom
    seats: tuple[KeptSeat, ...]
    last_seat: int
    orders: tuple[KeptOrder, ...]
    runs: tuple[KeptRun, ...]
    oldest: tuple[int, int]  # run and number of the first item that the stage has
    stage_items: int
    desk_items: int
    desk_bytes: int
    letters: tuple[tuple[int, int], ...]
    boxes: tuple[tuple[int, int], ...]
    marks: tuple[tuple[int, bytes], ...]


class KeepRoom(Struct, frozen=True):
    """Changes that belong together, in their order."""

    call: CallId
    row: int
    changes: tuple[Change, ...]

    @property
    def size(self) -> int:
        """About how many bytes wait with it."""
        items = [each.items for each in self.changes if isinstance(each, KeepItems)]
        return 512 * len(self.changes) + sum(128 + len(i.item) for row in items for i in row)


class ReadItems(Struct, frozen=True):
    """What stands behind a number of a run."""

    call: CallId
    row: int
    lane: Lane
    run: int
    after: int
    limit: int


class ItemsRead(Reply, frozen=True, tag="ItemsRead"):
    """In their order, and without a hole from the first one on."""

    items: tuple[KeptItem, ...]


class FindItem(Struct, frozen=True):
    """Where a seat's entry of this counter stands."""

    call: CallId
    row: int
    lane: Lane
    seat: int
    counter: int


class ItemFound(Reply, frozen=True, tag="ItemFound"):
    """There."""

    run: int
    number: int


class ReadCards(Struct, frozen=True):
    """The cards of these seats, by their numbers."""

    call: CallId
    row: int
    seats: tuple[int, ...]


class CardsRead(Reply, frozen=True, tag="CardsRead"):
    """Those that are there."""

    cards: tuple[tuple[int, SignedCard], ...]


class ReadBox(Struct, frozen=True):
    """The next letters of a seat's box."""

    call: CallId
    row: int
    seat: int
    after: int
    limit: int


class BoxRead(Reply, frozen=True, tag="BoxRead"):
    """In their order."""

    letters: tuple[BoxedLetter, ...]


class FindLetter(Struct, frozen=True):
    """Whether a letter of this id is or was here: ``stored`` or ``unknown``."""

    call: CallId
    row: int
    letter: LetterId


RoomAsked: TypeAlias = (
    OpenRoom | LoadRoom | KeepRoom | ReadItems | FindItem | ReadCards | ReadBox | FindLetter
)
"""What the store is asked about rooms."""
