"""The methods about who sits there, what is done with them, and what waits at the desk."""

from __future__ import annotations

from typing import ClassVar

from desktop.core.desk import DeskId, Verdict
from desktop.core.room_errors import UndoTooLate
from desktop.core.room_facade import Rooms
from desktop.core.room_rights import can_be_given
from desktop.core.rooms import Act, May
from desktop.rpc.method import WrongParams
from desktop.rpc.rooms.method import InRoom, Seconds, entry_of, seat_of
from desktop.rpc.rooms.shapes import shown
from desktop.rpc.shapes import Shape, id_of


class RoomPeople(InRoom, frozen=True):
    method: ClassVar[str] = "room.people"

    async def answer(self, engine: Rooms) -> Shape:
        return {"people": [shown(one) for one in await engine.people(self.room)]}


class RoomAct(InRoom, frozen=True):
    method: ClassVar[str] = "room.act"
    seat_id: str
    action: Act
    seconds: Seconds = 0
    reason: str = ""
    entry_id: str | None = None
    may: tuple[May, ...] | None = None

    async def answer(self, engine: Rooms) -> Shape:
        if (self.action is Act.HIDE) != (self.entry_id is not None):
            raise WrongParams("entry_id")
        if self.action is Act.TIME_OUT and not self.seconds:
            raise WrongParams("seconds")
        if self.may is not None and (
            self.action is not Act.MAKE_MODERATOR or not can_be_given(self.may)
        ):
            raise WrongParams("may")
        about = None if self.entry_id is None else entry_of(self.entry_id)
        undoable = await engine.room_act(
            self.room,
            seat_of(self.seat_id),
            self.action,
            self.seconds,
            self.reason,
            about,
            self.may,
        )
        return {"undo": None if undoable is None else shown(undoable)}


class RoomUndo(InRoom, frozen=True):
    method: ClassVar[str] = "room.undo"
    undo_id: str

    async def answer(self, engine: Rooms) -> Shape:
        if not (self.undo_id.isascii() and self.undo_id.isdigit() and len(self.undo_id) < 20):
            raise UndoTooLate
        await engine.room_undo(self.room, int(self.undo_id))
        return {}


class RoomHand(InRoom, frozen=True):
    method: ClassVar[str] = "room.hand"
    raised: bool = True

    async def answer(self, engine: Rooms) -> Shape:
        await engine.room_hand(self.room, self.raised)
        return {}


class RoomReport(InRoom, frozen=True):
    method: ClassVar[str] = "room.report"
    entry_id: str
    text: str = ""

    async def answer(self, engine: Rooms) -> Shape:
        await engine.room_report(self.room, entry_of(self.entry_id), self.text)
        return {}


class RoomDesk(InRoom, frozen=True):
    method: ClassVar[str] = "room.desk"

    async def answer(self, engine: Rooms) -> Shape:
        return {"items": [shown(one) for one in await engine.desk(self.room)]}


class RoomDeskDone(InRoom, frozen=True):
    method: ClassVar[str] = "room.desk_done"
    desk_id: str
    verdict: Verdict

    async def answer(self, engine: Rooms) -> Shape:
        await engine.desk_done(self.room, DeskId(id_of(self.desk_id)), self.verdict)
        return {}
