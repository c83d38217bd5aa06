"""What is said in a room: items go in one by one and come out numbered, the same bytes for all.

An item is a signature and the bytes it covers (:mod:`protocol.wire.rooms.items`); the relay numbers
it within its run and lane and never writes into it. What it fans out has nothing of one seat in it,
so that a room's burst is encoded once.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Annotated

from msgspec import Meta

from protocol.ids import AHash
from protocol.wire.frames.declared import ASequence, Done, Notice, Reply, Request
from protocol.wire.frames.rooms import ARun, SignedHead

MAX_STAGE_SEALED = 4 * 1024
MAX_DESK_SEALED = 16 * 1024
MAX_ITEM = MAX_DESK_SEALED + 512
MIN_ITEM = 64 + 16
MAX_ITEMS = 256
STUB_BYTES = 32

AnItem = Annotated[bytes, Meta(min_length=MIN_ITEM, max_length=MAX_ITEM)]
# In the place of an item that was ordered to be hidden stands the digest of it.
AnItemOrStub = Annotated[bytes, Meta(min_length=STUB_BYTES, max_length=MAX_ITEM)]
Items = Annotated[tuple[AnItemOrStub, ...], Meta(max_length=MAX_ITEMS)]


class Lane(IntEnum):
    """Where an entry goes: to everybody, or to host and moderators only."""

    STAGE = 0
    DESK = 1


class Said(Reply, frozen=True, tag="said"):
    """The item has this number, and it is on disk: fsync has returned."""

    run: ARun
    number: ASequence


class SayEntry(Request[Said], frozen=True, tag="say_entry"):
    """An entry of this connection's seat, for the lane that it names itself.

    Safe to repeat: of one seat, lane and counter there is one entry, and a second one is told
    where the first one stands.
    """

    item: AnItem


class Entries(Notice, frozen=True, tag="entries", omit_defaults=True):
    """Items of a lane in their order, from number ``first`` on; the same bytes for every seat.

    Of a hidden one its stub: see :func:`protocol.wire.rooms.items.stub_of`.

    On the stage they may be told before they are on disk: heads say what is.
    """

    run: ARun
    first: ASequence
    items: Items
    lane: Lane = Lane.STAGE


class Fetched(Reply, frozen=True, tag="fetched", omit_defaults=True):
    """Items from number ``first`` on, as many as fit; ``before`` is the running hash before them.
    Of a hidden one its stub.

    ``over``: the run ended with the last of these, and the next one begins.
    """

    run: ARun
    first: ASequence
    before: AHash
    items: Items
    over: bool = False


class FetchEntries(Request[Fetched], frozen=True, tag="fetch_entries", omit_defaults=True):
    """What stands behind number ``after`` of a run. The desk's are for who may read it."""

    run: ARun
    after: ASequence
    limit: Annotated[int, Meta(ge=1, le=MAX_ITEMS)]
    lane: Lane = Lane.STAGE


class AcknowledgeDesk(Request[Done], frozen=True, tag="acknowledge_desk"):
    """The desk's entries up to and with this number are on a disk of the host's."""

    run: ARun
    up_to: ASequence


class RoomHead(Notice, frozen=True, tag="room_head"):
    """Where a lane stands on disk, every few seconds; the same bytes for every seat."""

    head: SignedHead


class HeadShown(Reply, frozen=True, tag="head_shown"):
    """Where a lane stands on disk at this moment."""

    head: SignedHead


class ShowHead(Request[HeadShown], frozen=True, tag="show_head", omit_defaults=True):
    """Ask for a lane's head, to hold against what others were shown."""

    lane: Lane = Lane.STAGE
