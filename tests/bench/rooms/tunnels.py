"""Lines under TLS for the generator, which has to hold their keys to read and write on them.

So it dials, and while people enter it passes on what they say and hear (``tls.c``); the protocol's
own code enters over a tunnel as it does over a socket. Then tunnels end, and lines are named by
their tunnels' numbers.
"""

from __future__ import annotations

import socket
import struct
import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from tests.bench.senders import GeneratorFailed


class Tunnels:
    """So many, into a generator that runs already."""

    def __init__(self, running: subprocess.Popen[bytes], ours: list[socket.socket]) -> None:
        self.running = running
        self._ours = ours
        self._taken = 0

    def take(self) -> socket.socket:
        """The next one; their numbers count from 0."""
        self._taken += 1
        return self._ours[self._taken - 1]

    def end(self) -> list[bytes]:
        """Nothing goes through any more: what came by each and was not read yet."""
        assert self.running.stdin is not None
        self.running.stdin.write(b".")
        self.running.stdin.flush()
        return [self._rest(each) for each in self._ours[: self._taken]]

    def _rest(self, line: socket.socket) -> bytes:
        parts: list[bytes] = []
        while data := line.recv(65536):
            parts.append(data)
        return b"".join(parts)


@contextmanager
def tunnels(program: Path, port: int, count: int) -> Generator[Tunnels]:
    """Raises GeneratorFailed where it was built without OpenSSL."""
    pairs = [socket.socketpair() for _ in range(count)]
    ours, theirs = [one for one, _ in pairs], [other for _, other in pairs]
    numbers = [each.fileno() for each in theirs]
    with subprocess.Popen(
        [program, "tls"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        pass_fds=numbers,
    ) as running:
        try:
            for each in theirs:
                each.close()
            assert running.stdin is not None
            running.stdin.write(struct.pack(f"<{2 + count}I", port, count, *numbers))
            running.stdin.flush()
            yield Tunnels(running, ours)
        except BrokenPipeError as exc:
            raise GeneratorFailed("TLS") from exc
        finally:
            running.kill()
            for each in ours:
                each.close()
