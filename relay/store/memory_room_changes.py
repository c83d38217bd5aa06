"""Changes to a room in memory, one by one as its rules named them; see ``memory_rooms.py``."""

from __future__ import annotations

from dataclasses import dataclass, field

import msgspec

from protocol.ids import LetterId, RoomId
from protocol.wire.frames.room_entries import Lane
from protocol.wire.frames.room_orders import SignedEpoch
from protocol.wire.frames.rooms import SignedCard, SignedPolicy
from relay.rules.rooms import changes
from relay.rules.rooms.changes import Change
from relay.rules.rooms.records import KeptItem, KeptOrder, KeptRun, KeptSeat


@dataclass
class Boxed:
    """A letter; without its body it was taken."""

    id: LetterId
    by: int
    age_ms: int
    body: bytes | None


@dataclass
class Room:
    """All that is kept of one."""

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
    letters: dict[tuple[int, int], Boxed] = field(default_factory=dict[tuple[int, int], Boxed])
    marks: list[tuple[int, bytes]] = field(default_factory=list[tuple[int, bytes]])

    def lane(self, lane: Lane) -> dict[tuple[int, int], KeptItem]:
        """Items by run and number, in their order."""
        keys = sorted((run, number) for of, run, number in self.items if of is lane)
        return {key: self.items[(lane, *key)] for key in keys}


def write(room: Room, change: Change) -> None:
    """One of them."""
    match change:
        case changes.SetPolicy():
            room.policy, room.keeps_ms = change.policy, change.keeps_ms
        case changes.EndRoom():
            room.ended_ms = change.ended_ms
            room.marks.clear()
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
        case changes.Heat() | changes.Cool() | changes.CoolAll():
            _change_heat(room, change)
        case _:
            _change_seat(room, change)


def _change_heat(room: Room, change: changes.Heat | changes.Cool | changes.CoolAll) -> None:
    match change:
        case changes.Heat():
            room.marks = [*room.marks, (change.seat, change.mark)][-changes.MOST_MARKS :]
        case changes.Cool():
            room.marks = [each for each in room.marks if each[0] != change.seat]
        case changes.CoolAll():
            room.marks.clear()


def _trim(room: Room, change: changes.TrimStage | changes.TrimDesk) -> None:
    if isinstance(change, changes.TrimStage):
        keys = list(room.lane(Lane.STAGE))
        for key in keys[: max(len(keys) - change.most, 0)]:
            del room.items[(Lane.STAGE, *key)]
    else:
        for key in list(room.lane(Lane.DESK)):
            if key <= (change.run, change.up_to):
                del room.items[(Lane.DESK, *key)]


def _change_seat(
    room: Room,
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
                kept = Boxed(change.letter, change.by, change.age_ms, change.body)
                room.letters[change.to, change.sequence] = kept
            _alter(room, change.to, letters=change.sequence)
        case changes.TakeLetters():
            for (seat, number), letter in room.letters.items():
                if seat == change.seat and number <= change.up_to:
                    letter.body = None


def _alter(room: Room, number: int, **fields: object) -> None:
    if number in room.seats:
        room.seats[number] = msgspec.structs.replace(room.seats[number], **fields)


def _keep_seat(room: Room, change: changes.KeepSeat) -> None:
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


def _keep_items(room: Room, change: changes.KeepItems) -> None:
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
