"""One connection's part in a room: whom the room can reach, and what is told to many at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

from protocol.wire import codec
from protocol.wire.frames import Frame, Reason
from relay.framing import head_of
from relay.rules.rooms.seats import Seat


class Line(Protocol):
    """Where frames for one connection go."""

    def put(self, frame: Frame) -> None: ...

    def put_framed(self, data: bytes) -> bool:
        """Bytes that many are sent alike; False where too much waits already."""
        ...


class Sitting:
    """A connection with a seat. ``listening``: it is told what is said."""

    def __init__(
        self, line: Line, stop: Callable[[Reason, int], None], cut_off: Callable[[], None]
    ) -> None:
        self.line = line
        self.stop = stop
        self.cut_off = cut_off
        self.seat: Seat | None = None
        self.listening = False


def framed(said: Sequence[Frame]) -> bytes:
    """One message, encoded once for everybody: nothing in it is of one connection."""
    data = codec.dump(said)
    return head_of(len(data)) + data


def tell_all(sittings: Iterable[Sitting], said: Sequence[Frame]) -> int:
    """The same bytes to each, at once; who is too far behind is cut off. How many were told."""
    data = framed(said)
    told = 0
    behind: list[Sitting] = []
    for sitting in sittings:
        told += 1
        if not sitting.line.put_framed(data):
            behind.append(sitting)
    for sitting in behind:
        sitting.listening = False
        sitting.cut_off()
    return told
