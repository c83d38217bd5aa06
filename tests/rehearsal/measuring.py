"""What processes take of the machine: CPU and memory, looked at every few seconds."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import trio

EACH_S = 5.0
_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass
class Taken:
    """By one process, or by one after the other that did the same."""

    cpu_s: float = 0.0
    most_mib: float = 0.0
    wall_s: float = 0.0
    _last: dict[int, float] = field(default_factory=dict[int, float])

    def look(self, pid: int, after_s: float) -> None:
        """Count what it took since the last look."""
        try:
            stat = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()
            pages = int(Path(f"/proc/{pid}/statm").read_text("utf-8").split()[1])
        except (FileNotFoundError, ProcessLookupError):
            return  # between two of them
        cpu_s = (int(stat[11]) + int(stat[12])) / _TICKS
        if pid in self._last:
            self.cpu_s += cpu_s - self._last[pid]
            self.wall_s += after_s
        self._last[pid] = cpu_s
        self.most_mib = max(self.most_mib, pages * _PAGE / 2**20)

    @property
    def share(self) -> float:
        """Of one core."""
        return self.cpu_s / self.wall_s if self.wall_s else 0.0


async def keep_looking(who: dict[str, Callable[[], int | None]], taken: dict[str, Taken]) -> None:
    """Until it is cancelled; ``who`` says the process that each is at the moment."""
    last = trio.current_time()
    while True:
        now = trio.current_time()
        for name, pid in who.items():
            found = pid()
            if found is not None:
                taken.setdefault(name, Taken()).look(found, now - last)
        last = now
        await trio.sleep(EACH_S)
