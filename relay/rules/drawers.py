"""Bundles: stocked by a mailbox's owner, taken one by one against a capability."""

from __future__ import annotations

from protocol.wire.frames import (
    BundleTaken,
    Done,
    EmptyDrawer,
    Reason,
    Refused,
    Stock,
    Stocked,
    TakeBundle,
)
from relay.rules.clock import Now
from relay.rules.deposits import capability_hash
from relay.rules.limits import House
from relay.rules.records import DIGEST_BYTES
from relay.rules.store import Store


class DrawerRules:
    """Stock, EmptyDrawer and TakeBundle."""

    def __init__(self, store: Store, house: House) -> None:
        self._store = store
        self._house = house

    def stock(self, asked: Stock, now: Now) -> Stocked | Refused:
        """Put bundles in. Safe to repeat: one that is or was there is not put in again."""
        mailbox = self._store.mailboxes.find(asked.mailbox)
        if mailbox is None:
            return Refused(call=asked.call, reason=Reason.UNKNOWN)
        drawers, last = self._store.drawers, asked.last_resort
        bodies = asked.bundles if last is None else (*asked.bundles, last)
        size = sum(DIGEST_BYTES + len(body) for body in bodies)
        owner = mailbox.owner
        if (
            drawers.count(mailbox) + len(asked.bundles) > self._house.limits.bundles
            or owner.used_bytes + size > owner.stored_bytes
            or self._store.held_bytes + size > self._house.limits.stored_bytes
        ):
            return Refused(call=asked.call, reason=Reason.QUOTA)
        for body in asked.bundles:
            drawers.add(mailbox, asked.drawer, body, now.age_ms)
        if last is not None:
            drawers.set_last_resort(mailbox, asked.drawer, last, now.age_ms)
        return Stocked(call=asked.call, bundles=drawers.count(mailbox, asked.drawer))

    def empty(self, asked: EmptyDrawer, now: Now) -> Done | Refused:
        """Throw a drawer's bundles away. Safe to repeat."""
        mailbox = self._store.mailboxes.find(asked.mailbox)
        if mailbox is not None:
            self._store.drawers.empty(mailbox, asked.drawer)
        return Done(call=asked.call)

    def take(self, asked: TakeBundle, now: Now) -> BundleTaken | Refused:
        """One bundle; the last resort where the others are gone."""
        hashed = capability_hash(asked.capability)
        held = self._store.mailboxes.find_good(hashed, now.wall_ms)
        if held is None:
            return Refused(call=asked.call, reason=Reason.UNKNOWN)
        if held.taken >= held.policy.bundles:
            return Refused(call=asked.call, reason=Reason.QUOTA)
        body = self._store.drawers.take(held.mailbox, held.drawer)
        last_resort = body is None
        if body is None:
            body = self._store.drawers.last_resort(held.mailbox, held.drawer)
        if body is None:
            return Refused(call=asked.call, reason=Reason.QUOTA)
        held.taken += 1
        self._store.mailboxes.save_capability(held)
        return BundleTaken(call=asked.call, body=body, last_resort=last_resort)
