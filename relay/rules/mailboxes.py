"""Queues: made on a pass, read from a cursor, emptied by their owner's word.

Whose word it is was settled before: the connection has checked the owner's signature.
"""

from __future__ import annotations

from protocol.wire.frames import (
    Acknowledge,
    CreateMailbox,
    DeleteMailbox,
    Done,
    Opened,
    OpenMailbox,
    Reason,
    Refused,
)
from relay.rules.admission import pass_hash
from relay.rules.clock import Now
from relay.rules.limits import Door
from relay.rules.room import Room
from relay.rules.store import Store


class MailboxRules:
    """Create, open, acknowledge, delete."""

    def __init__(self, store: Store, door: Door, room: Room) -> None:
        self._store = store
        self._door = door
        self._room = room

    def create(self, asked: CreateMailbox, now: Now) -> Done | Refused:
        """A mailbox on a pass that has room for one more."""
        owner = self._store.passes.find(pass_hash(asked.pass_secret))
        if owner is None:
            return Refused(call=asked.call, reason=Reason.UNKNOWN)
        held = self._store.mailboxes.find(asked.mailbox)
        if held is not None:
            return Done(call=asked.call)
        if self._door.shut:
            return Refused(call=asked.call, reason=Reason.NOT_ALLOWED)
        if owner.used_mailboxes >= owner.mailboxes:
            return Refused(call=asked.call, reason=Reason.QUOTA)
        self._store.mailboxes.add(asked.mailbox, owner)
        if owner.lapses_ms is not None:
            owner.lapses_ms = None
            self._store.passes.save(owner)
        return Done(call=asked.call)

    def open(self, asked: OpenMailbox, now: Now) -> Opened | Refused:
        """Where the deliveries will start.

        A cursor beyond the last number is of a time this relay has no memory of (its store was
        restored): then everything that is here is delivered.
        """
        held = self._store.mailboxes.find(asked.mailbox)
        if held is None:
            return Refused(call=asked.call, reason=Reason.UNKNOWN)
        after = asked.after if asked.after <= held.last else 0
        waiting = held.last - max(after, held.forgotten)
        return Opened(call=asked.call, waiting=waiting, after=after)

    def acknowledge(self, asked: Acknowledge, now: Now) -> Done | Refused:
        """Forget what the owner has."""
        held = self._store.mailboxes.find(asked.mailbox)
        if held is None:
            return Refused(call=asked.call, reason=Reason.UNKNOWN)
        if asked.up_to > held.last:
            return Refused(call=asked.call, reason=Reason.WRONG_STATE)
        if asked.up_to > held.forgotten:
            self._store.envelopes.forget(held, asked.up_to)
            self._room.came_back(held.owner, now)
        return Done(call=asked.call)

    def delete(self, asked: DeleteMailbox, now: Now) -> Done | Refused:
        """Forget the whole mailbox. Safe to repeat."""
        held = self._store.mailboxes.find(asked.mailbox)
        if held is not None:
            self._store.envelopes.forget(held, held.last)
            self._store.mailboxes.drop(held)
            self._room.came_back(held.owner, now)
        return Done(call=asked.call)
