"""Delivered and read receipts: batched, and a little late on purpose."""

from __future__ import annotations

import trio
from sqlcipher3 import Connection

from desktop.engine.ground import Bell, Ground, Said
from desktop.engine.sending import compose
from desktop.engine.sending.seal import BATCH, seal_some
from desktop.store import contacts, inbox, sessions
from desktop.store.contacts import ContactDevice
from desktop.store.outbox import Purpose
from protocol.e2e.contents import Receipt

MOST = 500


async def keep_receipting(ground: Ground) -> None:
    """Send what is owed. The pause hides when exactly a message was taken in, and joins several."""
    timings = ground.timings
    while True:
        if await ground.do(lambda db, said: _say_owed(db, said, ground)) < MOST:
            await ground.bells[Bell.RECEIPTS].wait()
        await trio.sleep(timings.receipt_pause + timings.receipt_jitter * ground.chance())


def _say_owed(db: Connection, said: Said, ground: Ground) -> int:
    """Queue and seal them at once: nobody is shown a receipt that waits."""
    count = queue_owed(db, said, ground)
    if Bell.SEAL in said.bells and seal_some(db, said, ground.me, ground.now(), ground.rng) < BATCH:
        said.bells.remove(Bell.SEAL)
    return count


def queue_owed(db: Connection, said: Said, ground: Ground) -> int:
    """Turn owed receipts into contents, in one commit; how many there were."""
    now, me = ground.now(), ground.me
    owed = inbox.owed(db, MOST)
    for member, (delivered, read) in owed.items():
        contact = contacts.find(db, member)
        if contact is None or contact.blocked:
            continue
        for device in _reached(db, contacts.devices(db, member)):
            head = compose.unnumbered(db, me, contact, device, now, ground.rng)
            receipt = Receipt(header=head, delivered=tuple(delivered), read=tuple(read))
            compose.tell(db, said, contact, Purpose.RECEIPT, receipt, now)
    return sum(len(delivered) + len(read) for delivered, read in owed.values())


def _reached(db: Connection, devices: list[ContactDevice]) -> list[ContactDevice]:
    """No session is begun for a receipt alone, while another device of theirs takes it."""
    found = [one for one in devices if sessions.with_key(db, one.device_id, one.olm_key)]
    return found or devices
