"""Whom to ring: where an open mailbox is collected, and who was turned away from a full one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from protocol.ids import CapabilityHash, MailboxId
from relay.collector import Collector
from relay.rules.records import Bell


class Depositor(Protocol):
    """Somebody who waits for room."""

    def may_go_on(self, capability: CapabilityHash) -> None:
        """There is room again for whom this was given to."""
        ...


class Switchboard:
    """Doorbells. A mailbox is collected in one place at most; many may wait for room in it."""

    def __init__(self) -> None:
        self._collectors: dict[bytes, Collector] = {}
        self._waiting: dict[bytes, dict[Depositor, CapabilityHash]] = {}

    def take_over(self, collector: Collector) -> None:
        """This one collects from now on; an earlier one of the same mailbox stops."""
        earlier = self._collectors.get(collector.mailbox)
        if earlier is not None:
            earlier.stop()
        self._collectors[collector.mailbox] = collector

    def collector(self, mailbox: MailboxId) -> Collector | None:
        """Where it is collected, if it is open."""
        return self._collectors.get(mailbox)

    def collects(self, collector: Collector) -> bool:
        """Whether nobody has taken over from this one."""
        return self._collectors.get(collector.mailbox) is collector

    def leave(self, collector: Collector) -> None:
        """This one collects no longer."""
        collector.stop()
        if self.collects(collector):
            del self._collectors[collector.mailbox]

    def wait_room(self, capability: CapabilityHash, who: Depositor) -> None:
        """They were turned away with this one, and want to be told."""
        self._waiting.setdefault(capability, {})[who] = capability

    def forget(self, capability: CapabilityHash, who: Depositor) -> None:
        """They are told no more."""
        waiting = self._waiting.get(capability, {})
        waiting.pop(who, None)
        if not waiting:
            self._waiting.pop(capability, None)

    def ring(self, bells: Iterable[Bell]) -> None:
        """Something new came into a mailbox, or somebody has room again."""
        for bell in bells:
            collector = self._collectors.get(bell)
            if collector is not None:
                collector.ring()
            for who, capability in self._waiting.pop(bell, {}).items():
                who.may_go_on(capability)

    def __len__(self) -> int:
        return len(self._collectors)
