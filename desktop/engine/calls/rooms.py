"""Rooms: the list of them, opening, entering, leaving, and what is said on the stage."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, TypeVar

import trio
from sqlcipher3 import Connection

from desktop.core.doors import Doorplate, Opened, Opening
from desktop.core.errors import ProfileLocked, TextMissing, TextTooLong
from desktop.core.room_errors import (
    EntryUnknown,
    NotInRoom,
    RoomEnded,
    RoomLinkChanged,
    RoomUnknown,
)
from desktop.core.room_facade import RequestsChanged, RoomsChanged
from desktop.core.rooms import Entries, Entry, Room, RoomRow
from desktop.core.texts import is_blank
from desktop.engine.calls.conversations import ConversationCalls
from desktop.engine.ground import Said
from desktop.engine.rooms import overview
from desktop.engine.rooms.door import entering, opening
from desktop.engine.rooms.stage import compose
from desktop.engine.rooms.stage.rows import Reading
from desktop.store.rooms import items, rooms
from desktop.store.rooms.rooms import KeptRoom
from protocol.e2e.rooms.contents import MAX_SAID, Text
from protocol.ids import EntryId, RoomId
from protocol.wire.frames.rooms import SeatState
from protocol.wire.rooms.entering import token_hash

if TYPE_CHECKING:
    from desktop.engine.rooms.line.keeper import RoomKeeper

T = TypeVar("T")


class RoomCalls(ConversationCalls):
    """Calls about rooms as whoever sits there makes them."""

    async def rooms(self) -> Sequence[RoomRow]:
        """See Rooms."""
        opened = self._open_now

        def read(db: Connection) -> list[RoomRow]:
            return [
                overview.row(db, one, opened.rooms.find(one.room_id)) for one in rooms.every(db)
            ]

        return await opened.ground.vault.read(read)

    async def room_open(self, opening_: Opening, /) -> Opened:
        """See Rooms."""
        opened = self._open_now
        opening.check(opening_)
        made = await opened.ground.do(partial(opening.make, ground=opened.ground, opening=opening_))
        try:
            await entering.sit_down(opened.ground, opened.rooms, made.room_id)
        except BaseException:
            with trio.CancelScope(shield=True), suppress(ProfileLocked):
                await opened.ground.do(partial(_unmake, row=made.row))
            raise
        return Opened(made.room_id, str(made.link))

    async def room_look(self, link: str) -> Doorplate:
        """See Rooms."""
        return await entering.knock(self._open_now.ground, link)

    async def room_enter(self, link: str, pseudonym: str) -> RoomId:
        """See Rooms."""
        opened = self._open_now
        return await entering.enter(opened.ground, opened.rooms, link, pseudonym)

    async def room_leave(self, room_id: RoomId) -> None:
        """See Rooms."""
        await self._rise(room_id, for_good=False)

    async def room_forget(self, room_id: RoomId) -> None:
        """See Rooms."""
        room = await self._rise(room_id, for_good=True)
        await self._open_now.ground.do(partial(_unmake, row=room.row))

    async def room_link(self, room_id: RoomId) -> str:
        """See Rooms."""
        return await self._in_room(room_id, _link)

    async def room_show(self, room_id: RoomId) -> Room:
        """See Rooms."""
        ground, keeper = self._open_now.ground, self._keeper(room_id)
        now, ahead = ground.now(), ground.room_clocks.ahead_ms(room_id)
        return await self._in_room(
            room_id, lambda db, room: overview.shown(db, room, keeper, now, ahead)
        )

    async def stage(
        self,
        room_id: RoomId,
        limit: int = 50,
        before: int | None = None,
        after: int | None = None,
    ) -> Entries:
        """See Rooms."""
        now = self._open_now.ground.now()
        return await self._in_room(
            room_id, lambda db, room: Reading(db, room, now).stretch(limit, before, after)
        )

    async def stage_some(self, room_id: RoomId, entry_ids: Sequence[EntryId]) -> Sequence[Entry]:
        """See Rooms."""
        now = self._open_now.ground.now()
        return await self._in_room(room_id, lambda db, room: Reading(db, room, now).some(entry_ids))

    async def room_say(
        self, room_id: RoomId, text: str, reply_to: EntryId | None = None
    ) -> EntryId:
        """See Rooms."""
        if is_blank(text):
            raise TextMissing
        if len(text) > MAX_SAID or len(text.encode()) > MAX_SAID:
            raise TextTooLong(MAX_SAID)
        now = self._open_now.ground.now()

        def say(db: Connection, said: Said, room: KeptRoom) -> EntryId:
            answered = None if reply_to is None else items.by_id(db, room.row, reply_to)
            if reply_to is not None and answered is None:
                raise EntryUnknown
            mentions = () if answered is None or answered.seat is None else (answered.seat,)
            name = room.seat.pseudonym
            content = Text(name=name, sent_ms=now, text=text, reply_to=reply_to, mentions=mentions)
            return compose.say(db, said, room, content, now)

        return await self._sitting(room_id, say)

    # what the other calls of rooms stand on

    def _keeper(self, room_id: RoomId) -> RoomKeeper | None:
        return self._open_now.rooms.find(room_id)

    async def _in_room(self, room_id: RoomId, work: Callable[[Connection, KeptRoom], T]) -> T:
        """Read something of a room. Raises RoomUnknown."""
        return await self._open_now.ground.vault.read(lambda db: work(db, _find(db, room_id)))

    async def _sitting(self, room_id: RoomId, work: Callable[[Connection, Said, KeptRoom], T]) -> T:
        """Change something where I have a seat. Raises RoomUnknown, RoomEnded, NotInRoom."""

        def do(db: Connection, said: Said) -> T:
            room = _find(db, room_id)
            if room.ended_ms is not None:
                raise RoomEnded
            if not room.wanted or room.state is not SeatState.HERE:
                raise NotInRoom
            return work(db, said, room)

        return await self._open_now.ground.do(do)

    async def _rise(self, room_id: RoomId, *, for_good: bool) -> KeptRoom:
        ground = self._open_now.ground
        room = await self._in_room(room_id, lambda _, room: room)

        def unwanted(db: Connection, said: Said) -> None:
            rooms.put(db, room.row, wanted=0, knocked_ms=None)
            said.events.append(RoomsChanged())

        await ground.do(unwanted)
        keeper = self._keeper(room_id)
        if keeper is not None:
            await keeper.leave(for_good=for_good and room.key is None)
        return room


def _find(db: Connection, room_id: RoomId) -> KeptRoom:
    room = rooms.find(db, room_id)
    if room is None:
        raise RoomUnknown
    return room


def _link(_: Connection, room: KeptRoom) -> str:
    body = room.body
    if room.link.invitation is None and token_hash(bytes(room.link.token())) != body.token:
        raise RoomLinkChanged
    return str(room.link)


def _unmake(db: Connection, said: Said, row: int) -> None:
    rooms.forget(db, row)
    said.events += [RoomsChanged(), RequestsChanged()]
