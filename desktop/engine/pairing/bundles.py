"""Fresh sessions: take a bundle from a contact's drawer and start one (also for repairs)."""

from __future__ import annotations

import logging
from contextlib import suppress
from functools import partial

import trio
from sqlcipher3 import Connection

from desktop.core.models import Cause
from desktop.core.ways import Direct
from desktop.engine.ground import Bell, Ground, Said
from desktop.engine.lines import nearby
from desktop.engine.lines.dial import open_line
from desktop.engine.lines.line import Line, LineLost
from desktop.engine.receiving import arrive
from desktop.engine.relays.ways import Via
from desktop.engine.sending.handing import NO_CALL, ask
from desktop.store import chains, contacts, sessions
from desktop.store import me as mine
from desktop.store.contacts import ContactDevice, ContactMailbox
from desktop.store.sessions import KeptSession
from protocol.e2e import session
from protocol.e2e.bundle import OpenedBundle, open_bundle
from protocol.e2e.sessions import next_generation
from protocol.errors import BadSignature, MalformedLink, RemoteProtocolError, Unopenable
from protocol.ids import DeviceId, MemberId
from protocol.keys import Secret
from protocol.wire.address import RelayAddress, parse_address
from protocol.wire.frames import BundleTaken, Refused, TakeBundle

MOST_WAYS = 3

log = logging.getLogger(__name__)


async def take(line: Line, capability: Secret) -> BundleTaken | Refused:
    """One bundle, still shut. Raises LineLost."""
    return await line.ask(TakeBundle(call=line.call(), capability=capability))


async def begin_anew(ground: Ground, device_id: DeviceId) -> bool:
    """A fresh session with a contact's device, which replaces those before it; whether it came."""
    known = await ground.vault.read(lambda db: contacts.device(db, device_id))
    boxes = await ground.vault.read(lambda db: contacts.mailboxes(db, device_id))
    if known is None:
        return False
    for box in boxes:
        opened = await _from(ground, box, known.member_id)
        if opened is not None and opened.bundle.device == device_id:
            return await _replace_with(ground, known, opened)
    return False


async def _replace_with(ground: Ground, device: ContactDevice, opened: OpenedBundle) -> bool:
    try:
        await ground.do(partial(_replace, ground=ground, device=device, opened=opened))
    except RemoteProtocolError as exc:
        log.info("a bundle that starts nothing: %s", type(exc).__name__)
        return False
    return True


def start(
    db: Connection, said: Said, opened: OpenedBundle, now: int, *, replaces: bool = False
) -> None:
    """Begin a session from a bundle; it sends from now on.

    ``replaces``: there were others, even if this device has lost them. Raises RemoteProtocolError.
    """
    device_id = DeviceId(opened.bundle.device)
    known = [one.known for one in sessions.of_device(db, device_id)]
    state = session.start(mine.account(db), opened.bundle.olm, opened.bundle.one_time_key)
    generation = max(next_generation(known), 1 if replaces else 0)
    sessions.save(db, device_id, KeptSession(state, opened.bundle.olm, generation), now)
    said.bells.add(Bell.SEAL)


def _replace(
    db: Connection, said: Said, ground: Ground, device: ContactDevice, opened: OpenedBundle
) -> None:
    now = ground.now()
    start(db, said, opened, now, replaces=True)
    contacts.asked_repair(db, device.device_id, now)
    contact = contacts.find(db, device.member_id)
    if contact is None or contact.pending:
        return
    if chains.load(db, contact.conversation_id, device.device_id).highest:
        arrive.notice(db, said, contact, Cause.FRESH_SESSION, now, ground.rng)


async def _from(ground: Ground, box: ContactMailbox, member: MemberId) -> OpenedBundle | None:
    try:
        address = parse_address(box.relay)
        taken = await _visit(ground, address, box)
        if taken is None or isinstance(taken, Refused):
            return None
        return open_bundle(taken.body, box.drawer_key, member)
    except (MalformedLink, RemoteProtocolError, BadSignature, Unopenable) as exc:
        log.info("no bundle: %s", type(exc).__name__)
        return None


async def take_through(
    ground: Ground, address: RelayAddress, capability: Secret, patience: float
) -> BundleTaken | Refused | Direct | None:
    """By way of my relays, one after the other. ``Direct`` where it is to be asked there; None
    where nothing came in time."""
    asked = TakeBundle(call=NO_CALL, capability=capability)
    way = await ground.ways.soon(ground.vault, address, ground.timings.patience)
    for _ in range(MOST_WAYS):
        if not isinstance(way, Via):
            return way if isinstance(way, Direct) else None
        taken = await ask(ground, way, address, asked, patience)
        if isinstance(taken, (BundleTaken, Refused)):
            return taken
        ground.ways.rest(way.relay.relay_id, address.fingerprint)
        way = await ground.ways.choose(ground.vault, address)
    return None


async def _visit(
    ground: Ground, address: RelayAddress, box: ContactMailbox
) -> BundleTaken | Refused | None:
    """None where nobody answers in time. Raises RemoteProtocolError."""
    timings = ground.timings
    if ground.unanswered.rests(address):
        return None
    nearest = await ground.vault.read(partial(nearby.nearest, relay=box.relay))
    patience = timings.connect + timings.answer
    taken: BundleTaken | Refused | None = None
    found = await take_through(ground, address, box.capability, patience)
    if not isinstance(found, Direct):
        taken = found
    else:
        with suppress(LineLost), trio.move_on_after(patience):
            async with open_line(
                ground.outward.beside, address, timings, ground.rng, nearest=nearest
            ) as line:
                taken = await take(line, box.capability)
    if taken is None:
        ground.unanswered.add(address)
    else:
        ground.unanswered.drop(address)
    return taken
