"""The contract: each method is one class with its name, its parameters, and what it answers.

Parameters go by name; the types bound them; names that are not known are ignored (law 10). An id
that is none of ours is not malformed: it is unknown, which the engine says by its own error.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, ClassVar

from msgspec import Meta

from desktop.core.facade import Facade
from desktop.core.models import Kind, Message
from desktop.rpc.method import Lane, Method, Time, Words, WrongParams
from desktop.rpc.relay_methods import (
    ProxySet,
    ProxyShow,
    RelayAdd,
    RelayList,
    RelayMove,
    RelayOrder,
    RelayPractices,
    RelayRemove,
)
from desktop.rpc.shapes import Shape, id_of, shown, text_of
from protocol.ids import ConversationId, MemberId, MessageId


class ProfileCreate(Method, frozen=True):
    method: ClassVar[str] = "profile.create"
    name: Words
    passphrase: Words

    async def answer(self, engine: Facade) -> Shape:
        return shown(await engine.profile_create(self.name, self.passphrase))


class ProfileUnlock(Method, frozen=True):
    method: ClassVar[str] = "profile.unlock"
    passphrase: Words

    async def answer(self, engine: Facade) -> Shape:
        return shown(await engine.profile_unlock(self.passphrase))


class ProfileLock(Method, frozen=True):
    method: ClassVar[str] = "profile.lock"

    async def answer(self, engine: Facade) -> Shape:
        await engine.profile_lock()
        return {}


class ProfileShow(Method, frozen=True):
    method: ClassVar[str] = "profile.show"

    async def answer(self, engine: Facade) -> Shape:
        return shown(await engine.profile_show())


class ProfileChangePassphrase(Method, frozen=True):
    method: ClassVar[str] = "profile.change_passphrase"
    old: Words
    new: Words

    async def answer(self, engine: Facade) -> Shape:
        await engine.profile_change_passphrase(self.old, self.new)
        return {}


class ContactInvite(Method, frozen=True):
    method: ClassVar[str] = "contact.invite"
    uses: Annotated[int, Meta(ge=1, le=100)] = 1
    expires_ms: Time | None = None
    note: Words = ""
    join: bool = False

    async def answer(self, engine: Facade) -> Shape:
        link = await engine.contact_invite(self.uses, self.expires_ms, self.note, self.join)
        return {"link": link}


class ContactAccept(Method, frozen=True):
    method: ClassVar[str] = "contact.accept"
    link: Words
    greeting: str = ""

    async def answer(self, engine: Facade) -> Shape:
        accepted = await engine.contact_accept(self.link, self.greeting)
        return {
            "contact_id": text_of(accepted.contact_id),
            "conversation_id": text_of(accepted.conversation_id),
        }


class ContactList(Method, frozen=True):
    method: ClassVar[str] = "contact.list"

    async def answer(self, engine: Facade) -> Shape:
        return {"contacts": [shown(contact) for contact in await engine.contact_list()]}


class ContactShow(Method, frozen=True):
    method: ClassVar[str] = "contact.show"
    contact_id: str

    async def answer(self, engine: Facade) -> Shape:
        return shown(await engine.contact_show(MemberId(id_of(self.contact_id))))


class ContactRename(Method, frozen=True):
    method: ClassVar[str] = "contact.rename"
    contact_id: str
    name: Words

    async def answer(self, engine: Facade) -> Shape:
        await engine.contact_rename(MemberId(id_of(self.contact_id)), self.name)
        return {}


class ContactRemove(Method, frozen=True):
    method: ClassVar[str] = "contact.remove"
    contact_id: str

    async def answer(self, engine: Facade) -> Shape:
        await engine.contact_remove(MemberId(id_of(self.contact_id)))
        return {}


class ContactBlock(Method, frozen=True):
    method: ClassVar[str] = "contact.block"
    contact_id: str

    async def answer(self, engine: Facade) -> Shape:
        await engine.contact_block(MemberId(id_of(self.contact_id)))
        return {}


class ContactUnblock(Method, frozen=True):
    method: ClassVar[str] = "contact.unblock"
    contact_id: str

    async def answer(self, engine: Facade) -> Shape:
        await engine.contact_unblock(MemberId(id_of(self.contact_id)))
        return {}


class ConversationList(Method, frozen=True):
    method: ClassVar[str] = "conversation.list"

    async def answer(self, engine: Facade) -> Shape:
        rows: list[Shape] = []
        for row in await engine.conversation_list():
            last = row.last
            if last is not None and last.kind is Kind.NOTICE:
                said = await _messages(engine, row.conversation_id, 1, None)
                last = said[0] if said else None
            rows.append(shown(row) | {"last": None if last is None else shown(last)})
        return {"conversations": rows}


class ConversationRead(Method, frozen=True):
    method: ClassVar[str] = "conversation.read"
    conversation_id: str
    up_to: str

    async def answer(self, engine: Facade) -> Shape:
        await engine.conversation_read(
            ConversationId(id_of(self.conversation_id)), MessageId(id_of(self.up_to))
        )
        return {}


class MessageSend(Method, frozen=True):
    method: ClassVar[str] = "message.send"
    lane: ClassVar[Lane] = Lane.ONE_BY_ONE
    conversation_id: str
    text: str

    async def answer(self, engine: Facade) -> Shape:
        sent = await engine.message_send(ConversationId(id_of(self.conversation_id)), self.text)
        return {"message_id": text_of(sent)}


class MessageList(Method, frozen=True):
    method: ClassVar[str] = "message.list"
    conversation_id: str
    limit: Annotated[int, Meta(ge=1, le=1000)] = 50
    before: str | None = None

    async def answer(self, engine: Facade) -> Shape:
        before = None if self.before is None else MessageId(id_of(self.before))
        where = ConversationId(id_of(self.conversation_id))
        said = await _messages(engine, where, self.limit, before)
        return {"messages": [shown(message) for message in said]}


class PresenceSet(Method, frozen=True):
    method: ClassVar[str] = "presence.set"
    on: bool | None = None
    typing: bool | None = None

    async def answer(self, engine: Facade) -> Shape:
        if self.on is None and self.typing is None:
            raise WrongParams("on")
        await engine.presence_set(self.on, self.typing)
        kept = await engine.settings()
        return {"on": kept.presence, "typing": kept.typing}


class ConversationWriting(Method, frozen=True):
    method: ClassVar[str] = "conversation.writing"
    conversation_id: str
    stopped: bool = False

    async def answer(self, engine: Facade) -> Shape:
        where = ConversationId(id_of(self.conversation_id))
        await engine.conversation_writing(where, stopped=self.stopped)
        return {}


class OutboxSettle(Method, frozen=True):
    method: ClassVar[str] = "outbox.settle"
    lane: ClassVar[Lane] = Lane.BEHIND
    timeout_ms: Annotated[int, Meta(ge=0, le=24 * 3600 * 1000)]

    async def answer(self, engine: Facade) -> Shape:
        return {"settled": await engine.outbox_settle(self.timeout_ms)}


async def _messages(
    engine: Facade, where: ConversationId, limit: int, before: MessageId | None
) -> Sequence[Message]:
    """What people said; what the app itself noted between it is for the window only."""
    found: list[Message] = []
    while len(found) < limit:
        rows = await engine.message_list(where, limit, before)
        found = [row for row in rows if row.kind is not Kind.NOTICE] + found
        if len(rows) < limit:
            break
        before = rows[0].message_id
    return found[-limit:]


METHODS: dict[str, type[Method]] = {
    cls.method: cls
    for cls in (
        ProfileCreate,
        ProfileUnlock,
        ProfileLock,
        ProfileShow,
        ProfileChangePassphrase,
        RelayAdd,
        RelayList,
        RelayOrder,
        RelayMove,
        RelayRemove,
        RelayPractices,
        ProxyShow,
        ProxySet,
        ContactInvite,
        ContactAccept,
        ContactList,
        ContactShow,
        ContactRename,
        ContactRemove,
        ContactBlock,
        ContactUnblock,
        ConversationList,
        ConversationRead,
        ConversationWriting,
        MessageSend,
        MessageList,
        OutboxSettle,
        PresenceSet,
    )
}
