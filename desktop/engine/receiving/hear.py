"""What each kind of content does once it was opened and its author is known."""

from __future__ import annotations

from msgspec import Struct
from sqlcipher3 import Connection

from desktop.core.events import ContactChanged, ConversationChanged, MessageStateChanged
from desktop.core.models import Cause, State
from desktop.engine.ground import Bell, Said
from desktop.engine.pairing import greet, learn
from desktop.engine.pairing.decline import decline
from desktop.engine.presence import slot_news
from desktop.engine.receiving import arrive, repair
from desktop.engine.rooms.asides import arrived
from desktop.engine.sending import compose
from desktop.engine.timings import Timings
from desktop.store import capabilities, contacts, outbox, own
from desktop.store.capabilities import Given
from desktop.store.contacts import ContactDevice, KnownContact
from desktop.store.me import Me
from protocol.e2e import names
from protocol.e2e.blame import speaks_truly
from protocol.e2e.chain import content_hash
from protocol.e2e.contents import (
    Content,
    Declined,
    Fleeting,
    Greeting,
    Heard,
    Profile,
    Receipt,
    RepairAnswer,
    RepairAsk,
    Text,
    conversation_of,
)
from protocol.e2e.sealing import read_sealing_key
from protocol.errors import RemoteProtocolError
from protocol.ids import DeviceId, MemberId, MessageId
from protocol.keys import Rng


class Words(Struct, frozen=True):
    """An opened content with all that came with it."""

    me: Me
    given: Given | None
    sender: DeviceId
    sender_known: bool  # before this content
    their_olm: bytes
    content: Heard
    plain: bytes
    timings: Timings
    now: int
    rng: Rng


class Inconsistent(Exception):
    """A header that does not name the session's two ends, or not the conversation of the two."""


class Unwanted(Exception):
    """Somebody who was blocked comes on another device, with an invitation. Not even told so."""


class Newer(Exception):
    """A content that only a newer version understands."""


def message_id(content: Heard) -> MessageId | None:
    """The id its author waits to hear of."""
    if isinstance(content, (Text, Greeting)):
        return MessageId(content.header.message_id)
    return None


def hear(db: Connection, said: Said, words: Words, contact: KnownContact | None) -> bool:
    """Do what a content says; whether a receipt is owed for it.

    ``contact`` is None for a stranger. Raises Unwanted, Inconsistent, Newer, BadSignature,
    RemoteProtocolError where it does not hold together.
    """
    content = words.content
    _check(words, contact)
    if contact is None:
        return _stranger(db, said, words)
    if not isinstance(content, Content):
        raise Newer
    if not words.sender_known:
        learn.check_newcomer(contact, words.sender, words.their_olm, content)
    _newer_sealing_key(db, words, contact)
    return _contact(db, said, words, contact, content)


def _check(words: Words, contact: KnownContact | None) -> None:
    head, me = words.content.header, words.me
    author = MemberId(head.author) if contact is None else contact.member_id
    if not speaks_truly(head, words.sender, author, me.device.device_id, me.member_id):
        raise Inconsistent
    if head.conversation != conversation_of(author, me.member_id):
        raise Inconsistent


def _contact(
    db: Connection, said: Said, words: Words, contact: KnownContact, content: Content
) -> bool:
    now, rng = words.now, words.rng
    match content:
        case Text():
            if content.header.counter < 1:
                raise RemoteProtocolError("a text outside of the chain")
            return arrive.text(
                db, said, contact, content, content_hash(words.plain), words.timings, now, rng
            )
        case Greeting():
            if _led(db, said, words, contact) or contact.pending:
                _used(db, said, words)  # each came with the other's link, or from a room
            greet.heard_from_contact(db, said, words.me, contact, content, words.timings, now, rng)
            return True
        case Receipt():
            _receipt(db, said, words, contact, content)
        case RepairAsk():
            repair.answer(
                db, said, words.me, contact, words.sender, content, words.timings, now, rng
            )
        case RepairAnswer():
            repair.heard_answer(db, said, contact, content, now)
        case Declined():
            if contact.pending:
                compose.lose(db, said, contact, Cause.INVITATION_SPENT)
                outbox.drop_for(db, contact.member_id)
                said.events.append(ContactChanged(contact.member_id))
        case Fleeting():
            slot_news.hear(db, said, content)
        case Profile():
            contacts.rename(
                db, contact.member_id, names.clean(content.name) or contact.name, by_me=False
            )
            said.events.append(ContactChanged(contact.member_id))
        case _:
            raise RemoteProtocolError("a content without a meaning")
    return False


def _receipt(
    db: Connection, said: Said, words: Words, contact: KnownContact, receipt: Receipt
) -> None:
    for raw, state in [
        *((one, State.DELIVERED) for one in receipt.delivered),
        *((one, State.READ) for one in receipt.read),
    ]:
        message = MessageId(raw)
        sent = own.find(db, message)
        if sent is not None and sent.conversation_id != contact.conversation_id:
            continue  # nobody speaks for another conversation
        outbox.delivered(db, words.sender, message)
        read_ms = words.now if state is State.READ else None
        if sent is not None and own.advance(db, message, state, read_ms=read_ms):
            said.events.append(MessageStateChanged(sent.conversation_id, message, state))
            said.events.append(ConversationChanged(sent.conversation_id))


def _stranger(db: Connection, said: Said, words: Words) -> bool:
    """With an invitation one may greet, nothing else."""
    greeting = words.content
    if not isinstance(greeting, Greeting) or words.given is None or words.given.invitation is None:
        raise RemoteProtocolError("a stranger who does not greet")
    if contacts.is_blocked(db, MemberId(greeting.header.author)):
        raise Unwanted
    invitation = capabilities.invitation(db, words.given.invitation)
    if invitation is None or invitation.uses_left < 1 or invitation.expires_ms < words.now:
        expired = invitation is not None and invitation.expires_ms < words.now
        decline(
            db,
            said,
            words.me,
            words.sender,
            words.their_olm,
            greeting,
            words.now,
            words.rng,
            expired=expired,
        )
        return False
    contact = greet.heard_from_stranger(
        db, said, words.me, words.sender, words.their_olm, greeting, words.now, words.rng
    )
    _used(db, said, words)
    _led(db, said, words, contact)
    return True


def _used(db: Connection, said: Said, words: Words) -> None:
    """One more came with a link; the last one shuts it."""
    given = words.given
    if given is None or given.invitation is None:
        return
    if capabilities.use(db, given.invitation) == 0:
        capabilities.take_back(db, given.hash)
        said.bells.add(Bell.TELL)


def _led(db: Connection, said: Said, words: Words, contact: KnownContact) -> bool:
    """Whether the link was the answer to somebody in a room. Who waited for them by the request is
    led there by it; whoever was told that they would come later is told now."""
    given = words.given
    if given is None or given.invitation is None:
        return False
    since_ms = arrived.came(db, said, given.invitation, contact.conversation_id)
    if since_ms is None:
        return False
    if words.now - since_ms >= int(words.timings.patience * 1000):
        arrive.went_aside(db, said, contact, words.now, words.rng)
    return True


def _newer_sealing_key(db: Connection, words: Words, contact: KnownContact) -> None:
    signed = words.content.header.sealing_key
    if signed is None:
        return
    card = read_sealing_key(signed, words.sender)
    device = ContactDevice(
        words.sender, contact.member_id, words.their_olm, card.public, card.made_ms, None, None
    )
    contacts.put_device(db, device)
