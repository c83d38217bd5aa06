"""Capabilities: who may leave how much, without a word about who they are.

Unknown, expired and revoked answer alike, on one path and with the same looks at the disk. Full
says so, and nothing old is thrown away for it.
"""

from __future__ import annotations

from collections.abc import Sequence

from protocol.ids import CapabilityHash, MailboxId
from protocol.keys import Domain, digest_of
from protocol.wire.frames import (
    ENVELOPE_SIZES,
    Deposit,
    Done,
    Grant,
    Reason,
    Refused,
    Revoke,
    Stored,
)
from relay.rules.clock import Now
from relay.rules.limits import House
from relay.rules.policies import count_one, set_policy
from relay.rules.records import Belongs, Capability, Whose
from relay.rules.room import Room
from relay.rules.store import Store

_hash = digest_of(Domain.CAPABILITY)


def capability_hash(capability: bytes) -> CapabilityHash:
    """What the relay keeps of a capability."""
    return CapabilityHash(_hash(capability))


class DepositRules:
    """Grant, Revoke and Deposit. ``rung`` collects the mailboxes that got something new."""

    def __init__(self, store: Store, house: House, room: Room) -> None:
        self._store = store
        self._house = house
        self._room = room
        self.rung: set[MailboxId] = set()

    def grant(self, asked: Grant, now: Now) -> Done | Refused:
        """A new capability, or a new policy for one that is here."""
        mailbox = self._store.mailboxes.find(asked.mailbox)
        if mailbox is None:
            return Refused(call=asked.call, reason=Reason.UNKNOWN)
        held = mailbox.capabilities.get(asked.capability)
        if held is None:
            # Another mailbox's that is good no more is as unknown here as everywhere.
            if self._store.mailboxes.find_good(asked.capability, now.wall_ms) is not None:
                return Refused(call=asked.call, reason=Reason.NOT_ALLOWED)
            if len(mailbox.capabilities) >= self._house.limits.capabilities:
                return Refused(call=asked.call, reason=Reason.QUOTA)
            self._store.mailboxes.end_capability(asked.capability)
            held = Capability(
                asked.capability, mailbox, asked.drawer, asked.policy, granted_ms=now.age_ms
            )
        held.drawer, held.revoked = asked.drawer, False
        set_policy(held, asked.policy, now)
        self._store.mailboxes.save_capability(held)
        return Done(call=asked.call)

    def revoke(self, asked: Revoke, now: Now) -> Done | Refused:
        """No deposit after this one's answer. Safe to repeat."""
        mailbox = self._store.mailboxes.find(asked.mailbox)
        held = None if mailbox is None else mailbox.capabilities.get(asked.capability)
        if held is not None and not held.revoked:
            held.revoked = True
            self._store.mailboxes.save_capability(held)
        return Done(call=asked.call)

    def whose(self, asked: Whose, now: Now) -> Belongs:
        """The mailbox that a capability is for; none where it is unknown, expired or revoked."""
        held = self._store.mailboxes.find_good(asked.capability, now.wall_ms)
        return Belongs(call=asked.call, mailbox=None if held is None else held.mailbox.id)

    def deposit(self, asked: Deposit, now: Now) -> Stored | Refused:
        """Keep an envelope. One that was kept before is stored, whatever is full by now."""
        return self.deposit_all([(asked, now)])[0]

    def deposit_all(self, batch: Sequence[tuple[Deposit, Now]]) -> list[Stored | Refused]:
        """Keep several in their order; the store looks for their ids all at once."""
        find, expected = self._store.mailboxes.find_good, self._store.envelopes.expect
        by = [find(capability_hash(asked.capability), now.wall_ms) for asked, now in batch]
        expected(
            (held.mailbox, asked.envelope_id)
            for held, (asked, _) in zip(by, batch, strict=True)
            if held is not None
        )
        return [
            self._deposit(held, asked, now) for held, (asked, now) in zip(by, batch, strict=True)
        ]

    def _deposit(self, held: Capability | None, asked: Deposit, now: Now) -> Stored | Refused:
        if held is None:
            return Refused(call=asked.call, reason=Reason.UNKNOWN)
        if len(asked.body) not in ENVELOPE_SIZES:
            return Refused(call=asked.call, reason=Reason.NOT_ALLOWED)
        if not self._room.fits(held, len(asked.body), now):
            if self._store.envelopes.seen(held.mailbox, asked.envelope_id):
                return Stored(call=asked.call)
            self._room.turn_away(held, len(asked.body), now)
            return Refused(call=asked.call, reason=Reason.QUOTA)
        if self._store.envelopes.add(held, asked.envelope_id, asked.body, now.age_ms):
            count_one(held, now)
            self.rung.add(held.mailbox.id)
        return Stored(call=asked.call)
