"""What a greeting tells of a contact: their devices, and where each collects."""

from __future__ import annotations

import logging

from sqlcipher3 import Connection

from desktop.core.nearness import nearness
from desktop.engine.lines import nearby
from desktop.store import contacts, sessions
from desktop.store.contacts import ContactDevice, ContactMailbox, KnownContact
from protocol.e2e.contents import Content, Greeting, MailboxRoute, Route
from protocol.e2e.devices import DeviceList, Succession, read_list, succeeds
from protocol.e2e.sealing import read_sealing_key
from protocol.errors import MalformedLink, RemoteProtocolError
from protocol.ids import DeviceId, MemberId
from protocol.keys import Secret
from protocol.wire.address import RelayAddress, parse_address

log = logging.getLogger(__name__)


class ForkedDevices(Exception):
    """Two lists of one version, both signed: who brings the second one is not believed."""


def learn(db: Connection, member_id: MemberId, greeting: Greeting) -> None:
    """Take in a greeting's device list and routes; each was signed by its owner. Of a route that
    only leads too near the one before it stays.

    Raises ForkedDevices, BadSignature, RemoteProtocolError, also where nothing would lead to them
    any more.
    """
    known = contacts.find(db, member_id)
    if known is None:
        return
    match succeeds(known.device_list, greeting.device_list, member_id):
        case Succession.NEWER:
            fresh = read_list(greeting.device_list, member_id)
            contacts.set_device_list(db, member_id, greeting.device_list, fresh.version)
        case Succession.SAME:
            pass
        case Succession.OLDER:
            return
        case Succession.FORK:
            raise ForkedDevices
    listed = {one.device: one for one in read_list(greeting.device_list, member_id).devices}
    for device in contacts.devices(db, member_id):
        if device.device_id not in listed:
            contacts.drop_device(db, device.device_id)
            sessions.end(db, device.device_id)
    for route in greeting.routes:
        entry = listed.get(route.device)
        if entry is None:
            raise RemoteProtocolError("a route of a device that is not on the list")
        card = read_sealing_key(route.sealing_key, DeviceId(route.device))
        contacts.put_device(
            db,
            ContactDevice(
                DeviceId(route.device), member_id, entry.olm, card.public, card.made_ms, None, None
            ),
        )
        boxes = mailboxes(db, route)
        if boxes or not route.mailboxes:
            contacts.set_mailboxes(db, DeviceId(route.device), boxes)
    if not contacts.reachable(db, member_id):
        raise RemoteProtocolError("routes that lead nowhere")


def check_newcomer(
    contact: KnownContact, sender: DeviceId, their_olm: bytes, content: Content
) -> None:
    """A device that is not known yet may bring a contact's device list that names it, no more.

    Raises BadSignature, RemoteProtocolError.
    """
    if not isinstance(content, Greeting):
        raise RemoteProtocolError("a device that nobody introduced")
    listed = read_list(content.device_list, contact.member_id)
    if not names(listed, sender, their_olm):
        raise RemoteProtocolError("a device that is not on the list it brings")


def names(listed: DeviceList, sender: DeviceId, their_olm: bytes) -> bool:
    """Whether a list names this device, with the key that it speaks with."""
    return any((one.device, one.olm) == (sender, their_olm) for one in listed.devices)


def mailboxes(db: Connection, route: Route) -> list[ContactMailbox]:
    """Where a route leads, without what is too near. Raises RemoteProtocolError."""
    taken: list[ContactMailbox] = []
    for one in route.mailboxes:
        if nearness(_address(one).host) > nearby.nearest(db, one.relay):
            log.info("a contact's relay is too near: not taken")
            continue
        taken.append(ContactMailbox(one.relay, Secret(one.capability), Secret(one.drawer_key)))
    return taken


def _address(route: MailboxRoute) -> RelayAddress:
    try:
        return parse_address(route.relay)
    except MalformedLink as exc:
        raise RemoteProtocolError("a route that leads nowhere") from exc
