"""A generator of load in C, so that what is measured is the other side, whichever it is."""

from __future__ import annotations

import os
import signal
import struct
import subprocess
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_SOURCE = Path(__file__).with_name("senders.c")
_NO_ID = 0xFFFFFFFF
WARM_UP_S = 1.0


class CompilerMissing(Exception):
    """There is no C compiler: packaging/system-packages.sh --bench brings one."""


class GeneratorFailed(Exception):
    """It said something else than what was expected of it next."""


@dataclass(frozen=True)
class Step:
    """Something said on the way in, and what to wait for."""

    said: bytes
    until: bytes

    def encoded(self) -> bytes:
        """As the generator reads it."""
        return struct.pack("<2I", len(self.said), len(self.until)) + self.said + self.until


@dataclass(frozen=True)
class Plan:
    """How each connection comes, and what it says then. An answer holds ``mark`` exactly once."""

    steps: list[Step]
    mark: bytes
    requests: list[bytes]
    id_at: int | None = None  # where in a request its 16-byte id begins

    def encoded(self, window: int) -> bytes:
        """As the generator reads it."""
        (size,) = {len(request) for request in self.requests}
        id_at = _NO_ID if self.id_at is None else self.id_at
        lengths = (len(self.steps), len(self.mark), size)
        head = struct.pack("<6I", len(self.requests), window, *lengths, id_at)
        steps = b"".join(step.encoded() for step in self.steps)
        return head + steps + self.mark + b"".join(self.requests)


def id_of(connection: int, number: int) -> bytes:
    """The id that is patched into a connection's n-th request, from 0."""
    return struct.pack("<IQ4x", connection, number)


@dataclass(frozen=True)
class Rate:
    """What was answered: a second, at what delay and price, and each connection until the kill."""

    per_second: float
    p50_ms: float
    p99_ms: float
    answered: list[int]
    cpu_us: float = 0.0  # of the other side, for each


@contextmanager
def generator(*sources: Path, tls: bool = False) -> Generator[Path]:
    """The compiled program, by default the senders. Raises CompilerMissing.

    ``tls``: with OpenSSL, if it is there to build with.
    """
    with tempfile.TemporaryDirectory(prefix="aside-senders-") as made:
        program = Path(made) / "generator"
        try:
            command = ["cc", "-O2", "-Wall", "-o", program, *(sources or [_SOURCE])]
            built = None
            if tls:
                built = subprocess.run(
                    [*command, "-DTLS", "-lssl", "-lcrypto"],
                    check=False,
                    stderr=subprocess.DEVNULL,
                    timeout=60,
                )
            if built is None or built.returncode:
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
        assert running.stdout.readline() == b"measuring\n"
        cpu, since = cpu_s(victim), time.monotonic()
        assert running.stdout.readline() == b"measured\n"
        share = (cpu_s(victim) - cpu) / (time.monotonic() - since)
        os.kill(victim, signal.SIGKILL)
        lines = running.stdout.read().decode().split("\n")
    per_second, p50, p99 = (float(word) for word in lines[0].split())
    answered = [int(line) for line in lines[1:] if line]
    return Rate(per_second, p50, p99, answered, share / per_second * 1e6 if per_second else 0)


def cpu_s(pid: int) -> float:
    """What the process has used."""
    words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


def tree_cpu_s(pid: int) -> float:
    """What the process and all below it have used."""
    total = cpu_s(pid)
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        total += sum(map(tree_cpu_s, map(int, children.read_text().split())))
    return total
