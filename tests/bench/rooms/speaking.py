"""People in a room who say what they signed beforehand when it is due, whatever comes of it."""

from __future__ import annotations

import selectors
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from protocol.wire import codec
from protocol.wire.frames import Ping, Refused
from protocol.wire.frames.room_entries import Entries
from tests.bench.deposits import websocket
from tests.bench.rooms.generator import Request
from tests.bench.rooms.guests import CALL, Guest

TICK_S = 0.01
SETTLES_S = 1.0


class NotSaid(Exception):
    """The relay refused an entry, or ended a line: the figures count for nothing."""


@dataclass
class Speaking:
    """All of them. ``told`` are the items as the first of them heard them, in the room's order."""

    guests: Sequence[Guest]
    told: list[bytes] = field(default_factory=list[bytes])

    def __post_init__(self) -> None:
        self._poll = selectors.DefaultSelector()
        for guest in self.guests:
            guest.line.setblocking(False)
            self._poll.register(guest.line, selectors.EVENT_READ, guest)

    def say(self, order: Sequence[tuple[int, Request]], rate: int) -> float:
        """So many a second; how late the last of them was said, in seconds. Raises NotSaid."""
        began, said = time.monotonic(), 0
        while said < len(order):
            due = min(len(order), int((time.monotonic() - began) * rate) + 1)
            for who, request in order[said:due]:
                self._send(self.guests[who], request.said)
            said = due
            self._hear(TICK_S)
        return time.monotonic() - began - (len(order) - 1) / rate

    def rest(self, seconds: float) -> None:
        """Only listen, and say that the lines are in use. Raises NotSaid."""
        for guest in self.guests:
            self._send(guest, websocket(codec.dump([Ping(call=CALL)])))
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            self._hear(min(left, 0.1))

    def _send(self, guest: Guest, message: bytes) -> None:
        guest.line.setblocking(True)
        guest.line.sendall(message)
        guest.line.setblocking(False)

    def _hear(self, patience: float) -> None:
        until = time.monotonic() + patience
        for key, _ in self._poll.select(patience):
            guest: Guest = key.data
            data = guest.line.recv(1 << 20)
            if not data:
                raise NotSaid("a line was ended")
            if guest is not self.guests[0]:
                continue  # what was refused is missing in the end
            for frame in guest.take(data):
                if isinstance(frame, Refused):
                    raise NotSaid(str(frame.reason))
                if isinstance(frame, Entries):
                    self.told += frame.items
        time.sleep(max(0.0, until - time.monotonic()))
