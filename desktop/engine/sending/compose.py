"""Transaction 1: a message and what waits to be sent of it, before anything is shown."""

from __future__ import annotations

from sqlcipher3 import Connection

from desktop.core.errors import (
    ContactBlocked,
    ConversationUnknown,
    MessageUnknown,
    TextMissing,
    TextTooLong,
)
from desktop.core.events import ConversationChanged, MessageStateChanged
from desktop.core.models import Cause, Kind, State
from desktop.core.texts import is_blank
from desktop.engine.ground import Bell, Said
from desktop.store import chains, contacts, conversations, messages, outbox, own
from desktop.store.contacts import ContactDevice, KnownContact
from desktop.store.me import Me
from desktop.store.messages import Row
from desktop.store.outbox import Purpose
from desktop.store.own import Own
from protocol import errors
from protocol.e2e import contents
from protocol.e2e.chain import content_hash
from protocol.e2e.contents import Content, Header, Text
from protocol.ids import MESSAGE_ID_BYTES, ConversationId, DeviceId, MessageId
from protocol.keys import Rng


def header(
    db: Connection, me: Me, contact: KnownContact, device: ContactDevice, mine: Own
) -> Header:
    """What a content for this device says of itself."""
    return Header(
        message_id=mine.message_id,
        conversation=mine.conversation_id,
        author=me.member_id,
        author_device=me.device.device_id,
        recipient=contact.member_id,
        recipient_device=device.device_id,
        counter=mine.counter,
        previous=mine.previous,
        seen=dict(chains.highest(db, mine.conversation_id)),
        list_version=me.list_version,
        known_list_version=contact.list_version,
        sent_ms=mine.sent_ms,
    )


def unnumbered(
    db: Connection, me: Me, contact: KnownContact, device: ContactDevice, now: int, rng: Rng
) -> Header:
    """The header of a content that is no message and stands outside of the chain."""
    return header(
        db,
        me,
        contact,
        device,
        Own(
            message_id=MessageId(rng(MESSAGE_ID_BYTES)),
            conversation_id=contact.conversation_id,
            counter=0,
            previous=b"",
            text="",
            sent_ms=now,
            state=State.QUEUED,
        ),
    )


def tell(
    db: Connection, said: Said, contact: KnownContact, purpose: Purpose, content: Content, now: int
) -> None:
    """Queue a content for the device it names."""
    outbox.add(
        db,
        contact.conversation_id,
        contact.member_id,
        DeviceId(content.header.recipient_device),
        purpose,
        contents.dump(content),
        now,
        message_id=MessageId(content.header.message_id) if purpose.receipted else None,
    )
    said.bells.add(Bell.SEAL)


def compose(
    db: Connection,
    said: Said,
    me: Me,
    conversation_id: ConversationId,
    text: str,
    now: int,
    rng: Rng,
) -> MessageId:
    """Write a message and queue it for each of the contact's devices.

    Raises ConversationUnknown, ContactBlocked, TextMissing, TextTooLong.
    """
    member = conversations.member(db, conversation_id)
    contact = None if member is None else contacts.find(db, member)
    if contact is None:
        raise ConversationUnknown
    if contact.blocked:
        raise ContactBlocked
    check(text)
    chain = conversations.own_chain(db, conversation_id)
    mine = Own(
        message_id=MessageId(rng(MESSAGE_ID_BYTES)),
        conversation_id=conversation_id,
        counter=chain.counter + 1,
        previous=chain.head,
        text=text,
        sent_ms=now,
        state=State.QUEUED,
    )
    head = b""
    for device in contacts.devices(db, contact.member_id):
        head = queue(db, me, contact, device, mine, now)
    conversations.extend_own_chain(db, conversation_id, head)
    conversations.save_draft(db, conversation_id, "")
    messages.add(
        db,
        Row(
            conversation_id=conversation_id,
            position=conversations.next_position(db, conversation_id, now),
            message_id=mine.message_id,
            kind=Kind.TEXT,
            sender_id=me.member_id,
            device_id=me.device.device_id,
            text=text,
            sent_ms=now,
            came_ms=now,
            state=State.QUEUED,
            mine=True,
            counter=mine.counter,
            previous=mine.previous,
        ),
    )
    said.events.append(ConversationChanged(conversation_id))
    said.bells.add(Bell.SEAL)
    if contact.gone is not None:
        fail(db, said, conversation_id, mine.message_id, Cause(contact.gone))
    return mine.message_id


def queue(
    db: Connection,
    me: Me,
    contact: KnownContact,
    device: ContactDevice,
    mine: Own,
    now: int,
    *,
    repairs: bytes = b"",
    repaired: int | None = None,
) -> bytes:
    """One of mine for one device, as it was composed; its hash in the chain."""
    encoded = contents.dump(Text(header=header(db, me, contact, device, mine), text=mine.text))
    outbox.add(
        db,
        mine.conversation_id,
        contact.member_id,
        device.device_id,
        Purpose.MESSAGE,
        encoded,
        now,
        message_id=mine.message_id,
        repairs=repairs,
        repaired_ms=repaired,
    )
    return content_hash(encoded)


def resend(db: Connection, said: Said, me: Me, message_id: MessageId, now: int) -> KnownContact:
    """Queue a failed message again under its id; to whom. Raises MessageUnknown,
    ContactBlocked."""
    failed = own.find(db, message_id)
    member = None if failed is None else conversations.member(db, failed.conversation_id)
    contact = None if member is None else contacts.find(db, member)
    if failed is None or contact is None or failed.state is not State.FAILED:
        raise MessageUnknown
    if contact.blocked:
        raise ContactBlocked
    outbox.drop_message(db, message_id)
    contacts.set_gone(db, contact.member_id, None)
    for device in contacts.devices(db, contact.member_id):
        queue(db, me, contact, device, failed, now)
    own.advance(db, message_id, State.QUEUED)
    said.events.append(MessageStateChanged(failed.conversation_id, message_id, State.QUEUED))
    said.bells.add(Bell.SEAL)
    return contact


def fail(
    db: Connection, said: Said, conversation_id: ConversationId, message_id: MessageId, cause: Cause
) -> None:
    """Nothing more is tried with this message; it is shown as failed, with the reason."""
    outbox.drop_message(db, message_id)
    if own.advance(db, message_id, State.FAILED, cause=cause):
        changed = MessageStateChanged(conversation_id, message_id, State.FAILED, cause)
        said.events.append(changed)


def lose(db: Connection, said: Said, contact: KnownContact, cause: Cause) -> None:
    """Nothing reaches a contact any more: what was not delivered has failed."""
    contacts.set_gone(db, contact.member_id, cause.value)
    for message_id in outbox.messages_to(db, contact.member_id):
        fail(db, said, contact.conversation_id, message_id, cause)


def check(text: str) -> None:
    """Whether it can be sent. Raises TextMissing, TextTooLong."""
    if is_blank(text):
        raise TextMissing
    try:
        contents.check_text(text)
    except errors.TextTooLong as exc:
        raise TextTooLong(exc.limit) from exc
