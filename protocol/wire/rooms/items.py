"""Items: what a relay numbers. An entry of a seat, or an order, behind the signature over it.

    item     signature 64 ‖ body
    body     MessagePack list; its first element says what it is: ``e`` entry, ``o`` order
    signed   joined("aside/1 room-entry" or "room-order", room, body)
    entry id digest("aside/1 room-entry id", room, lane, seat, counter in 8 bytes), 16 bytes
    hash     digest("aside/1 room-entry hash", room, body): what the seat's next entry names
    stub     digest("aside/1 room-item", item): what is handed out of an item that was hidden

The room is in no body: whoever reads one knows where it came from, and a body from elsewhere does
not verify. An entry's id follows from who said it and as their how many-th, so nobody can take
another's, and one that is sealed again under a new epoch keeps it.
"""

from __future__ import annotations

from typing import Annotated, TypeAlias

import msgspec
from msgspec import Meta, Struct

from protocol.errors import LocalProtocolError, RemoteProtocolError
from protocol.ids import ENTRY_ID_BYTES, ASeatId, EntryId, RoomId, SeatId
from protocol.keys import Domain, digest, digest_of, sign, verify
from protocol.wire.frames.room_entries import (
    MAX_DESK_SEALED,
    MAX_ITEM,
    MAX_STAGE_SEALED,
    STUB_BYTES,
    Lane,
)
from protocol.wire.rooms.orders import OrderBody
from protocol.wire.rooms.policy import AnEpoch
from protocol.wire.rooms.signed import UNREADABLE, RoomKey, SeatKey

SIGNATURE = 64

ACounter = Annotated[int, Meta(ge=1, lt=2**32)]


class EntryBody(Struct, frozen=True, array_like=True, tag="e"):
    """One thing said by a seat. ``epoch`` is the epoch's number, on the desk the desk key's.

    ``previous`` is the hash of the seat's entry before in this lane, empty in its first.
    """

    lane: Lane
    seat: ASeatId
    epoch: AnEpoch
    counter: ACounter
    previous: Annotated[bytes, Meta(max_length=32)]
    sealed: Annotated[bytes, Meta(min_length=1, max_length=MAX_DESK_SEALED)]

    def __repr__(self) -> str:
        return "<EntryBody>"


class UnknownItem(Struct, frozen=True):
    """An item of a kind that only a newer version knows; it has its number all the same."""


Item: TypeAlias = EntryBody | OrderBody
Heard: TypeAlias = Item | UnknownItem

_decoder = msgspec.msgpack.Decoder(EntryBody | OrderBody)
_kinds = msgspec.msgpack.Decoder(list[msgspec.Raw])
_KNOWN = ("e", "o")
_digest_of_item = digest_of(Domain.ROOM_ITEM)


def parse_item(item: bytes) -> Heard:
    """What an item says, without looking at its signature. Raises RemoteProtocolError."""
    if not SIGNATURE < len(item) <= MAX_ITEM:
        raise RemoteProtocolError("an item of no possible length")
    body = item[SIGNATURE:]
    try:
        found: Item = _decoder.decode(body)
    except UNREADABLE as broken:
        if _kind(body) in _KNOWN:
            raise RemoteProtocolError("unreadable item") from broken
        return UnknownItem()
    if isinstance(found, EntryBody):
        _check_entry(found)
    return found


def check_item(item: bytes, said: Item, room: RoomId) -> None:
    """Whether who it names signed it, for this room. Raises BadSignature."""
    by, domain = signer(said)
    verify(by, item[:SIGNATURE], domain, room, item[SIGNATURE:])


def read_item(item: bytes, room: RoomId) -> Heard:
    """What an item says, and its signer with it. Raises BadSignature, RemoteProtocolError."""
    said = parse_item(item)
    if not isinstance(said, UnknownItem):
        check_item(item, said, room)
    return said


def signer(said: Item) -> tuple[bytes, Domain]:
    """Whose signature stands in front, and what it is for."""
    if isinstance(said, EntryBody):
        return said.seat, Domain.ROOM_ENTRY
    return said.by, Domain.ROOM_ORDER


def sign_entry(key: SeatKey, room: RoomId, entry: EntryBody) -> bytes:
    """The entry as it travels."""
    if entry.seat != key.seat:
        raise LocalProtocolError("an entry of another seat")
    _check_ours(entry)
    body = msgspec.msgpack.encode(entry)
    return sign(key.seed, Domain.ROOM_ENTRY, room, body) + body


def sign_order(key: RoomKey | SeatKey, room: RoomId, order: OrderBody) -> bytes:
    """The order as it travels, by the room's key or a seat's."""
    if order.by != (key.room if isinstance(key, RoomKey) else key.seat):
        raise LocalProtocolError("an order of somebody else")
    body = msgspec.msgpack.encode(order)
    return sign(key.seed, Domain.ROOM_ORDER, room, body) + body


def entry_id(room: RoomId, lane: Lane, seat: SeatId, counter: int) -> EntryId:
    """The name of a seat's entry of this counter."""
    where = (bytes([lane]), seat, counter.to_bytes(8, "big"))
    return EntryId(digest(Domain.ROOM_ENTRY_ID, room, *where, size=ENTRY_ID_BYTES))


def entry_hash(room: RoomId, item: bytes) -> bytes:
    """What the seat's next entry in the lane names as its previous one."""
    return digest(Domain.ROOM_ENTRY_HASH, room, item[SIGNATURE:])


def stub_of(item: bytes) -> bytes:
    """What stands in an item's place once it is hidden: the running hash goes on over it, and the
    order that hid it names the entry. Of a stub it is the stub."""
    return item if is_stub(item) else _digest_of_item(item)


def is_stub(item: bytes) -> bool:
    """Whether an item was hidden; no other is so short."""
    return len(item) == STUB_BYTES


def _check_entry(entry: EntryBody) -> None:
    if entry.lane is Lane.STAGE and len(entry.sealed) > MAX_STAGE_SEALED:
        raise RemoteProtocolError("an entry too large for the stage")
    if len(entry.previous) != (0 if entry.counter == 1 else 32):
        raise RemoteProtocolError("an entry that does not say what it follows")


def _check_ours(entry: EntryBody) -> None:
    try:
        _check_entry(entry)
    except RemoteProtocolError as exc:
        raise LocalProtocolError("an entry that nobody would take") from exc


def _kind(body: bytes) -> str:
    try:
        return msgspec.msgpack.decode(_kinds.decode(body)[0], type=str)
    except (*UNREADABLE, IndexError) as exc:
        raise RemoteProtocolError("no item") from exc
