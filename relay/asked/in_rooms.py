"""How what is asked of a room is answered: when the room is at hand, and when it is on disk."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from protocol.errors import BadSignature, RemoteProtocolError
from protocol.ids import RoomId
from protocol.wire.frames import Done, Reason, Refused, Reply, Request
from protocol.wire.frames.room_entries import Said, SayEntry
from protocol.wire.frames.room_orders import GiveOrder
from relay.asked.calls import Calls
from relay.premises import Premises
from relay.rooms.live import LiveRoom
from relay.rules.rooms.asking import FindItem, ItemFound
from relay.rules.rooms.changes import Change
from relay.rules.rooms.hosted import Outcome, Taken


def in_room(
    premises: Premises,
    calls: Calls,
    asked: Request[Any],
    room: RoomId,
    then: Callable[[LiveRoom], Reason | None],
) -> None:
    """Do this in a room; what it says is refused, None is answered later."""
    calls.begin()

    def found(live: LiveRoom | Reason) -> None:
        reason = live if isinstance(live, Reason) else checked(partial(then, live))
        if reason is not None:
            calls.finish(Refused(call=asked.call, reason=reason))

    premises.hall.find(room, found)


def answer_done(
    calls: Calls,
    live: LiveRoom,
    asked: Request[Any],
    changes: tuple[Change, ...],
    told: Callable[[], None] | None = None,
) -> None:
    """Done once it is on disk; ``told`` is called then."""

    def then(ok: bool) -> None:
        reply: Reply = Done(call=asked.call)
        if not ok:
            reply = Refused(call=asked.call, reason=Reason.TRY_LATER)
        elif told is not None:
            told()
        calls.finish(reply)

    live.saving.change(changes, then)


def answer_number(
    premises: Premises,
    calls: Calls,
    live: LiveRoom,
    asked: GiveOrder | SayEntry,
    done: Outcome,
    size: int = 0,
) -> Reason | None:
    """Answer with the number once it is on disk; or why not."""
    if isinstance(done, Reason):
        return done
    if isinstance(done, Taken):
        answer = partial(_said, calls, asked, live.room.lanes[done.lane].run, done.number, size)
        live.saving.wait(done.lane, done.number, answer)
        return None
    log = live.room.lanes[done.lane]
    number = done.number

    def found(reply: Reply) -> None:
        if isinstance(reply, ItemFound):
            reply = Said(call=asked.call, run=reply.run, number=reply.number)
        else:
            reply = Refused(call=asked.call, reason=Reason.UNKNOWN)
        calls.finish(reply, size)

    if number is None:
        find = FindItem(asked.call, live.room.row, done.lane, done.seat, done.counter)
        premises.storage.submit(find, calls.now, found)
        return None
    answer = partial(_said, calls, asked, done.run, number, size)
    if done.run == log.run:
        live.saving.wait(done.lane, number, answer)
    else:
        answer(True)
    return None


def _said(
    calls: Calls, asked: GiveOrder | SayEntry, run: int, number: int, size: int, ok: bool
) -> None:
    reply: Reply
    if ok:
        reply = Said(call=asked.call, run=run, number=number)
    else:
        reply = Refused(call=asked.call, reason=Reason.TRY_LATER)
    calls.finish(reply, size)


def checked(work: Callable[[], Reason | None]) -> Reason | None:
    """What it says; what is not signed as it says, or cannot be read, is refused."""
    try:
        return work()
    except BadSignature:
        return Reason.BAD_SIGNATURE
    except RemoteProtocolError:
        return Reason.NOT_ALLOWED
