"""A room of alice's, its relay, and seats for bob, who moderates, and carol, who came to listen."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from protocol.ids import GrantId, OrderId, RelayKey
from protocol.keys import Secret, public_key
from protocol.wire.frames.room_entries import Lane
from protocol.wire.frames.rooms import SignedGrant
from protocol.wire.rooms.items import EntryBody, entry_hash, sign_entry
from protocol.wire.rooms.orders import GrantBody, OrderBody, What, sign_grant
from protocol.wire.rooms.policy import Entry, PolicyBody
from protocol.wire.rooms.signed import SeatKey, new_room, new_seat
from tests.protocol.cast import NOW_MS, dice

RNG = dice("rooms")
ROOM = new_room(RNG)
OTHER_ROOM = new_room(RNG)
ALICE, BOB, CAROL = new_seat(RNG), new_seat(RNG), new_seat(RNG)
RELAY_SEED = Secret(RNG(32))
RELAY = RelayKey(public_key(RELAY_SEED))
HOUR_MS = 3_600_000
POLICY = PolicyBody(
    room=ROOM.room,
    version=1,
    entry=Entry.LINK,
    token=RNG(32),
    epoch=1,
    commitment=RNG(32),
    desk_key=RNG(1216),
    desk=1,
)


def grant(seat: SeatKey, scopes: int, **changed: Any) -> SignedGrant:
    """A role that alice gives, for an hour."""
    body = GrantBody(
        room=ROOM.room,
        grant=GrantId(RNG(16)),
        seat=seat.seat,
        scopes=scopes,
        made_ms=NOW_MS,
        expires_ms=NOW_MS + HOUR_MS,
    )
    return sign_grant(ROOM, replace(body, **changed))


def order(what: What, by: bytes = ROOM.room, **fields: Any) -> OrderBody:
    """An order to be carried out within a minute."""
    said = OrderBody(
        order=OrderId(RNG(16)), by=by, what=what, made_ms=NOW_MS, expires_ms=NOW_MS + 60_000
    )
    return replace(said, **fields)


def chain(seat: SeatKey, count: int, lane: Lane = Lane.STAGE) -> list[bytes]:
    """So many entries of a seat, one after the other."""
    items: list[bytes] = []
    for counter in range(1, count + 1):
        previous = entry_hash(ROOM.room, items[-1]) if items else b""
        said = EntryBody(lane, seat.seat, 1, counter, previous, RNG(128))
        items.append(sign_entry(seat, ROOM.room, said))
    return items
