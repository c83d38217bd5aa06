"""What a relay's answer to a deposit means for a message: on its way, waiting, or without hope."""

from __future__ import annotations

from typing import TypeAlias

from sqlcipher3 import Connection

from desktop.core.events import ContactChanged, ConversationChanged, MessageStateChanged
from desktop.core.models import Cause, State
from desktop.engine.ground import Bell, Ground, Said
from desktop.engine.sending import compose
from desktop.engine.sending.elsewhere import further
from desktop.store import contacts, copies, outbox, own
from desktop.store.copies import Copy
from desktop.store.outbox import Entry, Purpose
from protocol.wire.frames import Reason, Refused, Stored

Answer: TypeAlias = Stored | Refused


def record(db: Connection, said: Said, ground: Ground, answers: list[tuple[Copy, Answer]]) -> None:
    """Write down what came of some deposits."""
    for copy, answer in answers:
        if not isinstance(answer, Refused):
            _stored(db, said, ground, copy)
        elif answer.reason is Reason.UNKNOWN:
            _unknown(db, said, ground, copy)
        else:
            put_off(db, said, ground, copy)


def put_off(db: Connection, said: Said, ground: Ground, copy: Copy) -> None:
    """Later, and all that waits for the same mailbox behind it; at another mailbox now."""
    timings, now = ground.timings, ground.now()
    wait = min(timings.full_retry * 2.0 ** min(copy.refusals, 16), timings.full_retry_cap)
    copies.put_off(db, copy, now, now + int(wait * 1000), unknown=False)
    said.bells.add(Bell.LOOK)


def sent(db: Connection, said: Said, entry: Entry) -> None:
    """The first relay has it on disk: one of mine, or its mailbox's."""
    if entry.purpose is not Purpose.MESSAGE or entry.message_id is None:
        return
    if own.advance(db, entry.message_id, State.SENT):
        said.events.append(MessageStateChanged(entry.conversation_id, entry.message_id, State.SENT))
        said.events.append(ConversationChanged(entry.conversation_id))


def _stored(db: Connection, said: Said, ground: Ground, copy: Copy) -> None:
    now = ground.now()
    look = now + int(ground.timings.heard_patience * 1000)
    number = copies.stored(db, copy, now, look)
    entry = None if number is None else outbox.stored(db, number, now)
    if entry is not None:
        sent(db, said, entry)
        said.bells.add(Bell.LOOK)


def _unknown(db: Connection, said: Said, ground: Ground, copy: Copy) -> None:
    """The relay may have been told late, so ask again; then try where else the device collects."""
    retries = ground.timings.unknown_retries
    if copy.unknown < len(retries):
        now = ground.now()
        copies.put_off(db, copy, now, now + int(retries[copy.unknown] * 1000), unknown=True)
        said.bells.add(Bell.LOOK)
        return
    entry = outbox.entry(db, copy.entry)
    if entry is None:
        return
    if further(db, said, ground, entry):
        copies.drop(db, copy)
    elif copies.drop(db, copy) and not copies.tried(db, entry.entry):
        _give_up(db, said, entry)


def _give_up(db: Connection, said: Said, entry: Entry) -> None:
    contact = contacts.find(db, entry.member_id)
    if contact is not None and entry.purpose.receipted:
        cause = Cause.INVITATION_SPENT if contact.pending else Cause.CONTACT_GONE
        compose.lose(db, said, contact, cause)
        said.events.append(ContactChanged(contact.member_id))
        said.events.append(ConversationChanged(contact.conversation_id))
    outbox.drop(db, entry.entry)
