"""What was done and seen, and when: shown while it happens, and kept in a file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path


class Transcript:
    """Lines with the seconds since the beginning before them."""

    def __init__(self, file: Path, now: Callable[[], float], show: Callable[[str], object]) -> None:
        self._file = file
        self._now = now
        self._show = show
        self._begin = now()
        file.write_text("", "utf-8")

    def say(self, what: str) -> None:
        line = f"{self._now() - self._begin:6.1f} s  {what}\n"
        self._show(line)
        with self._file.open("a", encoding="utf-8") as out:
            out.write(line)
