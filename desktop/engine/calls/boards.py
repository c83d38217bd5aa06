"""Questions, votes, reactions, a raised hand and reports: what everybody in a room does."""

from __future__ import annotations

from collections.abc import Sequence

from sqlcipher3 import Connection

from desktop.core.questions import Question, QuestionId, QuestionState
from desktop.core.room_errors import RoomNotAllowed
from desktop.core.room_facade import BoardChanged
from desktop.core.rooms import Role
from desktop.engine.calls.rooms import RoomCalls
from desktop.engine.ground import Said
from desktop.engine.rooms.desk import asking, showing
from desktop.engine.rooms.order import roles
from desktop.store.rooms import board
from desktop.store.rooms.rooms import KeptRoom
from protocol.ids import EntryId, RoomId


class BoardCalls(RoomCalls):
    """Calls about the board and the desk, from their front."""

    async def room_react(self, room_id: RoomId, entry_id: EntryId, sign: str) -> None:
        """See Rooms."""
        now = self._open_now.ground.now()
        await self._sitting(
            room_id, lambda db, said, room: asking.react(db, said, room, entry_id, sign, now)
        )

    async def room_pin(self, room_id: RoomId, entry_id: EntryId | None) -> None:
        """See Rooms."""
        now = self._open_now.ground.now()
        await self._sitting(
            room_id, lambda db, said, room: asking.pin(db, said, room, entry_id, now)
        )

    async def questions(self, room_id: RoomId) -> Sequence[Question]:
        """See Rooms."""
        now = self._open_now.ground.now()
        return await self._in_room(room_id, lambda db, room: showing.questions(db, room, now))

    async def room_ask(self, room_id: RoomId, text: str, nameless: bool) -> QuestionId:
        """See Rooms."""
        now = self._open_now.ground.now()
        return await self._sitting(
            room_id,
            lambda db, said, room: asking.ask(db, said, room, text, now, nameless=nameless),
        )

    async def room_vote(self, room_id: RoomId, question_id: QuestionId) -> None:
        """See Rooms."""
        now = self._open_now.ground.now()
        await self._sitting(
            room_id, lambda db, said, room: asking.vote(db, said, room, question_id, now)
        )

    async def question_star(self, room_id: RoomId, question_id: QuestionId) -> None:
        """See Rooms."""
        now = self._open_now.ground.now()

        def star(db: Connection, said: Said, room: KeptRoom) -> None:
            if roles.role_of(roles.mine(db, room, now)) not in (Role.HOST, Role.MODERATOR):
                raise RoomNotAllowed
            asking.find(db, room, question_id)
            board.star(db, room.row, question_id)
            said.events.append(BoardChanged(room_id))

        await self._sitting(room_id, star)

    async def question_answer(
        self, room_id: RoomId, question_id: QuestionId, text: str = ""
    ) -> None:
        """See Rooms."""
        state = QuestionState.ANSWERED if text else QuestionState.ANSWERING
        await self._move(room_id, question_id, state, text)

    async def question_done(self, room_id: RoomId, question_id: QuestionId) -> None:
        """See Rooms."""
        await self._move(room_id, question_id, QuestionState.ANSWERED)

    async def question_decline(self, room_id: RoomId, question_id: QuestionId, reason: str) -> None:
        """See Rooms."""
        await self._move(room_id, question_id, QuestionState.DECLINED, reason)

    async def room_hand(self, room_id: RoomId, raised: bool) -> None:
        """See Rooms."""
        now = self._open_now.ground.now()
        await self._sitting(
            room_id, lambda db, said, room: asking.hand(db, said, room, now, raised=raised)
        )

    async def room_report(self, room_id: RoomId, entry_id: EntryId, words: str) -> None:
        """See Rooms."""
        now = self._open_now.ground.now()
        await self._sitting(
            room_id, lambda db, said, room: asking.report(db, said, room, entry_id, words, now)
        )

    async def _move(
        self, room_id: RoomId, question_id: QuestionId, state: QuestionState, text: str = ""
    ) -> None:
        now = self._open_now.ground.now()
        await self._sitting(
            room_id,
            lambda db, said, room: asking.move(db, said, room, question_id, state, now, text),
        )
