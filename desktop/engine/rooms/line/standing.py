"""How I stand in a room: what the relay says on entering and later, kept and told.

What decides is signed: the policy by the room's key, a grant by the room's key, an epoch by who may
begin one. That my seat was removed is the relay's word, and the order behind it comes on the stage.
"""

from __future__ import annotations

from contextlib import suppress

from msgspec import Struct
from sqlcipher3 import Connection

from desktop.core.room_errors import RoomKeyWrong
from desktop.core.room_facade import RoomChanged, RoomsChanged
from desktop.engine.ground import Bell, Ground, Said
from desktop.engine.rooms.door.sitting_down import key_of
from desktop.engine.rooms.stage.compose import say
from desktop.store.rooms import epochs, grants, rooms
from desktop.store.rooms.items import place_of
from desktop.store.rooms.rooms import KeptRoom
from protocol.e2e.rooms.desk_contents import Join
from protocol.errors import BadSignature, RemoteProtocolError
from protocol.keys import Domain, Secret, digest
from protocol.wire.frames.rooms import (
    Entered,
    SeatState,
    SeatTold,
    SignedGrant,
    SignedPolicy,
)
from protocol.wire.rooms.orders import Scope, read_grant
from protocol.wire.rooms.policy import Entry, read_policy, succeeds

OUT = frozenset({SeatState.REFUSED, SeatState.REMOVED, SeatState.BANNED})
WRAP_KEY_BYTES = 32
READS_DESK = Scope.DESK | Scope.HOST


class Stands(Struct, frozen=True):
    """What of it decides what is done next."""

    inside: bool
    reads_desk: bool


def entered(db: Connection, said: Said, ground: Ground, row: int, told: Entered) -> Stands:
    """My seat is taken on the line at hand."""
    room = rooms.get(db, row)
    now = ground.now()
    took_policy(db, said, ground, row, told.policy)
    inside = told.state is SeatState.HERE
    rooms.put(
        db,
        row,
        seat_state=told.state.value,
        wanted=room.wanted or room.state in OUT,  # putting me out was taken back
        muted_until_ms=told.muted_until_ms,
        oldest=room.oldest or place_of(told.oldest_run, told.oldest),
        entered_ms=room.entered_ms or (now if inside else None),
        knocked_ms=None if inside else room.knocked_ms or now,
    )
    _granted(db, room, told.grant)
    _introduce(db, said, ground, rooms.get(db, row))
    said.events += [RoomChanged(room.room_id), RoomsChanged()]
    said.bells.add(Bell.ROOMS)
    return stands(db, row, ground.room_clocks.now(room.room_id))


def told(db: Connection, said: Said, ground: Ground, row: int, news: SeatTold) -> Stands:
    """My seat stands otherwise from now on."""
    room = rooms.get(db, row)
    rooms.put(
        db,
        row,
        seat_state=news.state.value,
        muted_until_ms=news.muted_until_ms,
        wanted=room.wanted and news.state not in OUT,
    )
    if news.state is SeatState.HERE:
        _granted(db, room, news.grant)
    said.events += [RoomChanged(room.room_id), RoomsChanged()]
    said.bells.add(Bell.ROOMS)
    return stands(db, row, ground.room_clocks.now(room.room_id))


def turned_away(
    db: Connection, said: Said, row: int, state: SeatState, ended_ms: int | None
) -> None:
    """The room does not take me any more: it is over, or I am out of it."""
    room = rooms.get(db, row)
    rooms.put(db, row, wanted=0, seat_state=state.value)
    if ended_ms is not None and room.ended_ms is None:
        rooms.put(db, row, ended_ms=ended_ms)
    said.events += [RoomChanged(room.room_id), RoomsChanged()]


def took_policy(db: Connection, said: Said, ground: Ground, row: int, signed: SignedPolicy) -> None:
    """A policy came; only a newer one by the room's key that may follow this one counts."""
    room = rooms.get(db, row)
    try:
        policy = read_policy(signed, room.room_id)
    except (BadSignature, RemoteProtocolError):
        return
    if signed.body != room.policy.body and succeeds(policy, room.body):
        rooms.put_policy(db, row, signed)
        said.events += [RoomChanged(room.room_id), RoomsChanged()]
    room = rooms.get(db, row)
    if room.body.entry is Entry.LINK and epochs.key(db, row, room.body.epoch) is None:
        with suppress(RoomKeyWrong):  # its key is wrapped for those who stay
            epochs.keep(db, row, key_of(room.link, room.body))
    if room.desk_told:
        _introduce(db, said, ground, room)


def stands(db: Connection, row: int, now: int) -> Stands:
    """As it is in the vault."""
    room = rooms.get(db, row)
    grant = None if room.grant is None else read_grant(room.grant, room.room_id)
    scopes = Scope(0) if grant is None or grant.expires_ms < now else Scope(grant.scopes & 255)
    return Stands(room.state is SeatState.HERE, bool(scopes & READS_DESK))


def _granted(db: Connection, room: KeptRoom, grant: SignedGrant | None) -> None:
    if grant is None:
        rooms.put_grant(db, room.row, None)
        return
    try:
        body = read_grant(grant, room.room_id)
    except (BadSignature, RemoteProtocolError):
        return
    if body.grant in grants.revoked(db, room.row):
        rooms.put_grant(db, room.row, None)
    elif body.seat == room.seat.key.seat:
        rooms.put_grant(db, room.row, grant)
        grants.learn(db, room.row, room.room_id, grant)


def _introduce(db: Connection, said: Said, ground: Ground, room: KeptRoom) -> None:
    """Tell the desk once, under each of its keys, what keys for my seat are locked with, and that
    the house rules were accepted. It is how a closed room is asked to open. Under another desk key
    they are locked with another one: who read the desk before knows the old one."""
    body, now = room.body, ground.now()
    if room.desk_told >= body.desk or room.ended_ms is not None:
        return
    if room.desk_told:
        rooms.put_wrap_key(db, room.seat.row, Secret(ground.rng(WRAP_KEY_BYTES)))
        room = rooms.get(db, room.row)
    seat = room.seat
    join = Join(
        name=seat.pseudonym,
        sent_ms=now,
        wrap_key=bytes(seat.wrap_key),
        proof=room.link.proof(seat.key.seat),
        rules=digest(Domain.ROOM_FRONT, body.front),
    )
    say(db, said, room, join, now)
    rooms.put(db, room.row, desk_told=body.desk)
