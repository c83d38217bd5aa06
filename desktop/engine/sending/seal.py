"""Transaction 2: a session's next state and the sealed bytes in one commit, then the wire."""

from __future__ import annotations

import msgspec
from msgspec.structs import replace
from sqlcipher3 import Connection

from desktop.core.models import Cause
from desktop.engine.ground import Bell, Said
from desktop.engine.sending import compose
from desktop.store import contacts, copies, outbox, sealable, sealing_keys, sessions
from desktop.store.contacts import ContactDevice, ContactMailbox
from desktop.store.copies import Copy
from desktop.store.me import Me
from desktop.store.outbox import Entry, Purpose
from desktop.store.sessions import KeptSession
from protocol.e2e import contents, session
from protocol.e2e.contents import Content
from protocol.e2e.envelope import Inside, olm_hash, seal
from protocol.e2e.sealing import SealingKey, sign_sealing_key
from protocol.e2e.sessions import sending_session
from protocol.errors import LocalProtocolError, RemoteProtocolError
from protocol.ids import ENVELOPE_ID_BYTES, EnvelopeId, Fingerprint
from protocol.keys import Rng

BATCH = 32


def seal_some(db: Connection, said: Said, me: Me, now: int, rng: Rng) -> int:
    """Seal the next few entries that can be; how many were handled."""
    found = sealable.sealable(db, BATCH)
    for entry in found.entries:
        _seal_one(db, said, me, entry, now, rng)
    if found.entries:
        said.bells.add(Bell.POST)
        look = copies.next_look(db)
        if look is not None and look <= now:
            said.bells.add(Bell.LOOK)
    if found.without_session:
        said.bells.add(Bell.SESSION)
    return len(found.entries)


def add_copy(
    db: Connection,
    me: Me,
    entry: Entry,
    device: ContactDevice,
    box: ContactMailbox,
    rng: Rng,
    *,
    avoid: Fingerprint | None = None,
) -> bool:
    """An envelope of its own around an entry's Olm bytes, for one mailbox.

    False where nothing can be sealed to the device's key: its entries wait for another key.
    """
    if entry.olm is None:
        raise LocalProtocolError("a copy of what was not sealed")
    inside = Inside(me.device.device_id, entry.olm)
    try:
        envelope = seal(inside, device.device_id, device.sealing_public)
    except RemoteProtocolError:
        contacts.drop_sealing_key(db, device.device_id)
        return False
    envelope_id = EnvelopeId(rng(ENVELOPE_ID_BYTES))
    copies.add(db, Copy(envelope_id, entry.entry, box.relay, box.capability, envelope, avoid=avoid))
    return True


def _seal_one(db: Connection, said: Said, me: Me, entry: Entry, now: int, rng: Rng) -> None:
    device = contacts.device(db, entry.device_id)
    if device is None:
        outbox.drop(db, entry.entry)  # it is on its member's list no more
        if entry.message_id is not None and not outbox.holds(db, entry.message_id):
            compose.fail(db, said, entry.conversation_id, entry.message_id, Cause.CONTACT_GONE)
        return
    boxes = contacts.mailboxes(db, entry.device_id)
    kept = _sending(sessions.with_key(db, entry.device_id, device.olm_key))
    key = sealing_keys.current(db)
    content = _finished(me, entry, device, kept.generation, key)
    state, olm = session.encrypt(kept.state, contents.dump(content))
    sealed = replace(entry, olm=olm)
    if not add_copy(db, me, sealed, device, boxes[0], rng):
        return
    # What had to be asked for did not come by the first mailbox alone; nor may the question.
    repair = entry.purpose is Purpose.REPAIR or entry.repaired_ms is not None
    for box in boxes[1:] if repair else ():
        add_copy(db, me, sealed, device, box, rng)
    following = KeptSession(state, kept.their_olm, kept.generation)
    sessions.save(db, entry.device_id, following, now)
    outbox.sealed(db, entry.entry, olm, olm_hash(me.device.device_id, olm))
    if device.told_sealing_key != key.key_id:
        contacts.told_sealing_key(db, device.device_id, key.key_id)


def _sending(known: list[KeptSession]) -> KeptSession:
    chosen = sending_session(one.known for one in known)
    for one in known:
        if one.state.session_id == chosen:
            return one
    raise LocalProtocolError("an entry was to be sealed without a session")


def _finished(
    me: Me, entry: Entry, device: ContactDevice, generation: int, key: SealingKey
) -> Content:
    """The content as composed, with what is known only now: session, repair, a new sealing key."""
    content = contents.load(entry.content)
    if not isinstance(content, Content):
        raise LocalProtocolError("a content of ours that we do not know")
    header = msgspec.structs.replace(content.header, generation=generation, repairs=entry.repairs)
    if device.told_sealing_key != key.key_id and not isinstance(content, contents.Greeting):
        signed = sign_sealing_key(me.device, key)
        header = msgspec.structs.replace(header, sealing_key=signed)
    return msgspec.structs.replace(content, header=header)
