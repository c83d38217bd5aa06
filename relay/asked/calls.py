"""Where one connection's requests are counted, handed on, and answered when that is true."""

from __future__ import annotations

from collections.abc import Callable

import trio

from protocol.wire.frames import Reason, Refused, Reply
from relay.counters import Counters, Pattern
from relay.outbox import Outbox
from relay.premises import Premises
from relay.rules.limits import Allowance
from relay.rules.office import AnyRequest

FORGIVEN_EACH_MS = 1_000
TOO_MANY_RETRY_MS = 60_000
MOST_BYTES = 4 * 1024 * 1024

_FAILURES = frozenset({Reason.UNKNOWN, Reason.BAD_SIGNATURE})


class Calls:
    """One for each connection; ``stop`` ends that with a farewell."""

    def __init__(
        self, premises: Premises, outbox: Outbox, stop: Callable[[Reason, int], None]
    ) -> None:
        limits = premises.house.limits
        self._premises = premises
        self._outbox = outbox
        self._failed = Allowance(limits.failed_attempts, FORGIVEN_EACH_MS)
        self._calmer: trio.Event | None = None  # where somebody waits
        self._in_flight = 0
        self._bytes = 0
        self.most_in_flight = limits.calls_in_flight
        self.stop = stop
        self.now = premises.now()
        self.transcript = b""

    @property
    def has_turn(self) -> bool:
        """Whether fewer calls are under way than one connection may have."""
        return self._in_flight < self.most_in_flight and self._bytes < MOST_BYTES

    async def wait_turn(self) -> None:
        """Wait until it is so."""
        while not self.has_turn:
            await self._wait_calmer()

    async def wait_answers(self) -> None:
        """Wait until no call is under way."""
        while self._in_flight:
            await self._wait_calmer()

    def begin(self, size: int = 0) -> None:
        """One more call is under way; ``finish`` it with its answer."""
        self._in_flight += 1
        self._bytes += size

    def finish(self, reply: Reply, size: int = 0, *, fault: bool = True) -> None:
        """The call's answer; ``fault``: what it names wrongly was its asker's to know."""
        self._in_flight -= 1
        self._bytes -= size
        if self._calmer is not None:
            self._calmer.set()
            self._calmer = None
        self.say(reply, fault=fault)

    def submit(self, asked: AnyRequest, answered: Callable[[Reply], None] | None = None) -> None:
        """Have the store answer. ``answered`` must lead to ``finish``."""
        self.begin()
        self._premises.storage.submit(asked, self.now, answered or self.finish)

    def refuse(self, asked: AnyRequest, reason: Reason) -> None:
        """Without asking the store."""
        self.say(Refused(call=asked.call, reason=reason))

    def say(self, reply: Reply, *, fault: bool = True) -> None:
        """Put it into the outbox, and count what fails."""
        self._outbox.put(reply)
        counters = self._premises.counters
        counters.replies[type(reply)] += 1
        if isinstance(reply, Refused):
            counters.refused[reply.reason] += 1
            if fault and reply.reason in _FAILURES:
                self._failure(counters)

    def _failure(self, counters: Counters) -> None:
        counters.suspicious[Pattern.FAILED_ATTEMPT] += 1
        if self._failed.another(self._premises.now().age_ms):
            counters.suspicious[Pattern.TOO_MANY_FAILED_ATTEMPTS] += 1
            self.stop(Reason.QUOTA, TOO_MANY_RETRY_MS)

    async def _wait_calmer(self) -> None:
        """Until one call less is under way."""
        calmer = self._calmer = self._calmer or trio.Event()
        await calmer.wait()
