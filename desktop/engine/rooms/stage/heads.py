"""Holding a relay to its word: signed heads against each other and against what came.

Two heads of one history that cannot both be true are the proof of a fork and are kept; a head that
does not fit what came here shows one without a proof. What a head covers and never came was
dropped.
"""

from __future__ import annotations

from sqlcipher3 import Connection

from desktop.core.rooms import Warned
from desktop.engine.ground import Said
from desktop.engine.rooms.line.warning import warn
from desktop.store.rooms import items, lanes, ordered, rooms
from desktop.store.rooms.items import place_of
from desktop.store.rooms.lanes import Position
from desktop.store.rooms.rooms import KeptRoom
from protocol.errors import BadSignature, RemoteProtocolError
from protocol.ids import RelayKey
from protocol.wire.frames.room_entries import Lane
from protocol.wire.frames.rooms import SignedHead
from protocol.wire.rooms.heads import HeadBody, forked, read_head
from protocol.wire.rooms.items import entry_id
from protocol.wire.rooms.signed import unpack

MOST_HOLES = 256
"""Looked at of one voice: whoever lacks more lacks it in any case."""


def heard(
    db: Connection, said: Said, room_row: int, lane: Lane, signed: SignedHead, relay: RelayKey
) -> None:
    """The relay signed this of the lane. What is no head of this lane means nothing."""
    room = rooms.get(db, room_row)
    try:
        head = read_head(signed, relay, room.room_id)
    except (BadSignature, RemoteProtocolError):
        return
    if head.lane is not lane:
        return
    before = lanes.head(db, room_row, lane)
    earlier = None if before is None else unpack(before.body, HeadBody)
    if earlier is not None and forked(earlier, head):
        lanes.put_other_head(db, room_row, lane, signed)
        warn(db, said, room_row, Warned.FORKED)
        return
    at = items.at(db, room_row, lane, place_of(head.run, head.number))
    if at is not None and at.running != head.running:
        warn(db, said, room_row, Warned.FORKED)
        return
    if earlier is None or (head.run, head.number) >= (earlier.run, earlier.number):
        lanes.put_head(db, room_row, lane, signed)
    stands = lanes.position(db, room_row, lane)
    if stands is not None and (stands.run, stands.number) >= (head.run, head.number):
        _listen_for_dropped(db, said, room, lane)


def confirmed(db: Connection, room_row: int, lane: Lane) -> Position | None:
    """Where the lane stood on its relay's disk, by its last word."""
    signed = lanes.head(db, room_row, lane)
    if signed is None:
        return None
    head = unpack(signed.body, HeadBody)
    return Position(head.run, head.number, head.running)


def _listen_for_dropped(db: Connection, said: Said, room: KeptRoom, lane: Lane) -> None:
    """Whether something of a voice is neither here nor hidden by an order."""
    for seat, voice in lanes.lacking(db, room.row, lane):
        for hole in voice.seen.missing:
            for counter in range(hole.first, min(hole.last, hole.first + MOST_HOLES) + 1):
                missing = entry_id(room.room_id, lane, seat, counter)
                if not ordered.hides(db, room.row, missing):
                    warn(db, said, room.row, Warned.DROPS)
                    return
