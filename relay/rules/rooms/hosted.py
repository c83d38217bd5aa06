"""One room as its relay enforces it: policy, orders, epoch, seats, lanes.

What is decided here holds at once, in memory, and names the changes that have to be on disk before
anybody hears of it. Where the disk refuses them the room is loaded anew, in a new run, so that
nothing that was only decided is ever built upon.
"""

from __future__ import annotations

from collections import deque
from typing import TypeAlias

from msgspec import Struct

from protocol.ids import RoomId
from protocol.wire.frames import Reason
from protocol.wire.frames.room_entries import Lane
from protocol.wire.frames.room_orders import SeatWrap, SignedEpoch
from protocol.wire.frames.rooms import SeatState, SignedPolicy
from protocol.wire.rooms.authority import Fault
from protocol.wire.rooms.items import EntryBody, UnknownItem, parse_item, read_item
from protocol.wire.rooms.orders import OrderBody, Scope, What
from protocol.wire.rooms.policy import PolicyBody, Speak, read_policy, succeeds
from relay.rules.clock import Now
from relay.rules.rooms.asking import RoomLoaded
from relay.rules.rooms.changes import (
    Change,
    Cool,
    CoolAll,
    DropSeat,
    EndRoom,
    Heat,
    KeepOrder,
    SetPolicy,
    TrimDesk,
)
from relay.rules.rooms.epochs import Epochs
from relay.rules.rooms.lanes import LaneLog
from relay.rules.rooms.orders import Given, Orders
from relay.rules.rooms.places import Places
from relay.rules.rooms.records import KeptOrder
from relay.rules.rooms.seats import Count, Seat, Seats
from relay.rules.rooms.speech import why_not_say

MOST_DESK_ITEMS = 20_000
MOST_DESK_BYTES = 64 * 1024 * 1024
OUT = frozenset({SeatState.REMOVED, SeatState.BANNED, SeatState.REFUSED})

# Given to, and taken from, who need not have come yet.
_ROLES = frozenset({What.GRANT, What.REVOKE})
_FAULTS = {Fault.EXPIRED: Reason.EXPIRED, Fault.UNKNOWN: Reason.UNKNOWN, Fault.OUT: Reason.REMOVED}


class Taken(Struct, frozen=True):
    """It has this number. ``changes`` have to be on disk before it is told."""

    lane: Lane
    number: int
    changes: tuple[Change, ...] = ()


class Before(Struct, frozen=True):
    """It was taken before, in this run or so long ago that the store has to be asked."""

    lane: Lane
    number: int | None
    run: int
    seat: int = 0
    counter: int = 0


Outcome: TypeAlias = Taken | Before | Reason


