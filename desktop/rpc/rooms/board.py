"""The methods about a room's questions."""

from __future__ import annotations

from typing import ClassVar

from desktop.core.questions import QuestionId
from desktop.core.room_facade import Rooms
from desktop.rpc.rooms.method import InRoom
from desktop.rpc.rooms.shapes import shown
from desktop.rpc.shapes import Shape, id_of, text_of


class RoomAsk(InRoom, frozen=True):
    method: ClassVar[str] = "room.ask"
    text: str
    anonymous: bool = False

    async def answer(self, engine: Rooms) -> Shape:
        asked = await engine.room_ask(self.room, self.text, self.anonymous)
        return {"question_id": text_of(asked)}


class RoomQuestions(InRoom, frozen=True):
    method: ClassVar[str] = "room.questions"

    async def answer(self, engine: Rooms) -> Shape:
        return {"questions": [shown(one) for one in await engine.questions(self.room)]}


class OfQuestion(InRoom, frozen=True):
    """A call that names a question."""

    question_id: str

    @property
    def question(self) -> QuestionId:
        return QuestionId(id_of(self.question_id))


class RoomVote(OfQuestion, frozen=True):
    method: ClassVar[str] = "room.vote"

    async def answer(self, engine: Rooms) -> Shape:
        await engine.room_vote(self.room, self.question)
        return {}


class RoomStar(OfQuestion, frozen=True):
    method: ClassVar[str] = "room.star"

    async def answer(self, engine: Rooms) -> Shape:
        await engine.question_star(self.room, self.question)
        return {}


class RoomAnswer(OfQuestion, frozen=True):
    method: ClassVar[str] = "room.answer"
    text: str = ""

    async def answer(self, engine: Rooms) -> Shape:
        await engine.question_answer(self.room, self.question, self.text)
        return {}


class RoomDone(OfQuestion, frozen=True):
    method: ClassVar[str] = "room.done"

    async def answer(self, engine: Rooms) -> Shape:
        await engine.question_done(self.room, self.question)
        return {}


class RoomDecline(OfQuestion, frozen=True):
    method: ClassVar[str] = "room.decline"
    reason: str = ""

    async def answer(self, engine: Rooms) -> Shape:
        await engine.question_decline(self.room, self.question, self.reason)
        return {}
