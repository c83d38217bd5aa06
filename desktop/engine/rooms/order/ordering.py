"""What a room's relay has to be told by host and moderators: policies, orders, epochs, wraps.

Law: all of it was saved before it is said here, and is said until it is answered; what the relay
will never take is put aside, so that nothing waits behind it for good. That a room takes no more
orders is said to whoever gave one.
"""

from __future__ import annotations

from functools import partial

import trio
from msgspec import Struct
from sqlcipher3 import Connection

from desktop.core.refused_orders import OrderCause, OrderRefused
from desktop.core.room_facade import PeopleChanged, RoomChanged
from desktop.core.rooms import Warned
from desktop.engine.doorbell import Doorbell
from desktop.engine.ground import Ground, Said
from desktop.engine.lines.line import Line
from desktop.engine.rooms.keys import admission
from desktop.engine.rooms.line.warning import warn
from desktop.engine.rooms.order import orders
from desktop.store.rooms import epochs, joins, ordered, outgoing, rooms
from desktop.store.rooms.joins import Joined
from desktop.store.rooms.ordered import Out
from desktop.store.rooms.outgoing import Begun, NextEpoch
from desktop.store.rooms.rooms import KeptRoom
from protocol.e2e.rooms.epochs import EpochKey, wrap_all
from protocol.ids import RoomId
from protocol.keys import Rng
from protocol.wire.frames import Reason, Refused
from protocol.wire.frames.room_entries import Said as Numbered
from protocol.wire.frames.room_orders import (
    GiveOrder,
    SeatWrap,
    SetEpoch,
    ShowWrap,
    SignedEpoch,
)
from protocol.wire.frames.rooms import SetRoom, SignedPolicy
from protocol.wire.rooms.items import parse_item
from protocol.wire.rooms.orders import OrderBody, Scope

_LATER = (Reason.TRY_LATER, Reason.QUOTA)
_CAUSES = {
    Reason.EXPIRED: OrderCause.LATE,
    Reason.NOT_ALLOWED: OrderCause.NOT_ALLOWED,
    Reason.REMOVED: OrderCause.NOT_ALLOWED,
    Reason.UNKNOWN: OrderCause.UNKNOWN,
    Reason.QUOTA: OrderCause.FULL,
    Reason.ENDED: OrderCause.ENDED,
}
_ORDER_LATER = (Reason.TRY_LATER, Reason.SLOW)


class Wrapping(Struct, frozen=True):
    """Keys to be locked for these seats, beside this announcement. ``begins``: it is a new one."""

    key: EpochKey
    signed: SignedEpoch
    seats: list[Joined]
    wraps: list[tuple[SeatWrap, ...]]  # as many at a time as one request takes
    begins: bool
    after_order: int  # the newest order that was looked at for it


class Due(Struct, frozen=True):
    """All that the relay has yet to be told of one room."""

    room_id: RoomId
    policy: SignedPolicy | None
    orders: list[Out]
    wrapping: Wrapping | None


async def keep_ordering(ground: Ground, row: int, line: Line, bell: Doorbell) -> None:
    """For as long as the line holds. Raises LineLost."""
    room_id = (await ground.vault.read(partial(rooms.get, row=row))).room_id
    while True:
        now = ground.room_clocks.now(room_id)
        if await ground.vault.read(partial(_is_idle, row=row, now=now)):
            await bell.wait()
            continue
        due = await ground.do(partial(_due, row=row, now=now, rng=ground.rng))
        busy = await _tell(ground, row, line, due)
        more = len(due.orders) > 0 or due.policy is not None
        if busy:
            await bell.wait(ground.timings.room_busy)
        elif not more and due.wrapping is None:
            await bell.wait()


def _is_idle(db: Connection, row: int, now: int) -> bool:
    """Looked at first: whoever only listens has nothing to tell, and writes nothing for it."""
    return (
        outgoing.policy(db, row) is None
        and not ordered.to_send(db, row, 1)
        and not admission.deputises(db, rooms.get(db, row), Scope.ADMIT, now)
    )


def _due(db: Connection, said: Said, row: int, now: int, rng: Rng) -> Due:
    room = rooms.get(db, row)
    return Due(
        room.room_id,
        outgoing.policy(db, row),
        ordered.to_send(db, row),
        _wrapping(db, said, room, now, rng),
    )


def _wrapping(db: Connection, said: Said, room: KeptRoom, now: int, rng: Rng) -> Wrapping | None:
    coming = outgoing.epoch(db, room.row, room.room_id)
    if coming is None and admission.epoch_is_missing(db, room, now):
        admission.begin_epoch(db, said, room, now, rng)
        coming = outgoing.epoch(db, room.row, room.room_id)
    if coming is not None:
        return _wrapped_for(db, room, coming.key, coming.signed, rng, begins=True)
    begun = outgoing.in_force(db, room.row)
    if begun is None or not admission.deputises(db, room, Scope.ADMIT, now):
        return None
    key = epochs.key(db, room.row, begun.epoch)
    if key is None:
        return None
    further = _wrapped_for(db, room, key, begun.signed, rng, begins=False)
    return further if further.seats else None


