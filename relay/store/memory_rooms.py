"""Rooms in memory; see :mod:`relay.store.memory`."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count

import msgspec

from protocol.ids import LetterId, RoomId
from protocol.wire.frames.letters import BoxedLetter
from protocol.wire.frames.room_entries import Lane
from protocol.wire.frames.room_orders import SignedEpoch
from protocol.wire.frames.rooms import SignedCard, SignedPolicy
from relay.rules.clock import HOUR_MS
from relay.rules.rooms import changes
from relay.rules.rooms.asking import (
    FindItem,
    LoadRoom,
    ReadBox,
    ReadCards,
    ReadItems,
    RoomLoaded,
)
from relay.rules.rooms.changes import (
    Change,
)
from relay.rules.rooms.lanes import MOST_PAGE_BYTES, next_run
from relay.rules.rooms.records import (
    KeptItem,
    KeptOrder,
    KeptRoom,
    KeptRun,
    KeptSeat,
)


@dataclass
class _Letter:
    id: LetterId
    by: int
    age_ms: int
    body: bytes | None


@dataclass
class _Room:
    row: int
    id: RoomId
    owner: bytes
    policy: SignedPolicy
    keeps_ms: int
    opened_ms: int
    used_ms: int
    ended_ms: int | None = None
    emptied: bool = False
    epoch: SignedEpoch | None = None
    last_seat: int = 0
    seats: dict[int, KeptSeat] = field(default_factory=dict[int, KeptSeat])
    cards: dict[int, SignedCard] = field(default_factory=dict[int, SignedCard])
    orders: list[KeptOrder] = field(default_factory=list[KeptOrder])
    runs: dict[tuple[Lane, int], KeptRun] = field(default_factory=dict[tuple[Lane, int], KeptRun])
    items: dict[tuple[Lane, int, int], KeptItem] = field(
        default_factory=dict[tuple[Lane, int, int], KeptItem]
    )
    letters: dict[tuple[int, int], _Letter] = field(default_factory=dict[tuple[int, int], _Letter])

    def lane(self, lane: Lane) -> dict[tuple[int, int], KeptItem]:
        """Items by run and number, in their order."""
        keys = sorted((run, number) for of, run, number in self.items if of is lane)
        return {key: self.items[(lane, *key)] for key in keys}


class MemoryRooms:
    """By their rows."""

    def __init__(self) -> None:
        self._rows = count(1)
        self.all: dict[int, _Room] = {}

    def totals(self) -> dict[str, int]:
        """For the operator."""
        rooms = list(self.all.values())
        sizes = [len(each.item) for room in rooms for each in room.items.values()]
        return {
            "rooms": sum(room.ended_ms is None for room in rooms),
            "ended_rooms": sum(room.ended_ms is not None for room in rooms),
            "room_seats": sum(len(room.seats) for room in rooms),
            "room_items": len(sizes),
            "room_bytes": sum(sizes),
            "room_letters": sum(
                letter.body is not None for room in rooms for letter in room.letters.values()
            ),
        }

    def owners(self) -> dict[RoomId, tuple[bytes, bool]]:
        return {r.id: (r.owner, r.ended_ms is not None) for r in self.all.values()}

    def add(
        self, room: RoomId, owner: bytes, policy: SignedPolicy, keeps_ms: int, age_ms: int
    ) -> None:
        row = next(self._rows)
        self.all[row] = _Room(row, room, owner, policy, keeps_ms, age_ms, age_ms)

    def load(self, asked: LoadRoom, age_ms: int) -> RoomLoaded | None:
        room = next((r for r in self.all.values() if r.id == asked.room), None)
        if room is None:
            return None
        room.used_ms = age_ms
        if asked.begins or not room.runs:
            for lane in Lane:
                run = max((r for of, r in room.runs if of is lane), default=0)
                begun = next_run(room.id, lane, room.runs.get((lane, run)))
                room.runs[lane, begun.run] = begun
        stage, desk = room.lane(Lane.STAGE), room.lane(Lane.DESK)
        last_run = max(run for lane, run in room.runs if lane is Lane.STAGE)
        boxes: dict[int, int] = {}
        for (seat, _), letter in sorted(room.letters.items()):
            if letter.body is not None:
                boxes[seat] = boxes.get(seat, 0) + 1
        lately = [x for x in room.letters.values() if x.age_ms > age_ms - HOUR_MS]
        lately.sort(key=lambda letter: letter.age_ms)
        return RoomLoaded(
            call=asked.call,
            room=KeptRoom(
                room.row, room.id, room.policy, room.opened_ms, room.ended_ms, room.epoch
            ),
            seats=tuple(room.seats[number] for number in sorted(room.seats)),
            last_seat=room.last_seat,
            orders=tuple(room.orders),
            runs=tuple(room.runs[key] for key in sorted(room.runs)),
            oldest=next(iter(stage), (last_run, 1)),
            stage_items=len(stage),
            desk_items=len(desk),
            desk_bytes=sum(len(each.item) for each in desk.values()),
            letters=tuple((letter.by, letter.age_ms) for letter in lately),
            boxes=tuple(boxes.items()),
        )

    def change(self, row: int, change: Change) -> None:
        room = self.all.get(row)
        if room is not None:
            _change(room, change)

    def items(self, asked: ReadItems) -> tuple[KeptItem, ...]:
        page: list[KeptItem] = []
        size = 0
        for (run, number), item in self._lane(asked.row, asked.lane).items():
            if run != asked.run or number <= asked.after:
                continue
            size += len(item.item)
            if len(page) == asked.limit or (page and size > MOST_PAGE_BYTES):
                break
            page.append(item)
        return tuple(page)

    def find_item(self, asked: FindItem) -> tuple[int, int] | None:
        wanted = (asked.seat, asked.counter)
        lane = self._lane(asked.row, asked.lane)
        return next((at for at, i in lane.items() if (i.seat, i.counter) == wanted), None)

    def cards(self, asked: ReadCards) -> tuple[tuple[int, SignedCard], ...]:
        room = self.all.get(asked.row)
        cards = {} if room is None else room.cards
        return tuple((n, cards[n]) for n in sorted(asked.seats) if n in cards)

    def box(self, asked: ReadBox) -> tuple[BoxedLetter, ...]:
        room = self.all.get(asked.row)
        found = [] if room is None else sorted(room.letters.items())
        letters = [
            BoxedLetter(sequence=number, letter=letter.body)
            for (seat, number), letter in found
            if seat == asked.seat and number > asked.after and letter.body is not None
        ]
        return tuple(letters[: asked.limit])

    def has_letter(self, row: int, letter: LetterId) -> bool:
        room = self.all.get(row)
        return room is not None and any(each.id == letter for each in room.letters.values())

    def expire(self, age_ms: int, idle_before_ms: int, boxes_ms: int, most: int) -> int:
        def over(room: _Room, keeps_ms: int) -> bool:
            return room.ended_ms is not None and room.ended_ms + keeps_ms <= age_ms

        rooms = list(self.all.values())
        done = [
            r for r in rooms if over(r, max(r.keeps_ms, boxes_ms)) or r.used_ms <= idle_before_ms
        ][:most]
        for room in done:
            del self.all[room.row]
        kept = [r for r in self.all.values() if over(r, r.keeps_ms) and not r.emptied][:most]
        for room in kept:
            room.items.clear()
            room.emptied = True
        return max(len(done), len(kept))

    def _lane(self, row: int, lane: Lane) -> dict[tuple[int, int], KeptItem]:
        room = self.all.get(row)
        return {} if room is None else room.lane(lane)


def _change(room: _Room, change: Change) -> None:
    match change:
        case changes.SetPolicy():
            room.policy, room.keeps_ms = change.policy, change.keeps_ms
        case changes.EndRoom():
            room.ended_ms = change.ended_ms
        case changes.UseRoom():
            room.used_ms = change.age_ms
        case changes.BeginEpoch():
            room.epoch = change.epoch
        case changes.KeepOrder():
            room.orders.append(change.order)
        case changes.KeepItems():
            _keep_items(room, change)
        case changes.TrimStage() | changes.TrimDesk():
            _trim(room, change)
        case _:
            _change_seat(room, change)


def _trim(room: _Room, change: changes.TrimStage | changes.TrimDesk) -> None:
    if isinstance(change, changes.TrimStage):
        keys = list(room.lane(Lane.STAGE))
        for key in keys[: max(len(keys) - change.most, 0)]:
            del room.items[(Lane.STAGE, *key)]
    else:
        for key in list(room.lane(Lane.DESK)):
            if key <= (change.run, change.up_to):
                del room.items[(Lane.DESK, *key)]


def _change_seat(
    room: _Room,
    change: changes.KeepWraps
    | changes.KeepSeat
    | changes.DropSeat
    | changes.KeepLetter
    | changes.TakeLetters,
) -> None:
    match change:
        case changes.KeepWraps():
            for number, wrap in change.wraps:
                _alter(room, number, wrap=wrap, wrap_epoch=change.epoch)
        case changes.KeepSeat():
            _keep_seat(room, change)
        case changes.DropSeat():
            room.seats.pop(change.number, None)
            room.cards.pop(change.number, None)
            for key in [key for key in room.letters if key[0] == change.number]:
                del room.letters[key]
        case changes.KeepLetter():
            if all(each.id != change.letter for each in room.letters.values()):
                kept = _Letter(change.letter, change.by, change.age_ms, change.body)
                room.letters[change.to, change.sequence] = kept
            _alter(room, change.to, letters=change.sequence)
        case changes.TakeLetters():
            for (seat, number), letter in room.letters.items():
                if seat == change.seat and number <= change.up_to:
                    letter.body = None


def _alter(room: _Room, number: int, **fields: object) -> None:
    if number in room.seats:
        room.seats[number] = msgspec.structs.replace(room.seats[number], **fields)


def _keep_seat(room: _Room, change: changes.KeepSeat) -> None:
    seat = change.seat
    known = room.seats.get(seat.number)
    if known is None:
        room.seats[seat.number] = msgspec.structs.replace(
            seat, wrap=b"", wrap_epoch=0, stage=0, desk=0, letters=0
        )
        room.cards[seat.number] = SignedCard(body=b"", signature=b"")
    else:
        _alter(room, seat.number, run=seat.run, at=seat.at, name=seat.name, waits=seat.waits)
    if change.card is not None:
        room.cards[seat.number] = change.card
        _alter(room, seat.number, card=change.card.signature)
    room.last_seat = max(room.last_seat, seat.number)


def _keep_items(room: _Room, change: changes.KeepItems) -> None:
    run = room.runs.get((change.lane, change.run))
    if run is None:
        return
    number = change.items[-1].number
    room.runs[change.lane, change.run] = msgspec.structs.replace(
        run, number=number, running=change.running
    )
    for item in change.items:
        room.items[change.lane, change.run, item.number] = item
        known = room.seats.get(item.seat)
        if known is None:
            continue
        if change.lane is Lane.STAGE:
            _alter(room, item.seat, stage=max(known.stage, item.counter))
        else:
            _alter(room, item.seat, desk=max(known.desk, item.counter))
