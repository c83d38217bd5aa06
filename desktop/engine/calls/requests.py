"""Asides and requests: asking somebody of a room aside, and answering who asks me."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from sqlcipher3 import Connection

from desktop.core.questions import QuestionId
from desktop.core.requests import BridgeCard, Purpose, Request, RequestId
from desktop.core.room_errors import RoomUnknown
from desktop.engine.calls.hosting import HostCalls
from desktop.engine.ground import Said
from desktop.store.rooms import bridges, rooms
from desktop.store.rooms.rooms import KeptRoom
from protocol.ids import ConversationId, EntryId, RoomId


class RequestCalls(HostCalls):
    """Calls about what goes on between two."""

    async def room_aside(
        self, room_id: RoomId, entry_id: EntryId, words: str, purpose: Purpose, word: str = ""
    ) -> None:
        """See Rooms."""
        from desktop.engine.rooms.asides import requesting  # noqa: PLC0415 - not needed for the list

        await self._ask(
            room_id,
            partial(
                requesting.about_entry,
                ground=self._open_now.ground,
                entry_id=entry_id,
                words=words,
                purpose=purpose,
                word=word,
            ),
        )

    async def question_aside(
        self, room_id: RoomId, question_id: QuestionId, words: str, purpose: Purpose, word: str = ""
    ) -> None:
        """See Rooms."""
        from desktop.engine.rooms.asides import requesting  # noqa: PLC0415

        await self._ask(
            room_id,
            partial(
                requesting.about_question,
                ground=self._open_now.ground,
                question_id=question_id,
                words=words,
                purpose=purpose,
                word=word,
            ),
        )

    async def room_invite_askers(self, room_id: RoomId, words: str) -> int:
        """See Rooms."""
        from desktop.engine.rooms.asides import requesting  # noqa: PLC0415

        ground = self._open_now.ground

        def invite(db: Connection, said: Said) -> int:
            return requesting.invite_askers(db, said, _room(db, room_id), ground, words)

        return await ground.do(invite)

    async def requests(self) -> Sequence[Request]:
        """See Rooms."""
        from desktop.engine.rooms.asides import answering  # noqa: PLC0415

        ground = self._open_now.ground
        return await ground.vault.read(partial(answering.shown, ground=ground))

    async def request_accept(self, request_id: RequestId) -> ConversationId | None:
        """See Rooms."""
        from desktop.engine.rooms.asides import answering  # noqa: PLC0415

        opened = self._open_now
        return await answering.accept(opened.ground, opened.keepers, request_id)

    async def request_decline(self, request_id: RequestId) -> None:
        """See Rooms."""
        from desktop.engine.rooms.asides import answering  # noqa: PLC0415

        await self._open_now.ground.do(partial(answering.decline, request_id=request_id))

    async def request_block(self, request_id: RequestId) -> None:
        """See Rooms."""
        from desktop.engine.rooms.asides import answering  # noqa: PLC0415

        await self._open_now.ground.do(partial(answering.block, request_id=request_id))

    async def bridge_card(self, conversation_id: ConversationId) -> BridgeCard | None:
        """See Rooms."""
        return await self._open_now.ground.vault.read(
            partial(bridges.shown, conversation_id=conversation_id)
        )

    async def _ask(self, room_id: RoomId, ask: Callable[[Connection, Said, KeptRoom], int]) -> None:
        from desktop.engine.rooms.asides import awaiting  # noqa: PLC0415

        opened = self._open_now
        row = await opened.ground.do(lambda db, said: ask(db, said, _room(db, room_id)))
        if opened.rooms.line_of(room_id) is not None:
            await awaiting.wait_left(opened.ground, row)


def _room(db: Connection, room_id: RoomId) -> KeptRoom:
    room = rooms.find(db, room_id)
    if room is None:
        raise RoomUnknown
    return room
