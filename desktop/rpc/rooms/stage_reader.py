"""What was said in one room since it was looked at last, told as events.

Law: knocks only say that something changed (law 2), so each of them makes this read again, after
the last place. Each entry is told once, in the room's order, however many came at a time and
however many knocks were lost in one. Where something was missing or could not be read, it is told
when it has come or its key has.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from desktop.core.room_facade import Rooms
from desktop.core.rooms import Entry, EntryKind, EntryState
from desktop.rpc.jsonrpc import Json
from desktop.rpc.rooms.shapes import shown
from desktop.rpc.rooms.telling import Tell, differing
from desktop.rpc.shapes import text_of
from protocol.ids import EntryId, RoomId

PAGE: Final = 200
MOST_GAPS: Final = 64
MOST_SEALED: Final = 4096
BEGINNING: Final = -1


def _is_gap(entry: Entry) -> bool:
    return entry.kind is EntryKind.GAP


class StageReader:
    """Follows one stage, from its beginning or from where :meth:`begin_here` was called."""

    def __init__(self, rooms: Rooms, room_id: RoomId, tell: Tell) -> None:
        self._rooms, self._id, self._tell = rooms, room_id, tell
        self._last = BEGINNING
        self._gaps: dict[int, int] = {}  # by place, how many each stands for
        self._refused: dict[EntryId, Entry] = {}
        self._told: dict[EntryId, Entry] = {}  # the last ones
        self._sealed: dict[EntryId, None] = {}  # whose key may come

    async def begin_here(self) -> None:
        """What is there now is known to whoever asks for it, and is not told."""
        found = await self._rooms.stage(self._id, 1)
        for entry in found.entries:
            self._pass(entry)
        self._refused = {
            one.entry_id: one for one in found.waiting if one.state is EntryState.REFUSED
        }

    async def read(self, changed: Sequence[EntryId]) -> None:
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
                await self._tell_entry(entry)
        return {entry.entry_id for entry in rows if not _is_gap(entry)}

    async def _tell_entry(self, entry: Entry) -> None:
        """For what it says; until that can be read, for what it is."""
        self._remember(entry)
        if entry.kind is not EntryKind.UNREADABLE:
            self._sealed.pop(entry.entry_id, None)
            await self._say("room.entry", entry=shown(entry))
            return
        self._sealed[entry.entry_id] = None
        if len(self._sealed) > MOST_SEALED:
            self._sealed.pop(next(iter(self._sealed)))
        await self._say("room.unreadable", entry=shown(entry))

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
            if _is_gap(entry) or self._told.get(entry.entry_id) == entry:
                continue
            if entry.entry_id in self._sealed:
                await self._tell_entry(entry)
            else:
                self._remember(entry)
                await self._say("room.entry_changed", entry=shown(entry))
        for name in entry_ids:
            if all(entry.entry_id != name for entry in there):
                await self._say("room.entry_gone", entry_id=text_of(name))

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
