"""Somebody comes with an invitation that is over: they are told so once, and nothing is kept."""

from __future__ import annotations

import msgspec
from sqlcipher3 import Connection

from desktop.engine.ground import Bell, Said
from desktop.engine.pairing import learn
from desktop.store import copies, outbox, sessions
from desktop.store.copies import Copy
from desktop.store.me import Me
from desktop.store.outbox import Purpose
from desktop.store.sessions import KeptSession
from protocol.e2e import contents, session
from protocol.e2e.contents import Declined, DeclineReason, Greeting
from protocol.e2e.devices import read_list
from protocol.e2e.envelope import Inside, olm_hash, seal
from protocol.e2e.sealing import read_sealing_key
from protocol.errors import BadSignature
from protocol.ids import (
    ENVELOPE_ID_BYTES,
    MESSAGE_ID_BYTES,
    ConversationId,
    DeviceId,
    EnvelopeId,
    MemberId,
)
from protocol.keys import Rng


def decline(
    db: Connection,
    said: Said,
    me: Me,
    sender: DeviceId,
    their_olm: bytes,
    greeting: Greeting,
    now: int,
    rng: Rng,
    *,
    expired: bool,
) -> None:
    """Somebody came too late: they are told so once, and nothing of them is kept.

    Raises BadSignature, RemoteProtocolError.
    """
    member_id = MemberId(greeting.header.author)
    listed = read_list(greeting.device_list, member_id)
    routes = [route for route in greeting.routes if route.device == sender]
    boxes = [box for route in routes for box in learn.mailboxes(db, route)]
    kept = [one for one in sessions.of_device(db, sender) if one.their_olm == their_olm]
    if not boxes or not kept or not any(one.device == sender for one in listed.devices):
        raise BadSignature
    reason = DeclineReason.EXPIRED if expired else DeclineReason.SPENT
    head = msgspec.structs.replace(
        greeting.header,
        message_id=rng(MESSAGE_ID_BYTES),
        author=me.member_id,
        author_device=me.device.device_id,
        recipient=member_id,
        recipient_device=sender,
        list_version=me.list_version,
        known_list_version=listed.version,
        sent_ms=now,
        generation=kept[0].generation,
        sealing_key=None,
        seen={},
    )
    content = contents.dump(Declined(header=head, reason=reason))
    state, olm = session.encrypt(kept[0].state, content)
    sessions.save(db, sender, KeptSession(state, their_olm, kept[0].generation), now)
    entry = outbox.add(
        db, ConversationId(head.conversation), member_id, sender, Purpose.NEWS, content, now
    )
    outbox.sealed(db, entry, olm, olm_hash(me.device.device_id, olm))
    card = read_sealing_key(routes[0].sealing_key, sender)
    envelope = seal(Inside(me.device.device_id, olm), sender, card.public)
    envelope_id = EnvelopeId(rng(ENVELOPE_ID_BYTES))
    copies.add(db, Copy(envelope_id, entry, boxes[0].relay, boxes[0].capability, envelope))
    sessions.end(db, sender)
    said.bells.add(Bell.POST)
