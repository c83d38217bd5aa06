"""Signals: handed to a mailbox that is open, dropped otherwise. Nothing of them touches a disk.

Whoever says one is answered before anything is looked up, so the answer tells nothing. Which
mailbox a capability is for is asked of the store once in a while, a bounded number of times.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from protocol.ids import CallId, CapabilityHash, MailboxId
from protocol.wire.frames import Reply, Signalled
from relay.rules.clock import Now
from relay.rules.deposits import capability_hash
from relay.rules.limits import Allowance
from relay.rules.records import Belongs, Whose
from relay.store.storage import Storage
from relay.switchboard import Switchboard

IN_A_ROW = 8
EACH_MS = 2_000
KNOWN_MS = 60_000
MOST_KNOWN = 10_000
LOOKUPS_IN_A_ROW = 256
LOOKUP_EACH_MS = 5


@dataclass(slots=True)
class _Known:
    """Where a capability leads, for a while, and how often it may be used."""

    said: Allowance
    mailbox: MailboxId | None = None
    until_ms: int = 0


class Signals:
    """One relay's."""

    def __init__(self, storage: Storage, switchboard: Switchboard, now: Callable[[], Now]) -> None:
        self._storage = storage
        self._switchboard = switchboard
        self._now = now
        self._known: dict[CapabilityHash, _Known] = {}
        self._lookups = Allowance(LOOKUPS_IN_A_ROW, LOOKUP_EACH_MS)
        self.heard = 0
        self.delivered = 0

    def say(self, capability: bytes, body: bytes) -> None:
        """Pass it on, if there is anybody and it is not too much."""
        self.heard += 1
        hashed, now = capability_hash(capability), self._now()
        known = self._known.pop(hashed, None) or _Known(Allowance(IN_A_ROW, EACH_MS))
        self._known[hashed] = known
        if len(self._known) > MOST_KNOWN:
            del self._known[next(iter(self._known))]
        if known.said.another(now.age_ms):
            return
        if now.age_ms < known.until_ms:
            self._deliver(known.mailbox, hashed, body)
        elif not self._lookups.another(now.age_ms):
            asked = Whose(CallId(0), hashed)
            self._storage.submit(asked, now, partial(self._found, hashed, body))

    def forget(self, capability: CapabilityHash) -> None:
        """What is known of it may not be so any more."""
        known = self._known.get(capability)
        if known is not None:
            known.until_ms = 0

    def _found(self, capability: CapabilityHash, body: bytes, reply: Reply) -> None:
        known = self._known.get(capability)
        if not isinstance(reply, Belongs) or known is None:
            return
        known.mailbox, known.until_ms = reply.mailbox, self._now().age_ms + KNOWN_MS
        self._deliver(known.mailbox, capability, body)

    def _deliver(self, mailbox: MailboxId | None, by: CapabilityHash, body: bytes) -> None:
        collector = None if mailbox is None else self._switchboard.collector(mailbox)
        if mailbox is not None and collector is not None:
            said = Signalled(mailbox=mailbox, capability=by, body=body)
            self.delivered += collector.pass_on(said)
