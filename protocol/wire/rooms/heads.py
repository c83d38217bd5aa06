"""Running hashes and heads: how people who compare notice that a relay shows them two histories.

    start    digest("aside/1 room-run", room, lane, run 8, number of the run before 8, its hash)
    running  digest("aside/1 room-chain", the one before, number 8, stub of the item)
    head     a HeadBody signed by the relay, never of more than is on its disk

A run begins with the room, and anew when its relay starts again; it names how far the one before
it came. Numbers are big endian; an item's stub is its digest, so
that a hash can be followed past one that was hidden.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from protocol.errors import RemoteProtocolError
from protocol.ids import AHash, ARoomId, ATime, RelayKey, RoomId
from protocol.keys import Domain, Secret, digest, joined, sign, verify
from protocol.wire.frames.room_entries import STUB_BYTES, Lane
from protocol.wire.frames.rooms import MAX_HEAD, SignedHead
from protocol.wire.rooms.items import stub_of
from protocol.wire.rooms.signed import unpack

HASH_BYTES = 32
NOTHING = bytes(HASH_BYTES)
"""The running hash of the run before the first."""

# What stands before each part that ``follow`` hashes, since all of them have one length.
_BEFORE = joined(Domain.ROOM_CHAIN) + HASH_BYTES.to_bytes(4, "big")
_NUMBER = (8).to_bytes(4, "big")
_STUB = STUB_BYTES.to_bytes(4, "big")

ANumber = Annotated[int, Meta(ge=0, lt=2**53)]


class HeadBody(Struct, frozen=True, kw_only=True):
    """How far a lane is on disk, and what its run began with."""

    room: ARoomId
    lane: Lane
    run: Annotated[int, Meta(ge=1, lt=2**31)]
    number: ANumber
    running: AHash
    before_number: ANumber  # the last one of the run before, 0 in the first run
    before_running: AHash
    made_ms: ATime


def run_start(room: RoomId, lane: Lane, run: int, before_number: int, before: bytes) -> bytes:
    """The running hash of a run with nothing in it yet."""
    number = before_number.to_bytes(8, "big")
    return digest(Domain.ROOM_RUN, room, bytes([lane]), run.to_bytes(8, "big"), number, before)


def follow(running: bytes, number: int, item: bytes) -> bytes:
    """The running hash after the item of this number, or after its stub."""
    said = _BEFORE + running + _NUMBER + number.to_bytes(8, "big") + _STUB + stub_of(item)
    return blake2b(said, digest_size=HASH_BYTES).digest()


def sign_head(relay_seed: Secret, head: HeadBody) -> SignedHead:
    """The head as it travels."""
    body = msgspec.msgpack.encode(head)
    return SignedHead(body=body, signature=sign(relay_seed, Domain.ROOM_HEAD, body))


def read_head(signed: SignedHead, relay: RelayKey, room: RoomId) -> HeadBody:
    """What this relay said of this room. Raises BadSignature, RemoteProtocolError."""
    if len(signed.body) > MAX_HEAD:
        raise RemoteProtocolError("an oversized head")
    verify(relay, signed.signature, Domain.ROOM_HEAD, signed.body)
    head = unpack(signed.body, HeadBody)
    if head.room != room:
        raise RemoteProtocolError("another room's head")
    if head.number == 0 and head.running != begun(head):
        raise RemoteProtocolError("a head that does not begin where it says")
    return head


def begun(head: HeadBody) -> bytes:
    """The running hash that this head's run began with."""
    return run_start(head.room, head.lane, head.run, head.before_number, head.before_running)


def forked(one: HeadBody, other: HeadBody) -> bool:
    """Whether two heads, both signed by one relay, cannot both be of one history.

    With both their signatures they are a proof that needs nobody's word.
    """
    if (one.room, one.lane) != (other.room, other.lane):
        return False
    if one.run > other.run:
        one, other = other, one
    if one.run == other.run:
        beginnings = {(head.before_number, head.before_running) for head in (one, other)}
        two_ends = one.number == other.number and one.running != other.running
        return len(beginnings) > 1 or two_ends
    if other.run > one.run + 1:
        return False
    # What was said to be on disk cannot be gone, nor be something else.
    if other.before_number < one.number:
        return True
    return other.before_number == one.number and other.before_running != one.running