def _wrapped_for(
    db: Connection, room: KeptRoom, key: EpochKey, signed: SignedEpoch, rng: Rng, *, begins: bool
) -> Wrapping:
    seats = admission.to_wrap(db, room, key.epoch)
    wraps = list(wrap_all(key, admission.table_of(seats), rng))
    last = ordered.last_row(db, room.row)
    return Wrapping(key, signed, seats, wraps, begins=begins, after_order=last)


async def _tell(ground: Ground, row: int, line: Line, due: Due) -> bool:
    """Whether something has to be tried again a little later."""
    if due.policy is not None:
        answer = await line.ask(SetRoom(call=line.call(), policy=due.policy))
        if isinstance(answer, Refused) and answer.reason in _LATER:
            return True
        await ground.do(partial(_policy_taken, row=row, signed=due.policy))
    for order in due.orders:
        given = await line.ask(GiveOrder(call=line.call(), room=due.room_id, item=order.item))
        if isinstance(given, Refused) and given.reason in _ORDER_LATER:
            return True
        await ground.do(partial(_order_answered, row=row, order=order, given=given))
    if due.wrapping is None or due.policy is not None or due.orders:
        return False  # what was ordered meanwhile decides whom a key is for
    return await _wrap(ground, row, line, due.room_id, due.wrapping)


async def _wrap(ground: Ground, row: int, line: Line, room: RoomId, wrapping: Wrapping) -> bool:
    parts = wrapping.wraps or [()]
    for at, wraps in enumerate(parts, 1):
        asked = SetEpoch(
            call=line.call(),
            room=room,
            epoch=wrapping.signed,
            wraps=wraps,
            more=at < len(parts),
        )
        answer = await line.ask(asked)
        if isinstance(answer, Refused):
            if answer.reason in _LATER:
                return True
            await _overtaken(ground, row, line, wrapping)
            return True
    await ground.do(partial(_wrapped, ground=ground, row=row, wrapping=wrapping))
    return False


async def _overtaken(ground: Ground, row: int, line: Line, wrapping: Wrapping) -> None:
    """Somebody else began an epoch meanwhile: get to know it, and begin the one after it."""
    shown = await line.ask(ShowWrap(call=line.call()))
    signed = None if isinstance(shown, Refused) else shown.epoch
    wrap = b"" if isinstance(shown, Refused) else shown.wrap

    def again(db: Connection, said: Said) -> None:
        from desktop.engine.rooms.keys import learned  # noqa: PLC0415 - the two need each other

        outgoing.epoch_over(db, row)
        if signed is not None:
            learned.announced(db, said, ground, row, signed, wrap)
        if wrapping.begins:
            room = rooms.get(db, row)
            admission.begin_epoch(db, said, room, ground.room_clocks.now(room.room_id), ground.rng)

    await ground.do(again)
    await trio.lowlevel.checkpoint()


def _policy_taken(db: Connection, said: Said, row: int, signed: SignedPolicy) -> None:
    outgoing.policy_taken(db, row, signed)
    said.events.append(RoomChanged(rooms.get(db, row).room_id))


def _order_answered(
    db: Connection, said: Said, row: int, order: Out, given: Numbered | Refused
) -> None:
    ordered.sent(db, order.row, taken=isinstance(given, Numbered))
    if isinstance(given, Refused) and given.reason is Reason.QUOTA:
        warn(db, said, row, Warned.FULL)
    room = rooms.get(db, row)
    said.events.append(PeopleChanged(room.room_id))
    if not isinstance(given, Refused):
        return
    body = parse_item(order.item)  # nothing of it was in force here: it counts when it comes back
    shown = orders.shown(db, room, body) if isinstance(body, OrderBody) else None
    cause = _CAUSES.get(given.reason, OrderCause.OTHER)
    said.events.append(OrderRefused(room.room_id, order.row, shown, cause))


def _wrapped(db: Connection, said: Said, ground: Ground, row: int, wrapping: Wrapping) -> None:
    from desktop.engine.rooms.keys import learned  # noqa: PLC0415 - the two need each other

    room = rooms.get(db, row)
    joins.wrapped(db, row, wrapping.seats, wrapping.key.epoch)
    if not wrapping.begins:
        return
    begun = Begun(wrapping.key.epoch, wrapping.signed, wrapping.after_order)
    outgoing.announced(db, row, begun)
    coming: NextEpoch | None = outgoing.epoch(db, row, room.room_id)
    if coming is not None and coming.signed == wrapping.signed:
        outgoing.epoch_over(db, row)
    learned.got(db, said, ground, room, wrapping.key)
    if coming is not None and coming.signed != wrapping.signed:
        # one more became due while this one was on its way: under the next number
        admission.begin_epoch(db, said, room, ground.room_clocks.now(room.room_id), ground.rng)
