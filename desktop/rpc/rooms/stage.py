"""The methods about what is said on the stage."""

from __future__ import annotations

from typing import Annotated, ClassVar

from msgspec import Meta

from desktop.core.room_facade import Rooms
from desktop.rpc.method import Lane, WrongParams
from desktop.rpc.rooms.method import InRoom, Place, entry_of
from desktop.rpc.rooms.shapes import shown
from desktop.rpc.shapes import Shape, text_of


class RoomSay(InRoom, frozen=True):
    method: ClassVar[str] = "room.say"
    lane: ClassVar[Lane] = Lane.IN_ORDER
    text: str
    reply_to: str | None = None

    async def answer(self, engine: Rooms) -> Shape:
        to = None if self.reply_to is None else entry_of(self.reply_to)
        return {"entry_id": text_of(await engine.room_say(self.room, self.text, to))}


class RoomList(InRoom, frozen=True):
    method: ClassVar[str] = "room.list"
    limit: Annotated[int, Meta(ge=1, le=1000)] = 50
    before: Place | None = None
    after: Place | None = None

    async def answer(self, engine: Rooms) -> Shape:
        if self.before is not None and self.after is not None:
            raise WrongParams("before")
        return shown(await engine.stage(self.room, self.limit, self.before, self.after))


class RoomReact(InRoom, frozen=True):
    method: ClassVar[str] = "room.react"
    entry_id: str
    sign: Annotated[str, Meta(min_length=1, max_length=16)]

    async def answer(self, engine: Rooms) -> Shape:
        await engine.room_react(self.room, entry_of(self.entry_id), self.sign)
        return {}


class RoomPin(InRoom, frozen=True):
    method: ClassVar[str] = "room.pin"
    entry_id: str | None

    async def answer(self, engine: Rooms) -> Shape:
        pinned = None if self.entry_id is None else entry_of(self.entry_id)
        await engine.room_pin(self.room, pinned)
        return {}
