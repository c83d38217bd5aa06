"""Packets are opened a few in a round of the loop, whoever sends how many.

Opening one takes a tenth of a millisecond and holds the interpreter, so a thread would win
nothing. Everybody who brings packets has a turn in each round: a flood of one delays that one.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable
from typing import TypeAlias

import trio

from protocol.errors import RemoteProtocolError, Unopenable
from protocol.wire.packet import Packet
from relay import strings
from relay.faults import place
from relay.two_hops.sealing import Sealing

_log = logging.getLogger(__name__)

EACH_ROUND = 16

Opened: TypeAlias = Callable[[Packet | None], None]
_Queue: TypeAlias = deque[tuple[bytes, Opened]]


class Opener:
    """Opens what is sealed to this relay; None is what could not be opened."""

    def __init__(self, sealing: Sealing) -> None:
        self._sealing = sealing
        self._queues: dict[object, _Queue] = {}
        self._work = trio.Event()

    def open(self, by: object, packet: bytes, opened: Opened) -> None:
        """Soon; in order for each of those it is ``by``."""
        self._queues.setdefault(by, deque()).append((packet, opened))
        self._work.set()

    def forget(self, by: object) -> None:
        """Whoever it was has gone."""
        self._queues.pop(by, None)

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await self._work.wait()
            for _ in range(EACH_ROUND):
                if self._queues:
                    self._open_next()
            if not self._queues:
                self._work = trio.Event()
            await trio.lowlevel.checkpoint()

    def _open_next(self) -> None:
        by = next(iter(self._queues))
        queue = self._queues.pop(by)
        packet, opened = queue.popleft()
        if queue:
            self._queues[by] = queue
        try:
            opened(self._try(packet))
        except Exception as exc:  # noqa: BLE001
            # This task serves everybody; what met a bug is lost, and asked again elsewhere.
            _log.critical(strings.LOG_BUG, place(exc))

    def _try(self, packet: bytes) -> Packet | None:
        try:
            return self._sealing.open(packet)
        except (Unopenable, RemoteProtocolError):
            return None
