"""Fresh sessions: take a bundle from a contact's drawer and start one (also for repairs)."""

from __future__ import annotations

import logging
from functools import partial

from sqlcipher3 import Connection

from desktop.engine.ground import Bell, Ground, Said
from desktop.engine.line import Line, LineLost, open_line
from desktop.store import contacts, sessions
from desktop.store import me as mine
from desktop.store.contacts import ContactMailbox
from desktop.store.sessions import KeptSession
from protocol.e2e import session
from protocol.e2e.bundle import OpenedBundle, open_bundle
from protocol.e2e.sessions import next_generation
from protocol.errors import BadSignature, ProtocolError, Unopenable
from protocol.ids import DeviceId, MemberId
from protocol.keys import Secret
from protocol.wire.address import parse_address
from protocol.wire.frames import Refused, TakeBundle

log = logging.getLogger(__name__)


async def take(
    line: Line, capability: Secret, drawer_key: Secret, member: MemberId
) -> OpenedBundle | Refused:
    """One bundle of this member's. Raises LineLost, Unopenable, BadSignature, ProtocolError."""
    answer = await line.ask(TakeBundle(call=line.call(), capability=capability))
    if isinstance(answer, Refused):
        return answer
    return open_bundle(answer.body, drawer_key, member)


async def begin_anew(ground: Ground, device_id: DeviceId) -> bool:
    """A fresh session with a contact's device, which replaces those before it; whether it came."""
    known = await ground.vault.read(lambda db: contacts.device(db, device_id))
    boxes = await ground.vault.read(lambda db: contacts.mailboxes(db, device_id))
    if known is None:
        return False
    for box in boxes:
        opened = await _from(ground, box, known.member_id)
        if opened is not None and opened.bundle.device == device_id:
            await ground.do(partial(_replace, opened=opened, now=ground.now()))
            return True
    return False


def start(db: Connection, said: Said, opened: OpenedBundle, now: int) -> None:
    """Begin a session from a bundle; it sends from now on."""
    device_id = DeviceId(opened.bundle.device)
    known = [one.known for one in sessions.of_device(db, device_id)]
    state = session.start(mine.account(db), opened.bundle.olm, opened.bundle.one_time_key)
    kept = KeptSession(state, opened.bundle.olm, next_generation(known))
    sessions.save(db, device_id, kept, now)
    said.bells.add(Bell.SEAL)


def _replace(db: Connection, said: Said, opened: OpenedBundle, now: int) -> None:
    start(db, said, opened, now)
    contacts.asked_repair(db, DeviceId(opened.bundle.device), now)


async def _from(ground: Ground, box: ContactMailbox, member: MemberId) -> OpenedBundle | None:
    address = parse_address(box.relay)
    try:
        async with open_line(ground.connector, address, ground.timings, ground.rng) as line:
            taken = await take(line, box.capability, box.drawer_key, member)
    except (LineLost, ProtocolError, BadSignature, Unopenable) as exc:
        log.info("no bundle: %s", type(exc).__name__)
        return None
    return None if isinstance(taken, Refused) else taken
