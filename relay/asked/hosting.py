"""What a host asks from whatever connection: a room is opened and set, ordered about and shown.

The signature of the room's key, or of a seat that holds its grant, is all the leave it needs.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, ClassVar

from protocol.errors import BadSignature, RemoteProtocolError
from protocol.wire.frames import Reason, Request
from protocol.wire.frames.room_orders import GiveOrder, SetEpoch
from protocol.wire.frames.rooms import OpenRoom, RoomShown, SetRoom, ShowRoom
from protocol.wire.rooms.entering import check_opening
from protocol.wire.rooms.items import parse_item
from protocol.wire.rooms.orders import OrderBody, What, read_grant
from protocol.wire.rooms.policy import read_policy
from relay.asked.calls import Calls
from relay.asked.in_rooms import answer_done, answer_number, in_room
from relay.premises import Premises
from relay.rooms.live import LiveRoom
from relay.rules.rooms.changes import KeepWraps
from relay.rules.rooms.hosted import Taken


class Hosting:
    """On one connection."""

    def __init__(self, premises: Premises, calls: Calls) -> None:
        self._premises = premises
        self._calls = calls

    def take(self, asked: Request[Any]) -> None:
        """One of ``HANDLERS``."""
        self.HANDLERS[type(asked)](self, asked)

    def _open(self, asked: OpenRoom) -> None:
        try:
            policy = read_policy(asked.policy)
            check_opening(policy.room, asked.signature, self._calls.transcript, asked.policy)
        except (BadSignature, RemoteProtocolError):
            self._calls.refuse(asked, Reason.BAD_SIGNATURE)
            return
        self._calls.submit(asked)

    def _show(self, asked: ShowRoom) -> None:
        def show(live: LiveRoom) -> Reason | None:
            if live.room.ended:
                return Reason.ENDED
            shown = RoomShown(
                call=asked.call, policy=live.room.signed, seats=live.taken, live=live.live
            )
            self._calls.finish(shown)
            return None

        in_room(self._premises, self._calls, asked, asked.room, show)

    def _set(self, asked: SetRoom) -> None:
        try:
            room = read_policy(asked.policy).room
        except (BadSignature, RemoteProtocolError):
            self._calls.refuse(asked, Reason.BAD_SIGNATURE)
            return

        def set_it(live: LiveRoom) -> Reason | None:
            changes = live.room.set_policy(asked.policy, self._calls.now)
            if isinstance(changes, Reason):
                return changes
            answer_done(self._calls, live, asked, changes, live.tell_policy if changes else None)
            return None

        in_room(self._premises, self._calls, asked, room, set_it)

    def _set_epoch(self, asked: SetEpoch) -> None:
        def set_it(live: LiveRoom) -> Reason | None:
            before = live.room.epoch
            changes = live.room.set_epoch(
                asked.epoch, asked.wraps, self._calls.now, more=asked.more
            )
            if isinstance(changes, Reason):
                return changes
            got = {n for each in changes if isinstance(each, KeepWraps) for n, _ in each.wraps}
            whom = got if live.room.epoch == before else None
            answer_done(
                self._calls,
                live,
                asked,
                changes,
                partial(live.tell_epoch, whom) if changes else None,
            )
            return None

        in_room(self._premises, self._calls, asked, asked.room, set_it)

    def _order(self, asked: GiveOrder) -> None:
        def give(live: LiveRoom) -> Reason | None:
            done = live.room.give(asked.item, self._calls.now)
            if isinstance(done, Taken):
                live.saving.change(done.changes, partial(_retell, live, asked.item))
                live.note()
            return answer_number(self._premises, self._calls, live, asked, done)

        in_room(self._premises, self._calls, asked, asked.room, give)

    HANDLERS: ClassVar[dict[type[Any], Callable[[Hosting, Any], None]]] = {
        OpenRoom: _open,
        ShowRoom: _show,
        SetRoom: _set,
        SetEpoch: _set_epoch,
        GiveOrder: _order,
    }


def _retell(live: LiveRoom, item: bytes, ok: bool) -> None:
    """Tell whom an order that is on disk now is about."""
    order = parse_item(item)
    if not ok or not isinstance(order, OrderBody):
        return
    about = order.about
    if order.what is What.GRANT and order.given is not None:
        about = read_grant(order.given, live.room.id).seat
    elif order.what is What.UNDO and (undone := live.room.orders.find(order.undoes or b"")):
        about = undone.order.about
    seat = None if about is None else live.room.seats.find(about)
    if seat is not None:
        live.tell_seat(seat)
    live.note()
