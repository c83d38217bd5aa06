"""The process of the bench's full clients (``full_clients.py``), and what it found."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from typing import Any

from protocol.ids import RoomId
from tests.bench.rooms.guests import HostsNoRooms

PROGRAM = "tests.bench.rooms.full_clients"


@dataclass(frozen=True)
class Verified:
    """What all of them heard, each so many entries."""

    entries: list[int]
    heads: int
    wrong: list[str]
    cpu_s: float


class Listening:
    """That process. ``end`` says what it found."""

    def __init__(self, address: str, room: RoomId, token: bytes, count: int) -> None:
        words = (address, room.hex(), token.hex(), str(count))
        self._process = subprocess.Popen(
            [sys.executable, "-m", PROGRAM, *words],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert self._process.stdout is not None
        if self._process.stdout.readline() != b"in\n":
            raise HostsNoRooms("full clients did not come in")

    def end(self) -> Verified:
        """Once nothing has come for a second."""
        said, _ = self._process.communicate(timeout=60)
        found: dict[str, Any] = json.loads(said)
        return Verified(**found)
