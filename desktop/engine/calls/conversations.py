"""Conversations, messages, search, and waiting for the outbox."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import trio
from msgspec.structs import replace
from sqlcipher3 import Connection

from desktop.core.errors import ConversationUnknown, MessageUnknown
from desktop.core.events import ConversationChanged
from desktop.core.models import Conversation, Found, Kind, Message
from desktop.engine.calls.contacts import ContactCalls
from desktop.engine.doorbell import Doorbell
from desktop.engine.ground import Bell, Ground, Said
from desktop.engine.pairing import greet
from desktop.engine.sending import compose
from desktop.store import contacts, conversations, history, inbox, messages, own, settings
from protocol.ids import ConversationId, MemberId, MessageId

MOST_LISTED = 1000


class ConversationCalls(ContactCalls):
    """Calls about what is written."""

    async def conversation_list(self) -> Sequence[Conversation]:
        """See Facade."""
        ground = self._open_now.ground
        of = ground.presences.of
        return [replace(one, presence=of(one.contact_id)) for one in await ground.vault.read(_list)]

    async def conversation_read(self, conversation_id: ConversationId, up_to: MessageId) -> None:
        """See Facade."""
        ground = self._open_now.ground
        await ground.do(
            partial(_read, conversation_id=conversation_id, up_to=up_to, now=ground.now())
        )

    async def draft_save(self, conversation_id: ConversationId, text: str) -> None:
        """See Facade."""
        await self._open_now.ground.vault.transact(
            partial(conversations.save_draft, conversation_id=conversation_id, text=text)
        )

    async def message_send(self, conversation_id: ConversationId, text: str) -> MessageId:
        """See Facade."""
        opened = self._open_now
        ground = opened.ground
        message_id = await ground.do(
            lambda db, said: compose.compose(
                db, said, ground.me, conversation_id, text, ground.now(), ground.rng
            )
        )
        opened.fleeting.wrote(conversation_id)
        return message_id

    async def conversation_writing(
        self, conversation_id: ConversationId, stopped: bool = False
    ) -> None:
        """See Facade."""
        self._open_now.fleeting.writing(conversation_id, stopped=stopped)

    async def message_resend(self, message_id: MessageId) -> None:
        """See Facade."""
        ground = self._open_now.ground
        await ground.do(partial(_resend, ground=ground, message_id=message_id))

    async def message_list(
        self,
        conversation_id: ConversationId,
        limit: int = 50,
        before: MessageId | None = None,
        after: MessageId | None = None,
    ) -> Sequence[Message]:
        """See Facade."""
        bounded = max(1, min(limit, MOST_LISTED))
        return await self._open_now.ground.vault.read(
            lambda db: _page(db, conversation_id, bounded, before, after)
        )

    async def message_search(self, words: str, limit: int = 50) -> Sequence[Found]:
        """See Facade."""
        bounded = max(1, min(limit, MOST_LISTED))
        return await self._open_now.ground.vault.read(
            lambda db: _search(db, words.split(), bounded)
        )

    async def outbox_settle(self, timeout_ms: int) -> bool:
        """See Facade."""
        ground, bell = self._open_now.ground, Doorbell()
        unlisten = self.listen(lambda _: bell.ring())
        try:
            with trio.move_on_after(max(0, timeout_ms) / 1000):
                while await ground.vault.read(own.unsettled):
                    await bell.wait()
                return True
        finally:
            unlisten()
        return False


def _resend(db: Connection, said: Said, ground: Ground, message_id: MessageId) -> None:
    now, rng = ground.now(), ground.rng
    contact = compose.resend(db, said, ground.me, message_id, now)
    if contact.pending:
        # They have yet to hear who writes to them.
        greet.greet(db, said, ground.me, contact.member_id, now, rng, reply=False)


def _list(db: Connection) -> list[Conversation]:
    return [
        Conversation(
            conversation_id=line.conversation_id,
            contact_id=line.member_id,
            name=line.name,
            last=history.last(db, line.conversation_id),
            unread=line.unread,
            notes=line.notes,
            draft=line.draft,
            verified=line.verified,
            pending=line.pending,
            blocked=line.blocked,
            aside=line.aside,
        )
        for line in conversations.lines(db)
    ]


def _read(
    db: Connection, said: Said, conversation_id: ConversationId, up_to: MessageId, now: int
) -> None:
    member = _with(db, conversation_id)
    place = _place(db, conversation_id, up_to)
    newly = messages.read_up_to(db, conversation_id, place, now)
    if not newly:
        return
    if settings.load(db).read_receipts:
        for message_id, kind in newly:
            if kind is Kind.TEXT:  # of what the app said itself nobody else knows
                inbox.owe(db, member, message_id, read=True)
        said.bells.add(Bell.RECEIPTS)
    said.events.append(ConversationChanged(conversation_id))


def _page(
    db: Connection,
    conversation_id: ConversationId,
    limit: int,
    before: MessageId | None,
    after: MessageId | None,
) -> list[Message]:
    _with(db, conversation_id)
    if after is not None:
        return history.after(db, conversation_id, _place(db, conversation_id, after), limit)
    place = None if before is None else _place(db, conversation_id, before)
    return history.before(db, conversation_id, place, limit)


def _with(db: Connection, conversation_id: ConversationId) -> MemberId:
    """With whom a conversation is; of one that was removed only the chains are left."""
    member = conversations.member(db, conversation_id)
    if member is None or contacts.find(db, member) is None:
        raise ConversationUnknown
    return member


def _place(db: Connection, conversation_id: ConversationId, message_id: MessageId) -> int:
    place = history.place(db, conversation_id, message_id)
    if place is None:
        raise MessageUnknown
    return place


def _search(db: Connection, words: list[str], limit: int) -> list[Found]:
    names = {one.conversation_id: one.name for one in contacts.every(db)}
    return [
        Found(message, names.get(message.conversation_id, ""))
        for message in history.search(db, words, limit)
    ]
