"""Transaction 3 seen from here: deposit what was sealed, and keep at it until a relay has it.

One task per relay that something waits for, on a line of its own: the relay does not learn from
it whose mailbox is read on another. What is offered repeats the same bytes every time.
"""

from __future__ import annotations

import math
from functools import partial

import trio
from sqlcipher3 import Connection

from desktop.core.backoff import Schedule, pause
from desktop.core.events import ContactChanged, ConversationChanged, MessageStateChanged
from desktop.core.models import Cause, State
from desktop.engine import compose
from desktop.engine.doorbell import Doorbell
from desktop.engine.ground import Bell, Ground, Said
from desktop.engine.line import Line, LineLost, open_line
from desktop.store import contacts, messages, outbox
from desktop.store.outbox import Copy, Purpose
from protocol.errors import ProtocolError
from protocol.wire.address import parse_address
from protocol.wire.frames import Deposit, Reason, Refused, Stored

BATCH = 32


async def keep_posting(ground: Ground) -> None:
    """Deposit whatever waits, wherever it goes."""
    posts: dict[str, Doorbell] = {}
    async with trio.open_nursery() as nursery:

        async def serve(relay: str) -> None:
            try:
                await _serve(ground, relay, posts[relay])
            finally:
                del posts[relay]
                ground.bells[Bell.POST].ring()

        while True:
            agenda = await ground.vault.read(outbox.agenda)
            for relay in agenda:
                if relay in posts:
                    posts[relay].ring()
                else:
                    posts[relay] = Doorbell()
                    nursery.start_soon(serve, relay)
            await ground.bells[Bell.POST].wait()


async def _serve(ground: Ground, relay: str, bell: Doorbell) -> None:
    """Until nothing waits for this relay any more, and a while longer."""
    timings = ground.timings
    schedule = Schedule(timings.retry_first_cap, timings.retry_first_span, timings.retry_cap)
    attempt, lost_at = 0, trio.current_time()
    while await ground.vault.read(lambda db: relay in outbox.agenda(db)):
        try:
            address = parse_address(relay)
            async with open_line(ground.connector, address, timings, ground.rng) as line:
                attempt = 0
                await _deposit_all(ground, relay, line, bell)
                return
        except (LineLost, ProtocolError):
            if attempt == 0:
                lost_at = trio.current_time()
        lost_for = trio.current_time() - lost_at
        await ground.nudges.pause(pause(schedule, attempt, lost_for, ground.chance))
        attempt += 1


async def _deposit_all(ground: Ground, relay: str, line: Line, bell: Doorbell) -> None:
    while True:
        batch = await ground.vault.read(lambda db: outbox.waiting(db, relay, ground.now(), BATCH))
        if batch:
            pending = [line.submit(_deposit(line, copy)) for copy in batch]
            answers = [(copy, await one.reply()) for copy, one in zip(batch, pending, strict=True)]
            await ground.do(partial(_record, ground=ground, answers=answers))
            continue
        due = (await ground.vault.read(outbox.agenda)).get(relay)
        patience = math.inf if due is None else max(0.0, (due - ground.now()) / 1000)
        if not await bell.wait(min(ground.timings.linger, patience)) and due is None:
            return


def _deposit(line: Line, copy: Copy) -> Deposit:
    return Deposit(
        call=line.call(),
        capability=copy.capability,
        envelope_id=copy.envelope_id,
        body=copy.body,
    )


def _record(
    db: Connection, said: Said, ground: Ground, answers: list[tuple[Copy, Stored | Refused]]
) -> None:
    for copy, answer in answers:
        if isinstance(answer, Refused):
            _refused(db, said, ground, copy, answer.reason)
        else:
            _stored(db, said, ground, copy)


def _stored(db: Connection, said: Said, ground: Ground, copy: Copy) -> None:
    entry = outbox.stored(db, copy.envelope_id, ground.now())
    if entry is None or entry.purpose is not Purpose.MESSAGE or entry.message_id is None:
        return
    if messages.advance(db, entry.message_id, State.SENT):
        said.events.append(MessageStateChanged(entry.conversation_id, entry.message_id, State.SENT))
        said.events.append(ConversationChanged(entry.conversation_id))
        said.bells.add(Bell.SETTLED)


def _refused(db: Connection, said: Said, ground: Ground, copy: Copy, reason: Reason) -> None:
    """Wait and offer it again; but who is told 'unknown' often enough is not known there."""
    timings = ground.timings
    if reason is Reason.UNKNOWN:
        if copy.refusals >= len(timings.unknown_retries):
            _give_up(db, said, copy)
            return
        wait = timings.unknown_retries[copy.refusals]
    else:
        wait = min(timings.full_retry * 2.0 ** min(copy.refusals, 16), timings.full_retry_cap)
    outbox.put_off(db, copy.envelope_id, ground.now() + int(wait * 1000))


def _give_up(db: Connection, said: Said, copy: Copy) -> None:
    entry = outbox.entry(db, copy.entry)
    if entry is None:
        return
    contact = contacts.find(db, entry.member_id)
    outbox.drop(db, entry.entry)
    if contact is None:
        return
    spent = contact.pending and entry.purpose is Purpose.GREETING
    cause = Cause.INVITATION_SPENT if spent else Cause.CONTACT_GONE
    if entry.purpose.receipted:
        contacts.set_gone(db, contact.member_id, cause.value)
        compose.fail_all(db, said, contact.conversation_id, cause)
        said.events.append(ContactChanged(contact.member_id))
        said.events.append(ConversationChanged(contact.conversation_id))