class Hosted:
    """A room that is loaded."""

    def __init__(self, loaded: RoomLoaded, places: Places | None = None) -> None:
        room = loaded.room
        self.id: RoomId = room.id
        self.row = room.row
        self.signed = room.policy
        self.policy: PolicyBody = read_policy(room.policy, room.id)
        self.orders = Orders(room.id, loaded.orders)
        self.seats = Seats(loaded.seats, loaded.last_seat)
        marks = [(self.seats.numbered(number), mark) for number, mark in loaded.marks]
        self.places = places or Places(tuple((seat.id, mark) for seat, mark in marks if seat))
        self.lanes = {lane: LaneLog(room.id, lane, loaded.runs) for lane in Lane}
        self.oldest = loaded.oldest
        # The desk's items that are kept: those that were there, and those that came since.
        desk = self.lanes[Lane.DESK]
        self._desk = deque([(desk.run, desk.number, loaded.desk_items, loaded.desk_bytes)])
        self.desk_items, self.desk_bytes = loaded.desk_items, loaded.desk_bytes
        self.ended = room.ended_ms is not None
        self.epochs = Epochs(room.id, room.epoch)
        self.taken = 0
        for seat in self.seats.all():
            self.judge(seat)
        for number, waiting in loaded.boxes:
            if (owner := self.seats.numbered(number)) is not None:
                owner.boxed = waiting

    # What is in force

    @property
    def epoch(self) -> int:
        """Entries of the stage are sealed under this one."""
        return max(self.epochs.number, self.policy.epoch)

    @property
    def announced(self) -> SignedEpoch | None:
        """What said so, unless it was the policy."""
        return self.epochs.signed if self.epochs.number > self.policy.epoch else None

    @property
    def speak(self) -> Speak:
        """Who may speak, by order or by policy."""
        return self.orders.setting(self.policy.version).speak or self.policy.speak

    @property
    def slow_s(self) -> int:
        """The pause between two entries of a seat, by order or by policy."""
        ordered = self.orders.setting(self.policy.version).slow_s
        return self.policy.slow_s if ordered is None else ordered

    def scopes(self, seat: Seat, now: Now) -> Scope:
        """What the seat's grant covers."""
        return self.orders.scopes_of(seat.id, now.wall_ms)

    def count(self) -> Count:
        """How many listen, and how many wait to be admitted."""
        all_of_them = self.seats.by_id.values()
        return Count(
            sum(seat.may_listen for seat in all_of_them),
            sum(seat.here and seat.state is SeatState.WAITING for seat in all_of_them),
        )

    # Coming and going

    def leave(self, seat: Seat) -> None:
        """Nobody sits on it any more."""
        if seat.here:
            self.places.rise(seat.place)
            seat.here = False
            self.taken -= 1

    def set_epoch(
        self, signed: SignedEpoch, wraps: tuple[SeatWrap, ...], now: Now, *, more: bool
    ) -> tuple[Change, ...] | Reason:
        """An epoch, or further wraps. Raises BadSignature, RemoteProtocolError."""
        return self.epochs.set(
            signed, wraps, self.seats, self.orders, self.epoch, now.wall_ms, more=more
        )

    def wrap_of(self, seat: Seat) -> bytes:
        """The seat's wrap of the epoch in force."""
        return seat.wrap if seat.wrap_epoch == self.epoch else b""

    def forget(self, seat: Seat, now: Now) -> tuple[Change, ...]:
        """It leaves for good: at once, or once nobody needs to order anything about it."""
        self.leave(seat)
        self.seats.gone.add(seat)
        return self.forget_gone(now)

    def forget_gone(self, now: Now) -> tuple[Change, ...]:
        """Of those who left for good: whose time is over."""
        return tuple(DropSeat(number) for number in self.seats.drop_gone(now))

    def floor(self, seat: Seat, now: Now) -> tuple[int, int]:
        """The seat may fetch what stands behind this number of this run."""
        oldest = (self.oldest[0], max(self.oldest[1] - 1, 0))
        if self.scopes(seat, now):
            return oldest
        stage = self.lanes[Lane.STAGE]
        return max(oldest, stage.back(seat.run, seat.at, self.policy.history))

    # What is said

    def say(self, seat: Seat, item: bytes, now: Now) -> Outcome:
        """An entry of this seat. Raises RemoteProtocolError for what is none."""
        entry = parse_item(item)
        if not isinstance(entry, EntryBody) or entry.seat != seat.id:
            return Reason.UNSUPPORTED if isinstance(entry, UnknownItem) else Reason.NOT_ALLOWED
        log, stage = self.lanes[entry.lane], entry.lane is Lane.STAGE
        if entry.counter <= (seat.stage if stage else seat.desk):
            number = log.place(seat.number, entry.counter)
            return Before(entry.lane, number, log.run, seat.number, entry.counter)
        if self.ended:
            return Reason.ENDED
        if not stage and not self._desk_takes(len(item)):
            return Reason.QUOTA
        epoch = self.epoch if stage else self.policy.desk
        scopes = self.scopes(seat, now)
        why = why_not_say(seat, entry, scopes, self.speak, self.slow_s, epoch, now)
        if why is not None:
            return why
        seat.spoke_ms = now.age_ms
        if stage:
            seat.stage = entry.counter
        else:
            seat.desk = entry.counter
        number = log.add(seat.number, entry.counter, item, save_first=not stage)
        if not stage:
            self._desk.append((log.run, number, 1, len(item)))
            self.desk_items += 1
            self.desk_bytes += len(item)
        return Taken(entry.lane, number)

    def give(self, item: bytes, now: Now) -> Outcome:
        """An order, by whoever signed it. Raises BadSignature, RemoteProtocolError."""
        order = read_item(item, self.id)
        if not isinstance(order, OrderBody):
            return Reason.UNSUPPORTED if isinstance(order, UnknownItem) else Reason.NOT_ALLOWED
        given = self.orders.find(order.order)
        if given is not None:
            return Before(Lane.STAGE, given.number, given.run)
        fault = self.orders.fault_of(order, now.wall_ms)
        if fault is not None:
            return _FAULTS.get(fault, Reason.NOT_ALLOWED)
        seat = None if order.about is None else self.seats.find(order.about)
        if seat is None and order.about is not None and order.what not in _ROLES:
            return Reason.UNKNOWN
        why = self.orders.why_not_another(order.by, now.age_ms)
        return self._carry_out(order, item, now) if why is None else why

    # What the host sets

    def set_policy(self, signed: SignedPolicy, now: Now) -> tuple[Change, ...] | Reason:
        """A newer policy. Raises BadSignature, RemoteProtocolError."""
        policy = read_policy(signed, self.id)
        if signed.body == self.signed.body:
            return ()
        if not succeeds(policy, self.policy):
            return Reason.WRONG_STATE
        changes: list[Change] = [SetPolicy(signed, policy.keeps_s * 1000)]
        if policy.token != self.policy.token:
            self.places.forget_marks()
            for seat in self.seats.all():
                seat.mark = b""
            changes.append(CoolAll())
        self.policy, self.signed = policy, signed
        if policy.ended:
            changes += self._end(now)
        return tuple(changes)

    def _carry_out(self, order: OrderBody, item: bytes, now: Now) -> Taken:
        stage = self.lanes[Lane.STAGE]
        number = stage.add(0, 0, item, save_first=True)
        version = self.policy.version
        self.orders.add(Given(order, now.wall_ms, version, stage.run, number))
        changes: list[Change] = [
            KeepOrder(KeptOrder(stage.run, number, now.wall_ms, version, item))
        ]
        if order.what is What.END:
            changes += self._end(now)
        about = order.about
        if order.what is What.UNDO and (undone := self.orders.find(order.undoes or b"")):
            about = undone.order.about
        seat = None if about is None else self.seats.find(about)
        if seat is not None:
            changes += self._judge_anew(seat)
        return Taken(Lane.STAGE, number, tuple(changes))

    def _judge_anew(self, seat: Seat) -> list[Change]:
        """Behind an order; who is put out leaves, and where they are has to cool down."""
        before = seat.state
        self.judge(seat)
        if seat.state in OUT and before not in OUT:
            self.leave(seat)
            if seat.state is not SeatState.REFUSED:
                self.places.heat(seat.place, seat.id)
                return [Heat(seat.number, seat.mark)] if seat.mark else []
        elif before in OUT and seat.state not in OUT:
            self.places.cool(seat.id)
            return [Cool(seat.number)]
        return []

    def _end(self, now: Now) -> list[Change]:
        if self.ended:
            return []
        self.ended = True
        return [EndRoom(now.age_ms)]

    def judge(self, seat: Seat) -> None:
        """Have the seat stand as the orders say."""
        verdict = self.orders.verdict(seat.id, waits=seat.waits)
        seat.state, seat.muted_until_ms = verdict.state, verdict.muted_until_ms

    def trim_desk(self, run: int, up_to: int) -> Change:
        """The host has what came up to this number."""
        while self._desk and self._desk[0][:2] <= (run, up_to):
            _, _, items, size = self._desk.popleft()
            self.desk_items -= items
            self.desk_bytes -= size
        return TrimDesk(run, up_to)

    def _desk_takes(self, size: int) -> bool:
        return self.desk_items < MOST_DESK_ITEMS and self.desk_bytes + size <= MOST_DESK_BYTES
