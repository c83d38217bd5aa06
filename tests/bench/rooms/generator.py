"""The generator in C (``seats.c`` and its neighbours): what it is given, and what it found.

Its seats are sockets on which somebody has entered already; it inherits them. It looks at every
entry at every seat: that it is the next of its publisher, as long and the same as it was sent, in
one order for all.
"""

from __future__ import annotations

import json
import socket
import struct
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.bench.senders import GeneratorFailed, tree_cpu_s

SOURCES = tuple(sorted(Path(__file__).parent.glob("*.c")))
NO_SEAT = 0xFFFFFFFF
NUMBER = 16  # digits that the generator writes: whose entry it is, and its how manieth


@dataclass(frozen=True)
class Seat:
    """A line that entered, and what came on it after the last thing that was waited for."""

    line: socket.socket
    rest: bytes = b""
    tunnel: int | None = None  # its number, where the generator holds the line itself

    @property
    def name(self) -> int:
        """What the generator calls it."""
        return self.line.fileno() if self.tunnel is None else self.tunnel


@dataclass(frozen=True)
class Request:
    """What is sent to a server, and the entry in it as the seats are to hear it."""

    said: bytes
    entry: bytes

    def encoded(self) -> bytes:
        """As the generator reads it."""
        at = self.said.index(self.entry)
        return struct.pack("<3I", len(self.said), at, len(self.entry)) + self.said


@dataclass(frozen=True)
class Publisher:
    """Who says something: on a line of its own, or on the seat with this number.

    One request is sent again and again, with the entry's first digits filled in each time; of
    those that were ``signed`` beforehand each is sent once. ``name``: whose entries they are,
    where that is not one of those digits.
    """

    requests: Sequence[Request]
    line: socket.socket | None = None
    seat: int = NO_SEAT
    signed: bool = False
    name: bytes = b""

    def encoded(self) -> bytes:
        """As the generator reads it."""
        fd = 0 if self.line is None else self.line.fileno()
        count = len(self.requests) if self.signed else 0
        head = struct.pack("<2I32sI", fd, self.seat, self.name, count)
        return head + b"".join(each.encoded() for each in self.requests)


@dataclass(frozen=True)
class Load:
    """How much is said: with a window, or so many entries a second whatever comes back."""

    seconds: float
    window: int = 0
    rate: float = 0.0
    warm_up: float = 1.0
    silence: float = 5.0  # nothing has come for so long: what is missing then is missing
    most: int = 0  # entries in all
    stalled: int = 0  # of the seats, the last ones, who do not read


@dataclass(frozen=True)
class Hall:
    """Everybody who is in, and how what they hear is written."""

    framing: str
    seats: Sequence[Seat]
    publishers: Sequence[Publisher]
    running: subprocess.Popen[bytes] | None = None  # by which they entered, if it runs already

    def plan(self, load: Load) -> bytes:
        """As the generator reads it."""
        counts = (len(self.seats), load.stalled, len(self.publishers), load.window)
        times = (load.rate, load.warm_up, load.seconds, load.silence)
        head = struct.pack("<8s4I4dQ", self.framing.encode(), *counts, *times, load.most)
        seats = (struct.pack("<2I", seat.name, len(seat.rest)) + seat.rest for seat in self.seats)
        return head + b"".join(seats) + b"".join(each.encoded() for each in self.publishers)

    @property
    def signed(self) -> int:
        """How many entries there are, where they were signed beforehand."""
        return sum(len(each.requests) for each in self.publishers if each.signed)

    def lines(self) -> list[socket.socket]:
        """All that the generator inherits."""
        if self.running is not None:
            return []
        own = [each.line for each in self.publishers if each.line is not None]
        return [seat.line for seat in self.seats] + own


@dataclass(frozen=True)
class Found:
    """What came of it."""

    seconds: float
    deliveries: int  # while it was measured
    entries: int
    sent: int  # in all
    generator_s: float  # processor time while it was measured
    server_s: float
    p50_ms: float  # from the sending of an entry, to each seat
    p99_ms: float
    last_p50_ms: float  # to the last of them
    last_p99_ms: float
    late_p99_ms: float  # of that the generator's own part: it did not send when it was due
    faults: dict[str, int] = field(default_factory=dict[str, int])

    @property
    def per_second(self) -> float:
        """Deliveries."""
        return self.deliveries / self.seconds if self.seconds else 0.0

    @property
    def cpu_us(self) -> float:
        """Of the server, for each delivery."""
        return self.server_s / self.deliveries * 1e6 if self.deliveries else 0.0

    @property
    def generator_core(self) -> float:
        """How much of one core the generator itself took."""
        return self.generator_s / self.seconds if self.seconds else 0.0


def measure(program: Path, hall: Hall, load: Load, server: int | None) -> Found:
    """Raises GeneratorFailed. ``server``: its process, of which and below which time is counted."""
    with hall.running or subprocess.Popen(
        [program],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        pass_fds=[line.fileno() for line in hall.lines()],
    ) as running:
        assert running.stdin is not None
        assert running.stdout is not None
        running.stdin.write(hall.plan(load))
        running.stdin.close()

        def hear(word: bytes) -> tuple[float, float]:
            assert running.stdout is not None
            if running.stdout.readline() != word + b"\n":
                raise GeneratorFailed(word.decode())
            return 0.0 if server is None else tree_cpu_s(server), time.monotonic()

        used, since = hear(b"measuring")
        used_then, at = hear(b"measured")
        said = running.stdout.readline()
    if not said:
        raise GeneratorFailed("what it found")
    found = json.loads(said)
    # The server's time is read a moment after the generator's own; what counts is its share.
    share = (used_then - used) / max(at - since, 1e-9)
    return Found(generator_s=found.pop("cpu_s"), server_s=share * found["seconds"], **found)
