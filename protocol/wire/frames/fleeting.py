"""What is never on a disk: presence in slots, signals such as typing, and packets that do not wait.

A slot is a place in a relay's memory for one correspondent. Who writes to it shows one secret,
who watches it another, see :mod:`protocol.wire.slots`.
"""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from protocol.ids import ACall, ACapabilityHash, AMailboxId
from protocol.wire.frames.declared import ASecret, Notice, Reply, Request
from protocol.wire.frames.deposits import ENVELOPE_SIZES
from protocol.wire.frames.forwarding import ANSWER_SIZES, ADestination, APacket, Carried

BLOB_BYTES = 64
SIGNAL_BYTES = ENVELOPE_SIZES[0]
MAX_UPDATES = 64
LONGEST_SLOT_S = 600

ABlob = Annotated[bytes, Meta(max_length=BLOB_BYTES)]
ASignal = Annotated[bytes, Meta(min_length=SIGNAL_BYTES, max_length=SIGNAL_BYTES)]
ATold = Annotated[bytes, Meta(max_length=ANSWER_SIZES[0])]


class Noted(Reply, frozen=True, tag="noted"):
    """Heard. What became of it is not said, and nothing of it is on disk."""


class SlotUpdate(Struct, frozen=True, kw_only=True):
    """What shall stand in a slot from now on, and for how long; nothing: the slot goes."""

    write: ASecret
    blob: ABlob = b""
    lasts_s: Annotated[int, Meta(ge=0, le=LONGEST_SLOT_S)] = 0


class Publish(Request[Noted], frozen=True, tag="publish"):
    """Write into slots. Of two updates of one slot those who watch may see the later one only."""

    pass_secret: ASecret
    slots: Annotated[tuple[SlotUpdate, ...], Meta(min_length=1, max_length=MAX_UPDATES)]


class Watching(Reply, frozen=True, tag="watching"):
    """What stands in the slot now; nothing also where there is no such slot."""

    blob: ABlob = b""


class Watch(Request[Watching], frozen=True, tag="watch"):
    """Hear what stands in a slot, now and as it changes, on this connection."""

    slot: ASecret


class WatchRoom(Request[Watching], frozen=True, tag="watch_room"):
    """Hear when there is room again where a deposit by this capability was refused as ``quota``.

    Answered alike for every capability, with nothing; what is told says nothing either. Only that
    it is told counts: deposit again.
    """

    capability: ASecret


class LetGo(Request[Noted], frozen=True, tag="let_go"):
    """Hear no more of what this call began: a watch of a slot or of room, or a packet that was
    passed on."""

    watch: ACall


class Signal(Request[Noted], frozen=True, tag="signal"):
    """An envelope for a mailbox that is open at this moment; dropped otherwise, and never kept.

    The reply is the same whatever became of it, also for a capability that is none.
    """

    capability: ASecret
    body: ASignal


class PassOn(Request[Carried], frozen=True, tag="pass_on"):
    """Have another relay open this packet now, or not at all: it is not kept while it waits."""

    pass_secret: ASecret
    destination: ADestination
    packet: APacket


class Told(Notice, frozen=True, tag="told"):
    """What this watch watches changed. After ``carry`` and ``pass_on`` ``answer`` is a sealed
    ``watching``, else the slot's blob itself or, of room, nothing.

    ``over``: there is nothing more to come.
    """

    watch: ACall
    answer: ATold = b""
    over: bool = False


class Signalled(Notice, frozen=True, tag="signalled"):
    """A signal for an open mailbox, and the hash of the capability it came by."""

    mailbox: AMailboxId
    capability: ACapabilityHash
    body: ASignal
