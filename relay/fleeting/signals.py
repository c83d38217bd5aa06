"""Signals: handed to a mailbox that is open, dropped otherwise. Nothing of them touches a disk.

Whoever says one is answered before anything is looked up, so the answer tells nothing. Which
mailbox a capability is for is asked of the store once in a while, a bounded number of times: in
all, and from one place for capabilities that turn out to be none. Of those nothing is remembered.
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

    mailbox: MailboxId
    until_ms: int
    said: Allowance


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

    def say(self, capability: bytes, body: bytes, guesses: Allowance) -> None:
        """Pass it on, if there is anybody and it is not too much; ``guesses``: of its place."""
        self.heard += 1
        hashed, now = capability_hash(capability), self._now()
        known = self._known.get(hashed)
        if known is not None and now.age_ms < known.until_ms:
            self._deliver(known, hashed, body)
        elif not guesses.another(now.age_ms) and not self._lookups.another(now.age_ms):
            asked = Whose(CallId(0), hashed)
            self._storage.submit(asked, now, partial(self._found, hashed, body, guesses))

    def forget(self, capability: CapabilityHash) -> None:
        """What is known of it may not be so any more."""
        known = self._known.get(capability)
        if known is not None:
            known.until_ms = 0

    def forget_some(self, now_ms: int) -> None:
        """Forget what is asked anew anyway, and is good for as many signals as any."""
        for capability, known in list(self._known.items()):
            if known.until_ms <= now_ms and known.said.untouched(now_ms):
                del self._known[capability]

    def _found(
        self, capability: CapabilityHash, body: bytes, guesses: Allowance, reply: Reply
    ) -> None:
        if not isinstance(reply, Belongs) or reply.mailbox is None:
            return
        guesses.give_back()
        known = self._known.pop(capability, None)
        if known is None:
            known = _Known(reply.mailbox, 0, Allowance(IN_A_ROW, EACH_MS))
        known.mailbox, known.until_ms = reply.mailbox, self._now().age_ms + KNOWN_MS
        self._known[capability] = known
        if len(self._known) > MOST_KNOWN:
            del self._known[next(iter(self._known))]
        self._deliver(known, capability, body)

    def _deliver(self, known: _Known, by: CapabilityHash, body: bytes) -> None:
        if known.said.another(self._now().age_ms):
            return
        collector = self._switchboard.collector(known.mailbox)
        if collector is not None:
            said = Signalled(mailbox=known.mailbox, capability=by, body=body)
            self.delivered += collector.pass_on(said)
