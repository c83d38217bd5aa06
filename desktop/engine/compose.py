"""Transaction 1: a message and what waits to be sent of it, before anything is shown."""

from __future__ import annotations

from sqlcipher3 import Connection

from desktop.core.errors import ConversationUnknown, MessageUnknown, TextMissing, TextTooLong
from desktop.core.events import ConversationChanged, MessageStateChanged
from desktop.core.models import Cause, Kind, State
from desktop.engine.ground import Bell, Said
from desktop.store import chains, contacts, conversations, messages, outbox
from desktop.store.contacts import ContactDevice, KnownContact
from desktop.store.me import Me
from desktop.store.messages import Own, Row
from desktop.store.outbox import Purpose
from protocol import errors
from protocol.e2e import contents
from protocol.e2e.chain import content_hash
from protocol.e2e.contents import Content, Header, Text
from protocol.ids import MESSAGE_ID_BYTES, ConversationId, DeviceId, MessageId
from protocol.keys import Rng


def header(
    db: Connection, me: Me, contact: KnownContact, device: ContactDevice, own: Own
) -> Header:
    """What a content for this device says of itself."""
    return Header(
        message_id=own.message_id,
        conversation=own.conversation_id,
        author=me.member_id,
        author_device=me.device.device_id,
        recipient=contact.member_id,
        recipient_device=device.device_id,
        counter=own.counter,
        previous=own.previous,
        seen=dict(chains.highest(db, own.conversation_id)),
        list_version=me.list_version,
        known_list_version=contact.list_version,
        sent_ms=own.sent_ms,
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

    Raises ConversationUnknown, TextMissing, TextTooLong.
    """
    member = conversations.member(db, conversation_id)
    contact = None if member is None else contacts.find(db, member)
    if contact is None:
        raise ConversationUnknown
    _check(text)
    chain = conversations.own_chain(db, conversation_id)
    own = Own(
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
        head = queue(db, me, contact, device, own, now)
    conversations.extend_own_chain(db, conversation_id, head)
    conversations.save_draft(db, conversation_id, "")
    messages.add(
        db,
        Row(
            conversation_id=conversation_id,
            position=conversations.next_position(db, conversation_id, now),
            message_id=own.message_id,
            kind=Kind.TEXT,
            sender_id=me.member_id,
            device_id=me.device.device_id,
            text=text,
            sent_ms=now,
            came_ms=now,
            state=State.QUEUED,
            mine=True,
            counter=own.counter,
            previous=own.previous,
        ),
    )
    said.events.append(ConversationChanged(conversation_id))
    said.bells.add(Bell.SEAL)
    if contact.gone is not None:
        fail(db, said, conversation_id, own.message_id, Cause(contact.gone))
    return own.message_id


def queue(
    db: Connection,
    me: Me,
    contact: KnownContact,
    device: ContactDevice,
    own: Own,
    now: int,
    *,
    repairs: bytes = b"",
    repaired: int | None = None,
) -> bytes:
    """One of mine for one device, as it was composed; its hash in the chain."""
    encoded = contents.dump(Text(header=header(db, me, contact, device, own), text=own.text))
    outbox.add(
        db,
        own.conversation_id,
        contact.member_id,
        device.device_id,
        Purpose.MESSAGE,
        encoded,
        now,
        message_id=own.message_id,
        repairs=repairs,
        repaired_ms=repaired,
    )
    return content_hash(encoded)


def resend(db: Connection, said: Said, me: Me, message_id: MessageId, now: int) -> None:
    """Queue a failed message again under its id. Raises MessageUnknown."""
    own = messages.own(db, message_id)
    member = None if own is None else conversations.member(db, own.conversation_id)
    contact = None if member is None else contacts.find(db, member)
    if own is None or contact is None or own.state is not State.FAILED:
        raise MessageUnknown
    outbox.drop_message(db, message_id)
    contacts.set_gone(db, contact.member_id, None)
    for device in contacts.devices(db, contact.member_id):
        queue(db, me, contact, device, own, now)
    messages.advance(db, message_id, State.QUEUED)
    said.events.append(MessageStateChanged(own.conversation_id, message_id, State.QUEUED))
    said.bells.add(Bell.SEAL)


def fail(
    db: Connection, said: Said, conversation_id: ConversationId, message_id: MessageId, cause: Cause
) -> None:
    """Nothing more is tried with this message; it is shown as failed, with the reason."""
    outbox.drop_message(db, message_id)
    if messages.advance(db, message_id, State.FAILED, cause=cause):
        changed = MessageStateChanged(conversation_id, message_id, State.FAILED, cause)
        said.events.append(changed)
        said.bells.add(Bell.SETTLED)


def fail_all(db: Connection, said: Said, conversation_id: ConversationId, cause: Cause) -> None:
    """The same with everything that was not delivered in a conversation."""
    for message_id in messages.queued_of(db, conversation_id):
        fail(db, said, conversation_id, message_id, cause)


def _check(text: str) -> None:
    if not text.strip():
        raise TextMissing
    try:
        contents.check_text(text)
    except errors.TextTooLong as exc:
        raise TextTooLong(exc.limit) from exc
