"""Which open mailbox is collected where; at most one place for each."""

from __future__ import annotations

from collections.abc import Iterable

from protocol.ids import MailboxId
from relay.collector import Collector


class Switchboard:
    """Doorbells by mailbox."""

    def __init__(self) -> None:
        self._collectors: dict[MailboxId, Collector] = {}

    def take_over(self, collector: Collector) -> None:
        """This one collects from now on; an earlier one of the same mailbox stops."""
        earlier = self._collectors.get(collector.mailbox)
        if earlier is not None:
            earlier.stop()
        self._collectors[collector.mailbox] = collector

    def collects(self, collector: Collector) -> bool:
        """Whether nobody has taken over from this one."""
        return self._collectors.get(collector.mailbox) is collector

    def leave(self, collector: Collector) -> None:
        """This one collects no longer."""
        collector.stop()
        if self.collects(collector):
            del self._collectors[collector.mailbox]

    def ring(self, mailboxes: Iterable[MailboxId]) -> None:
        """Something new came into these."""
        for mailbox in mailboxes:
            collector = self._collectors.get(mailbox)
            if collector is not None:
                collector.ring()

    def __len__(self) -> int:
        return len(self._collectors)
