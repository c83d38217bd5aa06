"""The methods about asides and requests."""

from __future__ import annotations

from typing import ClassVar

from desktop.core.questions import QuestionId
from desktop.core.requests import Purpose, RequestId
from desktop.core.room_facade import Rooms
from desktop.rpc.method import Words, WrongParams
from desktop.rpc.rooms.method import InRoom, RoomMethod, entry_of
from desktop.rpc.rooms.shapes import shown
from desktop.rpc.shapes import Shape, id_of, text_of
from protocol.ids import ConversationId


class AsideMethod(InRoom, frozen=True, kw_only=True):
    """First words to somebody of a room, and what they are for."""

    text: str = ""
    purpose: Purpose = Purpose.SUPPORT
    word: Words = ""

    @property
    def why(self) -> tuple[Purpose, str]:
        """A word of one's own is a purpose of one's own. Raises WrongParams."""
        if self.purpose is Purpose.OWN and not self.word:
            raise WrongParams("word")
        return (Purpose.OWN, self.word) if self.word else (self.purpose, "")


class RoomAside(AsideMethod, frozen=True, kw_only=True):
    method: ClassVar[str] = "room.aside"
    entry_id: str

    async def answer(self, engine: Rooms) -> Shape:
        await engine.room_aside(self.room, entry_of(self.entry_id), self.text, *self.why)
        return {}


class RoomAsideQuestion(AsideMethod, frozen=True, kw_only=True):
    method: ClassVar[str] = "room.aside_question"
    question_id: str

    async def answer(self, engine: Rooms) -> Shape:
        question = QuestionId(id_of(self.question_id))
        await engine.question_aside(self.room, question, self.text, *self.why)
        return {}


class RoomInviteAskers(InRoom, frozen=True):
    method: ClassVar[str] = "room.invite_askers"
    text: str = ""

    async def answer(self, engine: Rooms) -> Shape:
        return {"invited": await engine.room_invite_askers(self.room, self.text)}


class RequestList(RoomMethod, frozen=True):
    method: ClassVar[str] = "request.list"

    async def answer(self, engine: Rooms) -> Shape:
        return {"requests": [shown(one) for one in await engine.requests()]}


class OfRequest(RoomMethod, frozen=True):
    """A call that names a request."""

    request_id: str

    @property
    def request(self) -> RequestId:
        return RequestId(id_of(self.request_id))


class RequestAccept(OfRequest, frozen=True):
    method: ClassVar[str] = "request.accept"

    async def answer(self, engine: Rooms) -> Shape:
        opened = await engine.request_accept(self.request)
        return {"conversation_id": None if opened is None else text_of(opened)}


class RequestDecline(OfRequest, frozen=True):
    method: ClassVar[str] = "request.decline"

    async def answer(self, engine: Rooms) -> Shape:
        await engine.request_decline(self.request)
        return {}


class RequestBlock(OfRequest, frozen=True):
    method: ClassVar[str] = "request.block"

    async def answer(self, engine: Rooms) -> Shape:
        await engine.request_block(self.request)
        return {}


class ConversationCard(RoomMethod, frozen=True):
    method: ClassVar[str] = "conversation.card"
    conversation_id: str

    async def answer(self, engine: Rooms) -> Shape:
        card = await engine.bridge_card(ConversationId(id_of(self.conversation_id)))
        return {"card": None if card is None else shown(card)}
