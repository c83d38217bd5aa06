"""Who may sit down in a room: by token, invitation, admission or grant, while there is room."""

from __future__ import annotations

from msgspec import Struct

from protocol.wire.frames import Reason
from protocol.wire.frames.room_entries import Lane
from protocol.wire.frames.rooms import EnterRoom, SeatState
from protocol.wire.rooms.entering import token_hash
from protocol.wire.rooms.policy import Entry
from relay.rules.clock import Now
from relay.rules.rooms.changes import (
    Change,
    DropSeat,
    KeepSeat,
)
from relay.rules.rooms.hosted import OUT, Hosted
from relay.rules.rooms.seats import SPARE_ROWS, Seat
from relay.rules.rooms.speech import WHY_OUT


class Sat(Struct, frozen=True):
    """The seat is theirs, once the changes are on disk."""

    seat: Seat
    changes: tuple[Change, ...]


def enter(
    room: Hosted, asked: EnterRoom, place: bytes | None, now: Now, mark: bytes = b""
) -> Sat | Reason:
    """Take a seat, whose signatures were looked at; ``leave`` gives it up. The place's ``mark`` was
    made with the token that is shown, and counts if that is the link's."""
    if token_hash(asked.token) != room.policy.token:
        mark = b""
    seat = room.seats.find(asked.seat)
    granted = room.orders.grant_of(asked.seat, now.wall_ms) is not None
    changes: list[Change] = []
    new = seat is None
    if seat is None:
        if room.ended and not granted:
            return Reason.ENDED
        made = _new_seat(room, asked, place, mark, now, changes, granted=granted)
        if isinstance(made, Reason):
            return made
        seat = made
        room.judge(seat)
    elif seat.state in OUT:
        return WHY_OUT[seat.state]
    elif not seat.here and not granted:
        full = _why_full(room, place, mark, now, new=False)
        if full is not None:
            return full
    if granted and seat.waits and seat.state is SeatState.WAITING:
        seat.waits, new = False, True
        room.judge(seat)
    room.leave(seat)
    room.seats.gone.discard(seat)
    seat.here, seat.place, seat.mark = True, place, mark or seat.mark
    room.places.sit(place)
    room.taken += 1
    changed = new or (asked.name, asked.card.signature) != (seat.name, seat.card)
    seat.name, seat.card = asked.name, asked.card.signature
    if not seat.run and seat.state is SeatState.AWAY:
        stage = room.lanes[Lane.STAGE]
        seat.run, seat.at, changed = stage.run, stage.number, True
    if changed:
        changes.append(KeepSeat(seat.kept(), asked.card))
    return Sat(seat, tuple(changes))


def _why_full(
    room: Hosted, place: bytes | None, mark: bytes, now: Now, *, new: bool
) -> Reason | None:
    why = room.places.why_not(place, mark, room.policy, now.age_ms, new=new)
    if why is None and room.taken >= room.policy.seats:
        return Reason.FULL
    return why


def _new_seat(
    room: Hosted,
    asked: EnterRoom,
    place: bytes | None,
    mark: bytes,
    now: Now,
    changes: list[Change],
    *,
    granted: bool,
) -> Seat | Reason:
    waits, used = False, b""
    if not granted:
        hashed = token_hash(asked.token)
        by_link = room.policy.entry in (Entry.LINK, Entry.APPROVAL)
        if hashed in room.orders.invitations and hashed not in room.seats.tokens:
            used = hashed
        elif not by_link or hashed != room.policy.token:
            return Reason.UNKNOWN
        else:
            waits = room.policy.entry is Entry.APPROVAL
        why = _why_full(room, place, mark, now, new=True)
        if why is not None:
            return why
    most = room.policy.seats + SPARE_ROWS
    if len(room.seats) >= most:
        old = room.seats.one_to_forget(most)
        if old is None:
            return Reason.FULL
        room.seats.drop(old)
        changes.append(DropSeat(old.number))
    room.places.came_new(place, now.age_ms)
    return room.seats.new(asked.seat, now.wall_ms, waits=waits, token=used)
