"""What has become of one room since it was looked at last, told as events.

Law: each knock makes this read again, and tells what is something else than was told of it before.
It is told at the client's pace: a telling that finds no room waits, and the room is read later.
"""

from __future__ import annotations

from desktop.core.desk import DeskId, DeskItem
from desktop.core.questions import Question, QuestionId
from desktop.core.room_facade import Rooms
from desktop.core.rooms import Person, Room
from desktop.rpc.jsonrpc import Json
from desktop.rpc.rooms.shapes import shown
from desktop.rpc.rooms.stage_reader import StageReader
from desktop.rpc.rooms.telling import Tell, differing
from desktop.rpc.shapes import text_of
from protocol.ids import RoomId, SeatId


class RoomReader:
    """Follows one room, from its beginning or from where :meth:`begin_here` was called."""

    def __init__(self, rooms: Rooms, room_id: RoomId, tell: Tell) -> None:
        self._rooms, self._id, self._tell = rooms, room_id, tell
        self.stage = StageReader(rooms, room_id, tell)
        self._room: Room | None = None
        self._board: dict[QuestionId, Question] = {}
        self._people: dict[SeatId, Person] = {}
        self._desk: dict[DeskId, DeskItem] = {}

    async def begin_here(self, *, inside: bool) -> None:
        """What is there now is known to whoever asks for it, and is not told."""
        await self.stage.begin_here()
        if inside:
            self._room = await self._rooms.room_show(self._id)
            self._board = {one.question_id: one for one in await self._rooms.questions(self._id)}
            self._people = {one.seat_id: one for one in await self._rooms.people(self._id)}
            self._desk = {one.desk_id: one for one in await self._rooms.desk(self._id)}

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

    async def _say(self, event: str, **what: Json) -> None:
        await self._tell({"type": event, "room_id": text_of(self._id), **what})
