"""A generator of load in C, so that what is measured is the other side, whichever it is."""

from __future__ import annotations

import os
import signal
import struct
import subprocess
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_SOURCE = Path(__file__).with_name("senders.c")
_NO_ID = 0xFFFFFFFF
WARM_UP_S = 1.0


class CompilerMissing(Exception):
    """There is no C compiler: packaging/system-packages.sh --bench brings one."""


@dataclass(frozen=True)
class Plan:
    """What each connection says. An answer holds ``mark`` exactly once."""

    prologue: bytes
    ready: bytes
    mark: bytes
    requests: list[bytes]
    id_at: int | None  # where in a request its 16-byte id begins

    def encoded(self, window: int) -> bytes:
        """As the generator reads it."""
        (size,) = {len(request) for request in self.requests}
        id_at = _NO_ID if self.id_at is None else self.id_at
        marks = (len(self.prologue), len(self.ready), len(self.mark))
        head = struct.pack("<7I", len(self.requests), window, *marks, size, id_at)
        return head + self.prologue + self.ready + self.mark + b"".join(self.requests)


def id_of(connection: int, number: int) -> bytes:
    """The id that is patched into a connection's n-th request, from 0."""
    return struct.pack("<IQ4x", connection, number)


@dataclass(frozen=True)
class Rate:
    """What was answered: a second, at what delay, and by each connection until the kill."""

    per_second: float
    p50_ms: float
    p99_ms: float
    answered: list[int]


@contextmanager
def generator() -> Generator[Path]:
    """The compiled program. Raises CompilerMissing."""
    with tempfile.TemporaryDirectory(prefix="aside-senders-") as made:
        program = Path(made) / "senders"
        try:
            command = ["cc", "-O2", "-Wall", "-o", str(program), str(_SOURCE)]
            subprocess.run(command, check=True, timeout=60)
        except FileNotFoundError as exc:
            raise CompilerMissing from exc
        yield program


def measure(program: Path, port: int, victim: int, plan: Plan, window: int, seconds: float) -> Rate:
    """Load for ``seconds``; then the process ``victim`` is killed while the load goes on."""
    with subprocess.Popen(
        [program, str(port), str(seconds)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as running:
        assert running.stdin is not None
        assert running.stdout is not None
        running.stdin.write(plan.encoded(window))
        running.stdin.close()
        assert running.stdout.readline() == b"measured\n"
        os.kill(victim, signal.SIGKILL)
        lines = running.stdout.read().decode().split("\n")
    per_second, p50, p99 = (float(word) for word in lines[0].split())
    return Rate(per_second, p50, p99, [int(line) for line in lines[1:] if line])
