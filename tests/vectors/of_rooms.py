"""What of rooms comes out the same on every run: links, keys, sealed entries, chains and heads."""

from __future__ import annotations

from protocol.e2e.rooms import stage
from protocol.e2e.rooms.contents import Text
from protocol.e2e.rooms.epochs import EpochKey, wrap
from protocol.e2e.rooms.front import Front, seal_front
from protocol.e2e.rooms.link import RoomLink
from protocol.ids import Fingerprint, OrderId
from protocol.keys import Secret
from protocol.wire.address import RelayAddress
from protocol.wire.frames.room_entries import Lane
from protocol.wire.rooms.entering import sign_box, sign_entering, token_hash
from protocol.wire.rooms.heads import NOTHING, follow, run_start
from protocol.wire.rooms.items import entry_hash, entry_id
from protocol.wire.rooms.signed import new_room, new_seat
from tests.protocol.cast import NOW_MS, dice


def rooms() -> dict[str, str]:
    """From one seed."""
    rng = dice("rooms of vectors")
    room, seat = new_room(rng), new_seat(rng)
    address = RelayAddress("relay.example", 7443, Fingerprint(bytes(range(32))))
    link = RoomLink(address, room.room, Secret(bytes(range(16))))
    invited = RoomLink(address, room.room, link.secret, Secret(bytes(range(16, 32))))
    key = EpochKey(room.room, 1, link.first_epoch())
    said = Text(name="Carol", sent_ms=NOW_MS, text="hello")
    first = stage.say(said, key, seat, 1, b"", rng)
    second = stage.say(said, key, seat, 2, entry_hash(room.room, first), rng)
    start = run_start(room.room, Lane.STAGE, 1, 0, NOTHING)
    front = Front(title="Making things", rules="Be kind")
    return {
        "room": room.room.hex(),
        "seat": seat.seat.hex(),
        "link": str(link),
        "link with an invitation": str(invited),
        "token": bytes(link.token()).hex(),
        "token of the invitation": bytes(invited.token()).hex(),
        "token hash": token_hash(link.token()).hex(),
        "proof of the invitation": invited.proof(seat.seat).hex(),
        "front key": bytes(link.front_key()).hex(),
        "front": seal_front(front, link.front_key(), room.room, rng).hex(),
        "first epoch": bytes(key.key).hex(),
        "commitment": key.commitment().hex(),
        "wrap": wrap(key, seat.seat, Secret(bytes(range(32))), rng).wrap.hex(),
        "name": stage.seal_name("Carol", key, seat.seat, rng).hex(),
        "reason": stage.seal_reason("off topic", key, OrderId(bytes(16)), rng).hex(),
        "entry 1": first.hex(),
        "entry 2": second.hex(),
        "entry 1 id": entry_id(room.room, Lane.STAGE, seat.seat, 1).hex(),
        "entry 1 hash": entry_hash(room.room, first).hex(),
        "running hash 0": start.hex(),
        "running hash 1": follow(start, 1, first).hex(),
        "to enter": sign_entering(seat, bytes(32), room.room).hex(),
        "to open the box": sign_box(seat, bytes(32), room.room).hex(),
    }
