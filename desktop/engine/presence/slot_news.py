"""Telling contacts where presence stands and what opens signals, and hearing it of theirs."""

from __future__ import annotations

from sqlcipher3 import Connection

from desktop.core.nearness import nearness
from desktop.engine.ground import Bell, Ground, Said
from desktop.engine.lines import nearby
from desktop.engine.sending import compose
from desktop.store import contacts, relays, sessions, settings, slots
from desktop.store.contacts import KnownContact
from desktop.store.outbox import Purpose
from desktop.store.slots import OwnSlot
from protocol.e2e.contents import Fleeting, Slot
from protocol.errors import MalformedLink
from protocol.ids import DeviceId
from protocol.keys import Secret
from protocol.wire.address import parse_address
from protocol.wire.slots import watch_of


def tell_some(db: Connection, said: Said, ground: Ground) -> None:
    """Whoever has yet to be told: new contacts and devices, and all where my first relay is
    another one or answers elsewhere. While both are switched off nobody is told anything."""
    chosen, ready = settings.load(db), [one for one in relays.every(db) if one.ready]
    if not ready or not (chosen.presence or chosen.typing):
        return
    relay, now = str(ready[0].address), ground.now()
    for contact in contacts.every(db):
        if contact.pending or contact.blocked or contact.gone is not None:
            continue
        slot = slots.own_for(db, contact.member_id)
        if slot is None or slot.relay != relay:
            write, key = Secret(ground.rng(32)), Secret(ground.rng(32))
            slot = OwnSlot(contact.member_id, relay, write, key, now)
            slots.put_own(db, slot)
        _tell(db, said, ground, contact, slot)


def _tell(db: Connection, said: Said, ground: Ground, contact: KnownContact, slot: OwnSlot) -> None:
    for device in contacts.devices(db, contact.member_id):
        # No session is begun for this alone.
        if not sessions.with_key(db, device.device_id, device.olm_key):
            continue
        if slots.told(db, device.device_id, slot):
            continue
        content = Fleeting(
            header=compose.unnumbered(db, ground.me, contact, device, ground.now(), ground.rng),
            key=slot.key,
            slot=Slot(relay=slot.relay, watch=watch_of(slot.write)),
        )
        compose.tell(db, said, contact, Purpose.NEWS, content, ground.now())


def hear(db: Connection, said: Said, content: Fleeting) -> None:
    """A contact's device told of its own. A relay that is too near for it is not watched."""
    relay, watch = None, None
    if content.slot is not None and _may_be_there(db, content.slot.relay):
        relay, watch = content.slot.relay, content.slot.watch
    head = content.header
    if slots.put_theirs(db, DeviceId(head.author_device), content.key, relay, watch, head.sent_ms):
        said.bells.add(Bell.WATCH)


def _may_be_there(db: Connection, relay: str) -> bool:
    try:
        return nearness(parse_address(relay).host) <= nearby.nearest(db, relay)
    except MalformedLink:
        return False
