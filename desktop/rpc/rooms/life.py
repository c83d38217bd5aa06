"""The methods about a room's life: opening, entering, its policy, its end."""

from __future__ import annotations

from typing import Annotated, ClassVar

from msgspec import Meta

from desktop.core.doors import HISTORY, Opening
from desktop.core.room_errors import NotInRoom
from desktop.core.room_facade import Rooms
from desktop.core.rooms import Speak, Way
from desktop.rpc.method import Words, WrongParams
from desktop.rpc.rooms.method import InRoom, RoomMethod
from desktop.rpc.rooms.shapes import shown
from desktop.rpc.shapes import Shape, id_of, text_of
from desktop.rpc.strings import HOST
from protocol.e2e.rooms.pseudonyms import clean
from protocol.ids import Fingerprint
from protocol.wire.rooms.policy import MAX_HISTORY, MAX_SEATS, MAX_SLOW_S

SEATS = 500  # where the host names no number

Slow = Annotated[int, Meta(ge=0, le=MAX_SLOW_S)]


class RoomOpen(RoomMethod, frozen=True):
    method: ClassVar[str] = "room.open"
    title: Words
    about: Words = ""
    rules: Words = ""
    stream: Words = ""
    name: Words = HOST
    relay_id: str | None = None
    entry: Way = Way.LINK
    speak: Speak = Speak.ALL
    slow_s: Slow = 0
    history: Annotated[int, Meta(ge=0, le=MAX_HISTORY)] = HISTORY
    seats: Annotated[int, Meta(ge=1, le=MAX_SEATS)] = SEATS

    async def answer(self, engine: Rooms) -> Shape:
        opening = Opening(
            title=self.title,
            about=self.about,
            rules=self.rules,
            way=self.entry,
            seats=self.seats,
            name=self.name,
            stream=self.stream,
            relay_id=None if self.relay_id is None else Fingerprint(id_of(self.relay_id)),
            speak=self.speak,
            slow_s=self.slow_s,
            history=self.history,
        )
        opened = await engine.room_open(opening)
        return {"room_id": text_of(opened.room_id), "link": opened.link}


class RoomLook(RoomMethod, frozen=True):
    method: ClassVar[str] = "room.look"
    link: Words

    async def answer(self, engine: Rooms) -> Shape:
        return shown(await engine.room_look(self.link))


class RoomEnter(RoomMethod, frozen=True):
    method: ClassVar[str] = "room.enter"
    link: Words
    pseudonym: Words | None = None

    async def answer(self, engine: Rooms) -> Shape:
        pseudonym = self.pseudonym
        if pseudonym is None:
            door = await engine.room_look(self.link)
            pseudonym = door.remembered or door.fresh
        room_id = await engine.room_enter(self.link, pseudonym)
        try:
            seat: str | None = text_of((await engine.room_show(room_id)).me)
        except NotInRoom:
            seat = None  # at the door
        return {"room_id": text_of(room_id), "seat_id": seat, "pseudonym": clean(pseudonym)}


class RoomLeave(InRoom, frozen=True):
    method: ClassVar[str] = "room.leave"

    async def answer(self, engine: Rooms) -> Shape:
        await engine.room_leave(self.room)
        return {}


class RoomForget(InRoom, frozen=True):
    method: ClassVar[str] = "room.forget"

    async def answer(self, engine: Rooms) -> Shape:
        await engine.room_forget(self.room)
        return {}


class RoomEnd(InRoom, frozen=True):
    method: ClassVar[str] = "room.end"

    async def answer(self, engine: Rooms) -> Shape:
        await engine.room_end(self.room)
        return {}


class RoomLink(InRoom, frozen=True):
    method: ClassVar[str] = "room.link"

    async def answer(self, engine: Rooms) -> Shape:
        return {"link": await engine.room_link(self.room)}


class RoomRooms(RoomMethod, frozen=True):
    method: ClassVar[str] = "room.rooms"

    async def answer(self, engine: Rooms) -> Shape:
        return {"rooms": [shown(row) for row in await engine.rooms()]}


class RoomShow(InRoom, frozen=True):
    method: ClassVar[str] = "room.show"

    async def answer(self, engine: Rooms) -> Shape:
        return shown(await engine.room_show(self.room))


class RoomSet(InRoom, frozen=True):
    method: ClassVar[str] = "room.set"
    slow_s: Slow | None = None
    speak: Speak | None = None
    entry: Way | None = None

    async def answer(self, engine: Rooms) -> Shape:
        if self.entry is Way.LINK:  # a key that others have is not taken back into use
            raise WrongParams("entry")
        if self.slow_s is None and self.speak is None and self.entry is None:
            raise WrongParams("slow_s")
        await engine.room_set(self.room, self.slow_s, self.speak, self.entry)
        return {}
