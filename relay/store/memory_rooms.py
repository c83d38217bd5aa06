"""Rooms in memory; see :mod:`relay.store.memory`."""

from __future__ import annotations

from itertools import count

from protocol.ids import LetterId, RoomId
from protocol.wire.frames.letters import BoxedLetter
from protocol.wire.frames.room_entries import Lane
from protocol.wire.frames.rooms import SignedCard, SignedPolicy
from relay.rules.clock import HOUR_MS
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
    KeptRoom,
)
from relay.store.memory_room_changes import Room, write


class MemoryRooms:
    """By their rows."""

    def __init__(self) -> None:
        self._rows = count(1)
        self.all: dict[int, Room] = {}

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
        self.all[row] = Room(row, room, owner, policy, keeps_ms, age_ms, age_ms)

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
            marks=tuple(room.marks),
        )

    def change(self, row: int, change: Change) -> None:
        room = self.all.get(row)
        if room is not None:
            write(room, change)

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
        def over(room: Room, keeps_ms: int) -> bool:
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
