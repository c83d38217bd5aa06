"""What has become of one room since it was looked at last, told as events.

Law: knocks only say that something changed (law 2), so each of them makes this read again: the
stage after the last place, everything else beside what was told of it. Each entry is told once, in
the room's order, however many came at a time and however many knocks were lost in one. Where
something was missing, what fills the gap is told when it has come.

It is told at the client's pace: a telling that finds no room waits, and the room is read later.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Final, TypeAlias, TypeVar

from msgspec import Struct

from desktop.core.desk import DeskId, DeskItem
from desktop.core.questions import Question, QuestionId
from desktop.core.room_facade import Rooms
from desktop.core.rooms import Entry, EntryKind, EntryState, Person, Room
from desktop.rpc.jsonrpc import Json
from desktop.rpc.rooms.shapes import shown
from desktop.rpc.shapes import Shape, text_of
from protocol.ids import EntryId, RoomId, SeatId

PAGE: Final = 200
MOST_GAPS: Final = 64
BEGINNING: Final = -1

Tell: TypeAlias = Callable[[Shape], Awaitable[None]]
N = TypeVar("N")
T = TypeVar("T", bound=Struct)


def differing(old: Mapping[N, T], new: Mapping[N, T]) -> tuple[list[T], list[N]]:
    """What is new or something else now, and what is gone."""
    return (
        [one for name, one in new.items() if old.get(name) != one],
        [name for name in old if name not in new],
    )


def _is_gap(entry: Entry) -> bool:
    return entry.kind is EntryKind.GAP


class RoomReader:
    """Follows one room, from its beginning or from where :meth:`begin_here` was called."""

    def __init__(self, rooms: Rooms, room_id: RoomId, tell: Tell) -> None:
        self._rooms, self._id, self._tell = rooms, room_id, tell
        self._last = BEGINNING
        self._gaps: dict[int, int] = {}  # by place, how many each stands for
        self._refused: dict[EntryId, Entry] = {}
        self._told: dict[EntryId, Entry] = {}  # the last ones
        self._room: Room | None = None
        self._board: dict[QuestionId, Question] = {}
        self._people: dict[SeatId, Person] = {}
        self._desk: dict[DeskId, DeskItem] = {}

    async def begin_here(self, *, inside: bool) -> None:
        """What is there now is known to whoever asks for it, and is not told."""
        found = await self._rooms.stage(self._id, 1)
        for entry in found.entries:
            self._pass(entry)
        self._refused = {
            one.entry_id: one for one in found.waiting if one.state is EntryState.REFUSED
        }
        if inside:
            self._room = await self._rooms.room_show(self._id)
            self._board = {one.question_id: one for one in await self._rooms.questions(self._id)}
            self._people = {one.seat_id: one for one in await self._rooms.people(self._id)}
            self._desk = {one.desk_id: one for one in await self._rooms.desk(self._id)}

    async def read_stage(self, changed: Sequence[EntryId]) -> None:
        told = await self._fill_gaps()
        while True:
            found = await self._rooms.stage(self._id, PAGE, after=self._last)
            told |= await self._tell_entries(found.entries)
            if not found.newer or not found.entries:
                break
        on_their_way = await self._tell_refused(found.waiting)
        rest = [name for name in changed if name not in told | on_their_way]
        if rest:
            await self._tell_changed(rest)

    async def _tell_entries(self, rows: Sequence[Entry]) -> set[EntryId]:
        for entry in rows:
            self._pass(entry)
            if not _is_gap(entry):
                self._remember(entry)
                await self._say("room.entry", entry=shown(entry))
        return {entry.entry_id for entry in rows if not _is_gap(entry)}

    def _remember(self, entry: Entry) -> None:
        """What was told last is not told again where only the knock is new."""
        self._told[entry.entry_id] = entry
        if len(self._told) > PAGE:
            self._told.pop(next(iter(self._told)))

    async def _tell_refused(self, waiting: Sequence[Entry]) -> set[EntryId]:
        """What nobody took, each once; the ids of all that have no place."""
        refused = {one.entry_id: one for one in waiting if one.state is EntryState.REFUSED}
        news, _ = differing(self._refused, refused)
        self._refused = refused
        for entry in news:
            await self._say("room.refused", entry=shown(entry))
        return {one.entry_id for one in waiting}

    async def _tell_changed(self, entry_ids: Sequence[EntryId]) -> None:
        there = await self._rooms.stage_some(self._id, entry_ids)
        for entry in there:
            if not _is_gap(entry) and self._told.get(entry.entry_id) != entry:
                self._remember(entry)
                await self._say("room.entry_changed", entry=shown(entry))
        for name in entry_ids:
            if all(entry.entry_id != name for entry in there):
                await self._say("room.entry_gone", entry_id=text_of(name))

    async def read_room(self) -> None:
        room = await self._rooms.room_show(self._id)
        old, self._room = self._room, room
        if room == old:
            return
        await self._tell({"type": "room.state"} | shown(room))
        if room.removed is not None and (old is None or old.removed is None):
            await self._say("room.removed", reason=room.removed)

    async def read_board(self) -> None:
        board = {one.question_id: one for one in await self._rooms.questions(self._id)}
        news, _ = differing(self._board, board)
        self._board = board
        for question in news:
            await self._say("room.question", question=shown(question))

    async def read_people(self) -> None:
        people = {one.seat_id: one for one in await self._rooms.people(self._id)}
        news, gone = differing(self._people, people)
        self._people = people
        if news or gone:
            await self._say(
                "room.people",
                people=[shown(one) for one in news],
                gone=[text_of(seat_id) for seat_id in gone],
            )

    async def read_desk(self) -> None:
        desk = {one.desk_id: one for one in await self._rooms.desk(self._id)}
        news, gone = differing(self._desk, desk)
        self._desk = desk
        if news or gone:
            await self._say(
                "room.desk",
                items=[shown(one) for one in news],
                gone=[text_of(desk_id) for desk_id in gone],
            )

    def _pass(self, entry: Entry) -> None:
        """It is behind us, or a gap that is."""
        self._last = max(self._last, entry.place + entry.count - 1)
        if _is_gap(entry):
            self._gaps[entry.place] = entry.count
            if len(self._gaps) > MOST_GAPS:
                self._gaps.pop(next(iter(self._gaps)))

    async def _fill_gaps(self) -> set[EntryId]:
        """Tell what has come where something was missing."""
        told: set[EntryId] = set()
        for place, count in list(self._gaps.items()):
            at, end = place, place + count
            while at < end:
                found = await self._rooms.stage(self._id, PAGE, after=at - 1)
                rows = [one for one in found.entries if one.place < end]
                if not rows or (_is_gap(rows[0]) and rows[0].count == count and at == place):
                    break  # still missing
                self._gaps.pop(place, None)
                at = rows[-1].place + rows[-1].count
                told |= await self._tell_entries(rows)
        return told

    async def _say(self, event: str, **what: Json) -> None:
        await self._tell({"type": event, "room_id": text_of(self._id), **what})
