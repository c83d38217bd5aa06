"""Blocking a contact, and unblocking them. Nobody is told of either.

Blocked: the relays are told to take nothing more by what this contact was given, and until they
know, what comes is thrown away unopened. Nothing goes to them either: no receipt and no repair
that would tell that somebody is here, no news of where this device collects. What was on its way
has failed, and says why.

Unblocked: a greeting, sealed in the session that was there all along, brings them new capabilities.
They answer with where they collect by now. What they wrote meanwhile and still hold is asked for.
"""

from __future__ import annotations

from sqlcipher3 import Connection

from desktop.core.errors import ContactUnknown
from desktop.core.events import ContactChanged, ConversationChanged
from desktop.core.models import Cause
from desktop.engine.ground import Bell, Ground, Said
from desktop.engine.pairing import greet
from desktop.engine.sending import compose
from desktop.store import capabilities, contacts, inbox, outbox, slots, wishes
from desktop.store.contacts import KnownContact
from protocol.ids import MemberId


def block(db: Connection, said: Said, member: MemberId, now: int) -> None:
    """Take nothing more of them. Raises ContactUnknown."""
    contact = _known(db, member)
    if contact.blocked:
        return
    contacts.set_blocked(db, member, now)
    capabilities.take_back_from(db, member)
    for message_id in outbox.messages_to(db, member):
        compose.fail(db, said, contact.conversation_id, message_id, Cause.BLOCKED)
    outbox.drop_for(db, member)
    inbox.owe_nothing(db, member)
    wishes.drop_of(db, member)
    slots.drop_own(db, member)
    _changed(said, contact)


def unblock(db: Connection, said: Said, ground: Ground, member: MemberId) -> None:
    """Take what they send again, and let them know where. Raises ContactUnknown."""
    contact = _known(db, member)
    if not contact.blocked:
        return
    contacts.set_blocked(db, member, None)
    contacts.set_gone(db, member, None)
    greet.greet(db, said, ground.me, member, ground.now(), ground.rng, reply=False)
    _changed(said, contact)


def _known(db: Connection, member: MemberId) -> KnownContact:
    contact = contacts.find(db, member)
    if contact is None:
        raise ContactUnknown
    return contact


def _changed(said: Said, contact: KnownContact) -> None:
    said.events += [
        ContactChanged(contact.member_id),
        ConversationChanged(contact.conversation_id),
    ]
    said.bells |= {Bell.TELL, Bell.PUBLISH, Bell.WATCH}
