"""Another way, where the first did not do its work: the same bytes to a contact's next mailbox, or
the same envelope by another relay of mine.

A copy is looked at when it had time enough: handed in, but nobody says that it is stored; or
stored, but the contact sends no receipt; and at once where it was refused. Each copy leads to one
more at most, so there are never more than a contact has mailboxes, and a member relays. Nothing
overtakes on its way into a further mailbox either.
"""

from __future__ import annotations

import math
from typing import TypeAlias

from sqlcipher3 import Connection

from desktop.engine.ground import Bell, Ground, Said
from desktop.engine.sending.seal import add_copy
from desktop.store import contacts, copies, outbox, relays, tickets
from desktop.store.copies import Copy
from desktop.store.outbox import Entry
from protocol.errors import MalformedLink
from protocol.ids import DeviceId, Fingerprint
from protocol.wire.address import parse_address

MOST = 200
Ahead: TypeAlias = dict[tuple[DeviceId, str], int]


async def keep_looking(ground: Ground) -> None:
    """Whenever something had its time."""
    bell = ground.bells[Bell.LOOK]
    while True:
        following = await ground.vault.read(copies.next_look)
        wait = math.inf if following is None else (following - ground.now()) / 1000
        # Every message rings; nothing is written for one that only has to be waited for.
        if wait > 0:
            await bell.wait(max(0.05, wait))
        else:
            await ground.do(lambda db, said: look(db, said, ground))


def look(db: Connection, said: Said, ground: Ground) -> int:
    """Another way for what is due; how many were looked at."""
    due = copies.to_look_at(db, ground.now(), MOST)
    ahead: Ahead = {}
    for copy in due:
        entry = outbox.entry(db, copy.entry)
        if entry is None:
            continue
        went_by = tickets.went_by(db, copy.envelope_id)
        avoid = next(iter(went_by), copy.avoid)
        if further(db, said, ground, entry, avoid, ahead):
            continue
        if copies.find(db, copy.envelope_id) is not None and _another(db, copy, went_by):
            copies.offer(db, copy.envelope_id, avoid)
            said.bells.add(Bell.POST)
    return len(due)


def spread(db: Connection, said: Said, ground: Ground, relay: str) -> None:
    """Nothing gets to this relay now: what waits for it goes to further mailboxes as well."""
    ahead: Ahead = {}
    for copy in copies.waiting(db, relay, ground.now(), MOST):
        entry = outbox.entry(db, copy.entry)
        if entry is not None:
            further(db, said, ground, entry, copy.avoid, ahead)


def further(
    db: Connection,
    said: Said,
    ground: Ground,
    entry: Entry,
    avoid: Fingerprint | None = None,
    ahead: Ahead | None = None,
) -> bool:
    """A copy to the first mailbox that has had none; whether there was one.

    What was sealed for the device before, and may not have come either, goes there before it:
    otherwise it would be overtaken, and soon no key would open it. ``ahead``: up to which entry
    that was done for other copies of this round.
    """
    device = contacts.device(db, entry.device_id)
    boxes = contacts.mailboxes(db, entry.device_id)
    if device is None or len(boxes) < 2 or entry.olm is None:
        return False
    tried = copies.tried(db, entry.entry)
    box = next((one for one in boxes if one.relay not in tried), None)
    if box is None:
        return False
    ahead = {} if ahead is None else ahead
    after = ahead.get((entry.device_id, box.relay), 0)
    for number in copies.in_doubt(db, entry.device_id, after, entry.entry, box.relay):
        earlier = outbox.entry(db, number)
        if earlier is not None:
            add_copy(db, ground.me, earlier, device, box, ground.rng, avoid=avoid)
    if not add_copy(db, ground.me, entry, device, box, ground.rng, avoid=avoid):
        return False
    ahead[entry.device_id, box.relay] = max(after, entry.entry)
    said.bells.add(Bell.POST)
    return True


def _another(db: Connection, copy: Copy, went_by: set[Fingerprint]) -> bool:
    """Whether a relay of mine has not carried it yet."""
    try:
        to = parse_address(copy.relay).fingerprint
    except MalformedLink:
        return False
    own = {one.relay_id for one in relays.every(db) if one.ready}
    return bool(own - went_by - {to})
