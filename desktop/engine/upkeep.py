"""What time does: weekly keys, further copies, giving up, forgetting. Every few minutes.

All of it runs on elapsed time: when the wall clock jumps by more than an hour, nothing expires
until it has been steady for a whole round, and the member is told.
"""

from __future__ import annotations

import trio
from sqlcipher3 import Connection

from desktop.core.events import ClockWarning
from desktop.core.models import Cause
from desktop.engine import compose
from desktop.engine.ground import Bell, Ground, Said
from desktop.engine.repairing import greet_again
from desktop.engine.seal import add_copy
from desktop.store import capabilities, contacts, inbox, outbox, sealing_keys
from protocol.e2e.sealing import new_sealing_key

MOST = 200


async def keep_up(ground: Ground) -> None:
    """A round now and every few minutes, skipped while the clock jumps."""
    pause = ground.timings.upkeep
    wall, monotonic = ground.now(), trio.current_time()
    while True:
        elapsed = (trio.current_time() - monotonic) * 1000
        jump = ground.now() - wall - elapsed
        wall, monotonic = ground.now(), trio.current_time()
        if abs(jump) > ground.timings.clock_tolerance * 1000:
            ground.emit(ClockWarning(int(jump)))
        else:
            await ground.do(lambda db, said: round_of_upkeep(db, said, ground))
            await greet_again(ground)
        await trio.sleep(pause)


def round_of_upkeep(db: Connection, said: Said, ground: Ground) -> None:
    """Everything that is due by now."""
    now, timings = ground.now(), ground.timings
    if now - sealing_keys.current(db).made_ms > timings.sealing_key_life * 1000:
        sealing_keys.add(db, new_sealing_key(now))
    sealing_keys.forget(db, now - int(timings.sealing_key_kept * 1000))
    inbox.forget(db, now - int(timings.remember_opened * 1000))
    capabilities.expire(db, now)
    _give_up(db, said, now - int(timings.give_up_after * 1000))
    _further_copies(db, said, ground)
    said.bells |= {Bell.TELL, Bell.POST}


def _give_up(db: Connection, said: Said, before: int) -> None:
    for entry in outbox.older_than(db, before):
        outbox.drop(db, entry.entry)
        if entry.message_id is not None:
            cause = Cause.EXPIRED
            compose.fail(db, said, entry.conversation_id, entry.message_id, cause)


def _further_copies(db: Connection, said: Said, ground: Ground) -> None:
    """Stored long ago and no receipt: one more copy of the same bytes, to the next mailbox."""
    now = ground.now()
    for copies, after in enumerate(ground.timings.copies_after, start=1):
        for entry in outbox.silent(db, copies, now - int(after * 1000), MOST):
            device = contacts.device(db, entry.device_id)
            boxes = contacts.mailboxes(db, entry.device_id)
            if device is None or not boxes:
                continue
            box = boxes[copies % len(boxes)]
            add_copy(db, ground.me, entry, device, box, now, ground.rng)
            said.bells.add(Bell.POST)
