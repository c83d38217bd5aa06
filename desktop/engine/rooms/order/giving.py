"""What hosts and moderators order: signed, saved, and offered to the relay until it is in force.

Law: an order that would not count is never sent; who may not is told at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from msgspec.structs import replace
from sqlcipher3 import Connection

from desktop.core.room_errors import RoomNotAllowed, SeatUnknown, UndoTooLate
from desktop.core.rooms import Act, May, Speak, Undoable
from desktop.engine.ground import Bell, Said
from desktop.engine.rooms.keys import desking
from desktop.engine.rooms.order import orders, roles
from desktop.store.rooms import epochs, grants, items, ordered, people
from desktop.store.rooms.people import KeptPerson
from desktop.store.rooms.rooms import KeptRoom
from protocol.e2e.rooms import stage
from protocol.ids import EntryId, GrantId, OrderId, SeatId
from protocol.keys import Rng
from protocol.wire.frames.rooms import SeatState
from protocol.wire.rooms.authority import UNDOABLE, Fault, fault_of
from protocol.wire.rooms.items import parse_item, sign_order
from protocol.wire.rooms.orders import EVERYTHING, GrantBody, OrderBody, Scope, What, sign_grant

UNDO_MS = 10_000
ORDER_LIFE_MS = 60 * 60_000
"""An order that the relay did not hear within this time was about another moment."""

ROLE_LIFE_MS = 30 * 24 * 60 * 60_000
_ID_BYTES = 16
_NOTHING = Scope(0)
_SCOPES = {
    Act.MAKE_COHOST: EVERYTHING,
    Act.MAKE_MODERATOR: roles.MODERATOR,
    Act.MAKE_GUEST: roles.GUEST,
}
_WHATS = {
    Act.MUTE: What.MUTE,
    Act.UNMUTE: What.UNMUTE,
    Act.TIME_OUT: What.TIME_OUT,
    Act.REMOVE: What.REMOVE,
    Act.BAN: What.BAN,
    Act.LET_IN: What.ADMIT,
    Act.LET_BACK: What.UNBAN,
}


def give(
    db: Connection,
    said: Said,
    room: KeptRoom,
    what: What,
    now: int,
    rng: Rng,
    reason: str = "",
    **fields: Any,
) -> tuple[int, OrderBody]:
    """Queue an order; its number and what it says. Raises RoomNotAllowed."""
    order_id = OrderId(rng(_ID_BYTES))
    key = epochs.newest(db, room.row)
    order = OrderBody(
        order=order_id,
        by=room.room_id if room.key is not None else room.seat.key.seat,
        what=what,
        made_ms=now,
        expires_ms=now + ORDER_LIFE_MS,
        grant=None if room.key is not None else room.grant,
        reason=b"" if key is None or not reason else stage.seal_reason(reason, key, order_id, rng),
        **fields,
    )
    if fault_of(order, room.room_id, orders.standing(db, room, now)) is not None:
        raise RoomNotAllowed
    item = sign_order(room.key or room.seat.key, room.room_id, order)
    said.bells.add(Bell.ROOMS)
    return ordered.send(db, room.row, order, item), order


def act(
    db: Connection,
    said: Said,
    room: KeptRoom,
    about: SeatId,
    wanted: Act,
    now: int,
    rng: Rng,
    *,
    seconds: int = 0,
    reason: str = "",
    entry_id: EntryId | None = None,
    may: Sequence[May] | None = None,
) -> Undoable | None:
    """Do this with a seat, or with an entry of it. ``may``: what a moderator's role covers.
    Raises RoomNotAllowed, SeatUnknown."""
    if wanted is Act.HIDE:
        if entry_id is None:
            raise RoomNotAllowed
        number, order = give(db, said, room, What.HIDE, now, rng, reason, entry=entry_id)
    elif wanted in _WHATS:
        _find(db, room, about, now)
        what = _WHATS[wanted]
        length = max(1, seconds) if what is What.TIME_OUT else 0
        number, order = give(db, said, room, what, now, rng, reason, about=about, seconds=length)
    else:
        scopes = roles.covering(may) if may is not None else _SCOPES.get(wanted, _NOTHING)
        life_ms = min(seconds * 1000, ROLE_LIFE_MS) or ROLE_LIFE_MS
        _set_role(db, said, room, about, scopes, now, rng, life_ms=life_ms, reason=reason)
        return None
    row = orders.shown(db, room, order)
    if order.what not in UNDOABLE or row is None:
        return None
    return Undoable(number, replace(row, reason=reason), now + UNDO_MS)


def undo(db: Connection, said: Said, room: KeptRoom, number: int, now: int, rng: Rng) -> None:
    """As if it had never been ordered. Raises UndoTooLate, RoomNotAllowed."""
    given = ordered.given(db, room.row, number)
    if given is None or now > given.made_ms + UNDO_MS:
        raise UndoTooLate
    order = parse_item(given.item)
    if not isinstance(order, OrderBody) or order.what not in UNDOABLE:
        raise UndoTooLate
    if ordered.is_undone(db, room.row, order.order):
        raise UndoTooLate
    taken_back = _undo(room, order, now, rng)
    fault = fault_of(taken_back, room.room_id, orders.standing(db, room, now))
    if fault not in (None, Fault.UNKNOWN):  # it may not have come by here yet
        raise RoomNotAllowed
    item = sign_order(room.key or room.seat.key, room.room_id, taken_back)
    ordered.send(db, room.row, taken_back, item)
    said.bells.add(Bell.ROOMS)


def set_stage(
    db: Connection,
    said: Said,
    room: KeptRoom,
    now: int,
    rng: Rng,
    *,
    slow_s: int | None = None,
    speak: Speak | None = None,
) -> None:
    """Who may speak, and how slowly, from now on. Raises RoomNotAllowed."""
    before = orders.setting(db, room)
    if slow_s is not None and slow_s != before.slow_s:
        give(db, said, room, What.SLOW, now, rng, seconds=slow_s)
    if speak is not None and speak is not before.speak:
        what = What.SPEAK_ALL if speak is Speak.ALL else What.SPEAK_HOSTS
        give(db, said, room, what, now, rng)


def end(db: Connection, said: Said, room: KeptRoom, now: int, rng: Rng) -> None:
    """It is over. Raises RoomNotAllowed."""
    give(db, said, room, What.END, now, rng)


def _find(db: Connection, room: KeptRoom, about: SeatId, now: int) -> None:
    """Whoever spoke is known, also before the list of people has them: that comes a second later,
    and a flood does not wait for it. Raises SeatUnknown."""
    if people.find(db, room.row, about) is None:
        name = items.speaker(db, room.row, about)
        if name is None:
            raise SeatUnknown
        people.put(db, room.row, KeptPerson(about, name, b"", False, SeatState.HERE, now))


def _set_role(
    db: Connection,
    said: Said,
    room: KeptRoom,
    about: SeatId,
    scopes: Scope,
    now: int,
    rng: Rng,
    *,
    life_ms: int,
    reason: str,
) -> None:
    """A role that covers nothing is taken away."""
    if room.key is None:
        raise RoomNotAllowed  # roles are the room key's to give
    _find(db, room, about, now)
    read_desk = Scope.DESK in roles.scopes_of(db, room, about, now)
    if scopes:
        grant_seat(db, said, room, about, scopes, now, rng, life_ms, reason)
    else:
        for held in grants.all_of(db, room.row, about):
            gone = held.grant_id
            give(db, said, room, What.REVOKE, now, rng, reason, about=about, revoked=gone)
    if Scope.DESK in scopes:
        desking.hand_over(db, said, room, about, now)
    elif read_desk:
        desking.change(db, said, room, about, now)


def grant_seat(
    db: Connection,
    said: Said,
    room: KeptRoom,
    about: SeatId,
    scopes: Scope,
    now: int,
    rng: Rng,
    life_ms: int = ROLE_LIFE_MS,
    reason: str = "",
) -> None:
    """A role by the room's key, made later than any other that the seat has."""
    if room.key is None:
        raise RoomNotAllowed
    before = [held.made_ms for held in grants.all_of(db, room.row, about)]
    body = GrantBody(
        room=room.room_id,
        grant=GrantId(rng(_ID_BYTES)),
        seat=about,
        scopes=int(scopes),
        made_ms=max([now, *(made + 1 for made in before)]),
        expires_ms=now + life_ms,
    )
    signed = sign_grant(room.key, body)
    give(db, said, room, What.GRANT, now, rng, reason, about=about, given=signed)


def _undo(room: KeptRoom, order: OrderBody, now: int, rng: Rng) -> OrderBody:
    return OrderBody(
        order=OrderId(rng(_ID_BYTES)),
        by=room.room_id if room.key is not None else room.seat.key.seat,
        what=What.UNDO,
        made_ms=now,
        expires_ms=now + ORDER_LIFE_MS,
        undoes=order.order,
        grant=None if room.key is not None else room.grant,
    )
