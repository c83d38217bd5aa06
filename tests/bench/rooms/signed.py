"""Entries that seats signed beforehand, each a chain, as their requests go to a relay."""

from __future__ import annotations

from protocol.ids import CallId, RoomId
from protocol.keys import Rng
from protocol.wire import codec
from protocol.wire.frames.room_entries import Lane, SayEntry
from protocol.wire.rooms.items import EntryBody, entry_hash, sign_entry
from protocol.wire.rooms.signed import SeatKey
from tests.bench.deposits import websocket
from tests.bench.rooms.generator import Request

EPOCH = 1


def chain(seat: SeatKey, room: RoomId, count: int, sealed: int, rng: Rng) -> list[Request]:
    """So many entries of one seat for the stage, each with so many sealed bytes of its own."""
    made: list[Request] = []
    previous = b""
    for counter in range(1, count + 1):
        said = EntryBody(Lane.STAGE, seat.seat, EPOCH, counter, previous, rng(sealed))
        item = sign_entry(seat, room, said)
        previous = entry_hash(room, item)
        request = codec.dump([SayEntry(call=CallId(counter), item=item)])
        made.append(Request(websocket(request), item))
    return made
