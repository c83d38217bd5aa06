"""Deliveries of one open mailbox: a doorbell rings, the store is read from the cursor.

History and live are one path. At most a window of envelopes is under way unacknowledged; each
acknowledgement gives room.
"""

from __future__ import annotations

import logging
from collections import deque

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
    """Reads one mailbox into one connection's outbox until it is stopped."""

    def __init__(self, mailbox: MailboxId, after: int, storage: Storage, outbox: Outbox) -> None:
        self.mailbox = mailbox
        self.delivered = after
        self._storage = storage
        self._outbox = outbox
        self._under_way: deque[tuple[int, int]] = deque()
        self._bytes = 0
        self._bell = trio.Event()
        self._scope = trio.CancelScope()

    def ring(self) -> None:
        """There may be something new. Ringing twice, or for nothing, is harmless."""
        self._bell.set()

    def acknowledged(self, up_to: int) -> None:
        """The owner has these; there is room for others."""
        while self._under_way and self._under_way[0][0] <= up_to:
            self._bytes -= self._under_way.popleft()[1]
        self._bell.set()

    def pass_on(self, signal: Signalled) -> bool:
        """What is not from the store, if this line has room; whether it had."""
        has_room = self._outbox.has_room
        if has_room:
            self._outbox.put(signal)
        return has_room

    def stop(self) -> None:
        """Deliver nothing more."""
        self._scope.cancel()

    async def run(self) -> None:
        """Deliver in order until stopped."""
        with self._scope:
            while True:
                self._bell = trio.Event()
                try:
                    if not await self._deliver_some():
                        await self._bell.wait()
                except StoreUnavailable as exc:
                    _log.error(strings.LOG_STORE_READ, place(exc))
                    await trio.sleep(RETRY_S)

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
