"""Who may have the key of a room's epoch, and how it changes hands.

Law: a key goes to whom somebody let in, who was there when the room was closed, or who has a role,
and to nobody who was put out since; what the relay says of it counts for nothing.
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import replace
from sqlcipher3 import Connection

from desktop.core.room_facade import RoomChanged, RoomsChanged
from desktop.engine.ground import Bell, Said
from desktop.engine.rooms.order import orders, roles
from desktop.store.rooms import epochs, grants, joins, ordered, outgoing, people, rooms
from desktop.store.rooms.joins import Joined
from desktop.store.rooms.outgoing import NextEpoch
from desktop.store.rooms.rooms import KeptRoom
from protocol.e2e.rooms.epochs import new_epoch
from protocol.e2e.rooms.front import seal_front
from protocol.e2e.rooms.link import SECRET_BYTES
from protocol.ids import SeatId
from protocol.keys import Rng, Secret
from protocol.wire.frames.rooms import SeatState
from protocol.wire.rooms.entering import token_hash
from protocol.wire.rooms.epochs import EpochBody, sign_epoch
from protocol.wire.rooms.orders import Scope
from protocol.wire.rooms.policy import Entry, PolicyBody, sign_policy
from protocol.wire.rooms.policy import Speak as PolicySpeak


def is_closed(room: KeptRoom) -> bool:
    """Whether its link alone does not let anybody in."""
    return room.body.entry is not Entry.LINK


def may_have_key(db: Connection, room: KeptRoom, seat: SeatId, *, stays: bool) -> bool:
    """Whether this seat belongs to those who may read what is said now."""
    verdict = ordered.verdict(db, room.row, seat)
    if verdict.out is not None:
        return False
    if verdict.admitted or stays or not is_closed(room):
        return True
    return grants.held(db, room.row, seat) is not None or room.front().seat == seat


def must_knock(db: Connection, room: KeptRoom, seat: SeatId) -> bool:
    """Whether somebody has to open before this seat is in."""
    if not is_closed(room):
        return False
    joined = joins.find(db, room.row, seat)
    stays = joined is not None and joined.stays
    out = ordered.verdict(db, room.row, seat).out is not None
    return not out and not may_have_key(db, room, seat, stays=stays)


def deputises(db: Connection, room: KeptRoom, scope: Scope, now: int) -> bool:
    """Whether what the host's app does for a room is mine to do: I have the room's key, or the host
    is away and of those present who have this scope I am the first."""
    if room.key is not None:
        return True
    me = room.seat.key.seat
    if scope not in roles.mine(db, room, now):
        return False
    host = room.front().seat
    if host is not None and host != me and _is_here(db, room, host):
        return False
    able = [seat for seat, held in grants.every(db, room.row).items() if scope in held.at(now)]
    here = [seat for seat in able if _is_here(db, room, seat) and seat != me]
    return all(me < seat for seat in here)


def begin_epoch(db: Connection, said: Said, room: KeptRoom, now: int, rng: Rng) -> None:
    """Another key, from as soon as the relay has the wraps. It is on disk before anybody hears of
    it; one that still waits for the relay gives its place to this one."""
    newest = epochs.newest(db, room.row)
    known = 0 if newest is None else newest.epoch
    key = new_epoch(room.room_id, max(room.body.epoch, known) + 1, rng)
    signer = room.key or room.seat.key
    body = EpochBody(
        room=room.room_id,
        epoch=key.epoch,
        commitment=key.commitment(),
        by=room.room_id if room.key is not None else room.seat.key.seat,
        made_ms=now,
        grant=None if room.key is not None else room.grant,
    )
    outgoing.put_epoch(db, room.row, NextEpoch(key, sign_epoch(signer, body)))
    said.bells.add(Bell.ROOMS)


def to_wrap(db: Connection, room: KeptRoom, epoch: int) -> list[Joined]:
    """Whom the relay has no wrap of this epoch for, and should have. Of thousands only those are
    looked at one by one about whom there is a doubt."""
    behind = joins.behind(db, room.row, epoch, let_in=is_closed(room))
    return [
        one
        for one, doubtful in behind
        if not doubtful or may_have_key(db, room, one.seat, stays=one.stays)
    ]


def table_of(joined: list[Joined]) -> Mapping[SeatId, Secret]:
    """As wraps are made from."""
    return {one.seat: one.wrap_key for one in joined}


def close_to_strangers(db: Connection, said: Said, room: KeptRoom, now: int, rng: Rng) -> None:
    """From a link to approval only: another link, and another key for those who stay. For the host
    alone; what is in force by order goes into the policy."""
    joins.stay(db, room.row)
    link = replace(room.link, secret=Secret(rng(SECRET_BYTES)), invitation=None)
    front = seal_front(room.front(), link.front_key(), room.room_id, rng)
    changed = replace(room.body, entry=Entry.APPROVAL, token=token_hash(link.token()), front=front)
    rooms.put_link(db, room.row, link)
    set_policy(db, said, room, changed)
    begin_epoch(db, said, rooms.get(db, room.row), now, rng)
    said.events.append(RoomsChanged())


def set_policy(db: Connection, said: Said, room: KeptRoom, changed: PolicyBody) -> None:
    """The next version of what the host decided, in force here at once and at the relay soon."""
    if room.key is None:
        raise ValueError("only the host signs a policy")
    now_set = orders.setting(db, room)
    body = replace(
        changed,
        version=changed.version + 1,
        speak=PolicySpeak(now_set.speak.value),
        slow_s=now_set.slow_s,
    )
    signed = sign_policy(room.key, body)
    outgoing.put_policy(db, room.row, signed)
    rooms.put_policy(db, room.row, signed)
    said.events.append(RoomChanged(room.room_id))
    said.bells.add(Bell.ROOMS)


def _is_here(db: Connection, room: KeptRoom, seat: SeatId) -> bool:
    person = people.find(db, room.row, seat)
    return person is not None and person.state is SeatState.HERE


def epoch_is_missing(db: Connection, room: KeptRoom, now: int) -> bool:
    """Whether a closed room wants another key, and bringing it is mine to do: somebody who had the
    one in force was put out, or there is none yet but the policy's, which is its host's alone."""
    if not is_closed(room) or not deputises(db, room, Scope.ADMIT, now):
        return False
    begun = outgoing.in_force(db, room.row)
    if begun is None:
        return bool(to_wrap(db, room, room.body.epoch + 1))
    return ordered.put_out_since(db, room.row, begun.after_order)
