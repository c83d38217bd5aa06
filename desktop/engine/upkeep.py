"""What time does: weekly keys, further copies, giving up, forgetting. Every few minutes.

Nothing expires by a clock that stands alone: a relay's clock has to agree with this computer's
(see :mod:`desktop.engine.witness`). Where it does not, expiries wait and the member is told.
"""

from __future__ import annotations

from functools import partial

import trio
from sqlcipher3 import Connection

from desktop.core.events import ClockWarning
from desktop.core.models import Cause
from desktop.engine.ground import Bell, Ground, Said
from desktop.engine.receiving.repairing import greet_again
from desktop.engine.relays.errands import Errands
from desktop.engine.sending import compose
from desktop.engine.sending.seal import add_copy
from desktop.store import (
    capabilities,
    contacts,
    copies,
    inbox,
    outbox,
    receiving_chains,
    sealing_keys,
    wishes,
)
from desktop.store.rooms import requests
from protocol.e2e.sealing import new_sealing_key

MOST = 200


async def keep_up(ground: Ground) -> None:
    """A round now and every few minutes."""
    async with trio.open_nursery() as nursery:
        errands = Errands(nursery)
        ahead = 0
        while True:
            # Asked here: the vault's thread has no loop to ask for the time that went by.
            await ground.do(partial(round_of_upkeep, ground=ground, agreed=ground.witness.agrees))
            await greet_again(ground, errands)
            # After a sleep of this computer the lines are opened anew, and the clocks compared:
            # only what was off twice is worth a word.
            before, ahead = ahead, ground.witness.ahead_ms
            if before and ahead:
                ground.emit(ClockWarning(ahead))
            await trio.sleep(ground.timings.upkeep)


def round_of_upkeep(db: Connection, said: Said, ground: Ground, agreed: bool) -> None:
    """Everything that is due by now; ``agreed`` is whether the clock is to be believed."""
    now, timings = ground.now(), ground.timings
    _rotate(db, ground)
    copies.hurry(db, now + int(timings.full_retry_cap * 1000))
    wishes.hurry(db, now + int(timings.remember_opened * 1000))
    if agreed:
        sealing_keys.forget(db, now - int(timings.sealing_key_kept * 1000))
        receiving_chains.forget(db, now - int(timings.late_opens * 1000), now)
        inbox.forget(db, now - int(timings.remember_opened * 1000))
        capabilities.expire(db, now - int(timings.again_after * 1000))
        _give_up(db, said, now - int(timings.give_up_after * 1000))
        _run_out(db, said, ground)
    _further_copies(db, said, ground)
    said.bells |= {Bell.TELL, Bell.POST, Bell.REPAIR}


def _rotate(db: Connection, ground: Ground) -> None:
    """A new sealing key each week. Its date is later than the one before whatever the clock did,
    because others keep the one with the latest date."""
    now = ground.now()
    if abs(now - sealing_keys.since(db)) > ground.timings.sealing_key_life * 1000:
        made_ms = max(now, sealing_keys.current(db).made_ms + 1)
        sealing_keys.add(db, new_sealing_key(made_ms), now)


def _give_up(db: Connection, said: Said, before: int) -> None:
    for entry in outbox.older_than(db, before):
        outbox.drop(db, entry.entry)
        if entry.message_id is not None:
            cause = Cause.EXPIRED
            compose.fail(db, said, entry.conversation_id, entry.message_id, cause)


def _run_out(db: Connection, said: Said, ground: Ground) -> None:
    """Requests that nobody answered in time."""
    if requests.every(db):
        from desktop.engine.rooms.asides import answering  # noqa: PLC0415 - few starts need it

        answering.run_out(db, said, ground)


def _further_copies(db: Connection, said: Said, ground: Ground) -> None:
    """Stored long ago and no receipt: one more copy of the same bytes, to the next mailbox."""
    elsewhere = int(ground.timings.elsewhere_after * 1000)
    again = int(ground.timings.again_after * 1000)
    for entry in copies.silent(db, ground.now(), elsewhere, again, MOST):
        device = contacts.device(db, entry.device_id)
        boxes = contacts.mailboxes(db, entry.device_id)
        if device is None or not boxes:
            continue
        box = boxes[entry.copies % len(boxes)]
        if add_copy(db, ground.me, entry, device, box, ground.rng):
            said.bells.add(Bell.POST)
