"""Deliveries of one open mailbox: a doorbell rings, the store is read from the cursor.

History and live are one path. At most a window of envelopes is under way unacknowledged; each
acknowledgement gives room.
"""

from __future__ import annotations

import logging

import trio

from protocol.ids import MailboxId
from protocol.wire.frames import Delivery, Signalled
from relay import strings
from relay.faults import place
from relay.outbox import Outbox
from relay.store.storage import Storage, StoreUnavailable

_log = logging.getLogger(__name__)

WINDOW = 64
WINDOW_BYTES = 512 * 1024
RETRY_S = 2.0


class Collector:
    """Reads one mailbox into one connection's outbox, from the first ring until it is stopped.

    Most mailboxes are silent most of the time, so a task is there only while there is work.
    """

    def __init__(
        self,
        mailbox: MailboxId,
        after: int,
        storage: Storage,
        outbox: Outbox,
        nursery: trio.Nursery,
    ) -> None:
        self.mailbox = mailbox
        self.delivered = after
        self._storage = storage
        self._outbox = outbox
        self._nursery: trio.Nursery | None = nursery
        self._under_way: list[tuple[int, int]] = []
        self._bytes = 0
        self._rung = False
        self._working: trio.CancelScope | None = None

    def ring(self) -> None:
        """There may be something new. Ringing twice, for nothing, or too late is harmless."""
        self._rung = True
        if self._working is None and self._nursery is not None:
            self._working = trio.CancelScope()
            self._nursery.start_soon(self._work, self._working)

    def acknowledged(self, up_to: int) -> None:
        """The owner has these; there is room for others."""
        known = sum(number <= up_to for number, _ in self._under_way)
        self._bytes -= sum(size for _, size in self._under_way[:known])
        del self._under_way[:known]
        self.ring()

    def pass_on(self, signal: Signalled) -> bool:
        """What is not from the store, if this line has room; whether it had."""
        has_room = self._outbox.has_room
        if has_room:
            self._outbox.put(signal)
        return has_room

    def stop(self) -> None:
        """Deliver nothing more."""
        self._nursery = None
        if self._working is not None:
            self._working.cancel()

    async def _work(self, scope: trio.CancelScope) -> None:
        """Deliver in order until there is nothing more, or no room."""
        with scope:
            while self._rung:
                self._rung = False
                try:
                    while await self._deliver_some():
                        pass
                except StoreUnavailable as exc:
                    _log.error(strings.LOG_STORE_READ, place(exc))
                    await trio.sleep(RETRY_S)
                    self._rung = True
        self._working = None

    async def _deliver_some(self) -> bool:
        """Deliver a page; whether it was worth looking for another at once."""
        count, size = WINDOW - len(self._under_way), WINDOW_BYTES - self._bytes
        if count <= 0 or size <= 0:
            return False
        await self._outbox.wait_room()
        page = await self._storage.waiting(self.mailbox, self.delivered, count, size)
        for waiting in page:
            self.delivered = waiting.number
            self._under_way.append((waiting.number, len(waiting.body)))
            self._bytes += len(waiting.body)
            self._outbox.put(
                Delivery(
                    mailbox=self.mailbox,
                    sequence=waiting.number,
                    envelope_id=waiting.envelope_id,
                    capability=waiting.capability,
                    body=waiting.body,
                )
            )
        return bool(page)
