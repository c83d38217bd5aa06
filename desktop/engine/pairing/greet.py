"""Greetings: how two members become contacts, and how each learns where the other collects.

A greeting carries a capability made for this one contact; it leaves only when the relay knows
that capability (see ``outbox.unsealed``).
"""

from __future__ import annotations

from sqlcipher3 import Connection

from desktop.core.events import ContactAdded, ContactChanged, ConversationChanged
from desktop.core.models import Cause, Contact, Presence
from desktop.engine.ground import Bell, Said
from desktop.engine.pairing import learn
from desktop.engine.receiving.arrive import notice
from desktop.engine.sending import compose
from desktop.engine.sending.seal import add_copy
from desktop.engine.timings import Timings
from desktop.store import (
    capabilities,
    contacts,
    conversations,
    copies,
    outbox,
    relays,
    sealing_keys,
)
from desktop.store.contacts import KnownContact
from desktop.store.me import Me
from desktop.store.outbox import Purpose
from protocol.e2e import contents, names
from protocol.e2e.contents import (
    Greeting,
    MailboxRoute,
    Route,
    conversation_of,
)
from protocol.e2e.devices import SignedDeviceList, read_list
from protocol.e2e.safety import safety_number
from protocol.e2e.sealing import sign_sealing_key
from protocol.errors import BadSignature
from protocol.ids import (
    DeviceId,
    MemberId,
    MessageId,
)
from protocol.keys import Rng, Secret


def greet(
    db: Connection,
    said: Said,
    me: Me,
    member_id: MemberId,
    now: int,
    rng: Rng,
    *,
    reply: bool,
) -> None:
    """Queue a greeting to each device of a contact, with a way back for this contact alone.

    One that still waits to be sealed gives way to it: it would say less.
    """
    said.bells.add(Bell.PUBLISH)
    contact = contacts.find(db, member_id)
    if contact is None or contact.blocked:
        return
    routes = _routes(db, said, me, member_id, rng)
    for device in contacts.devices(db, member_id):
        greeting = Greeting(
            header=compose.unnumbered(db, me, contact, device, now, rng),
            name=me.name,
            device_list=me.device_list,
            routes=routes,
            reply=reply,
        )
        message_id = MessageId(greeting.header.message_id)
        encoded = contents.dump(greeting)
        if not outbox.replace_greeting(db, device.device_id, encoded, message_id):
            compose.tell(db, said, contact, Purpose.GREETING, greeting, now)


def _routes(db: Connection, said: Said, me: Me, member_id: MemberId, rng: Rng) -> tuple[Route, ...]:
    """My mailboxes, each with the capability of this contact."""
    given = {one.relay_id: one for one in capabilities.of_member(db, member_id)}
    boxes: list[MailboxRoute] = []
    for relay in relays.every(db):
        if not relay.ready:
            continue
        if relay.relay_id not in given:
            given[relay.relay_id] = capabilities.give(
                db, relay.relay_id, Secret(rng(32)), to=member_id
            )
            said.bells.add(Bell.TELL)
        boxes.append(
            MailboxRoute(
                relay=str(relay.address),
                capability=given[relay.relay_id].secret,
                drawer_key=relay.drawer_key,
            )
        )
    signed = sign_sealing_key(me.device, sealing_keys.current(db))
    return (Route(device=me.device.device_id, mailboxes=tuple(boxes), sealing_key=signed),)


def add_contact(
    db: Connection,
    said: Said,
    me: Me,
    name: str,
    signed: SignedDeviceList,
    member_id: MemberId,
    now: int,
    *,
    pending: bool,
) -> KnownContact:
    """A new contact, whose device list has been read."""
    contact = KnownContact(
        member_id=member_id,
        name=names.clean(name) or "?",
        renamed=False,
        conversation_id=conversation_of(me.member_id, member_id),
        device_list=signed,
        list_version=read_list(signed, member_id).version,
        pending=pending,
        verified_ms=None,
        gone=None,
    )
    contacts.add(db, contact, now)
    conversations.add(db, contact.conversation_id, member_id, now)
    said.events.append(ContactAdded(shown(me, contact)))
    return contact


def shown(me: Me, contact: KnownContact, presence: Presence = Presence.UNKNOWN) -> Contact:
    """A contact as clients see it."""
    return Contact(
        contact_id=contact.member_id,
        name=contact.name,
        conversation_id=contact.conversation_id,
        verified=contact.verified_ms is not None,
        pending=contact.pending,
        safety_number=safety_number(me.member_id, contact.member_id),
        blocked=contact.blocked,
        presence=presence,
    )


def heard_from_contact(
    db: Connection,
    said: Said,
    me: Me,
    contact: KnownContact,
    greeting: Greeting,
    timings: Timings,
    now: int,
    rng: Rng,
) -> None:
    """A contact greets: the answer to mine, news of where they collect, or they began anew."""
    learn.learn(db, contact.member_id, greeting)
    contacts.rename(db, contact.member_id, names.clean(greeting.name) or contact.name, by_me=False)
    contacts.set_answered(db, contact.member_id)
    if contact.pending:
        notice(db, said, contact, Cause.BECAME_CONTACTS, now, rng)
    _reroute(db, me, contact, rng)
    span = int(timings.answer_again * 1000)
    if not greeting.reply and contacts.may_answer(db, contact.member_id, now, span):
        greet(db, said, me, contact.member_id, now, rng, reply=True)
    said.events.append(ContactChanged(contact.member_id))
    said.events.append(ConversationChanged(contact.conversation_id))
    said.bells |= {Bell.SEAL, Bell.POST, Bell.PUBLISH, Bell.WATCH}


def _reroute(db: Connection, me: Me, contact: KnownContact, rng: Rng) -> None:
    """What no relay has yet goes where they collect now, and what only relays have where they do
    not collect any more goes there too: the same bytes."""
    for device in contacts.devices(db, contact.member_id):
        for box in contacts.mailboxes(db, device.device_id)[:1]:
            copies.reroute(db, device.device_id, box.relay, box.capability)
            for entry in copies.stranded(db, device.device_id):
                add_copy(db, me, entry, device, box, rng)


def heard_from_stranger(
    db: Connection,
    said: Said,
    me: Me,
    sender: DeviceId,
    their_olm: bytes,
    greeting: Greeting,
    now: int,
    rng: Rng,
) -> KnownContact:
    """Somebody came with an invitation: they become a contact, and are greeted back.

    Raises BadSignature, RemoteProtocolError where the greeting does not prove who it is from.
    """
    member_id = MemberId(greeting.header.author)
    listed = read_list(greeting.device_list, member_id)
    if not learn.names(listed, sender, their_olm):
        raise BadSignature
    contact = add_contact(
        db, said, me, greeting.name, greeting.device_list, member_id, now, pending=False
    )
    learn.learn(db, member_id, greeting)
    notice(db, said, contact, Cause.BECAME_CONTACTS, now, rng)
    greet(db, said, me, member_id, now, rng, reply=True)
    return contact
