"""The tables of README.md: each row is written by the run that it tells of, and no other."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

README = Path(__file__).parent / "README.md"
FAULTS = "fault"
PARSERS = "parser"


@dataclass(frozen=True)
class Aim:
    """The full figures that are asked for: so many times, over so many messages. 0 where nothing
    is asked of either."""

    times: int = 0
    messages: int = 0

    def reached(self, times: int, messages: int = 0) -> str:
        """What part of it so much is; of the two the smaller one, and never rounded up."""
        asked = ((times, self.times), (messages, self.messages))
        percent = min(100 * done // aim for done, aim in asked if aim)
        return "all" if percent >= 100 else f"**{percent} %**"


@dataclass(frozen=True)
class Figures:
    """What a long run found. Nothing may be lost, doubled or out of order."""

    done: str  # what was done, and how often
    messages: int
    lost: int
    doubled: int
    disordered: int
    worst: str  # how long it took at most until all was well again, in words
    well: bool
    times: int = 0  # how often it was done

    def cells(self, aim: Aim) -> tuple[str, ...]:
        """What was found, and of what part of the full figures that tells."""
        wrong = f"{self.lost} / {self.doubled} / {self.disordered}"
        reached = aim.reached(self.times, self.messages)
        well = "yes" if self.well else "**no**"
        return self.done, f"{self.messages:,}", reached, wrong, self.worst, well


def machine() -> str:
    """As much of it as tells anybody anything."""
    return f"{os.cpu_count()} shared cores"


def today() -> str:
    return datetime.now(UTC).date().isoformat()


def put(text: str, table: str, name: str, cells: tuple[str, ...]) -> str:
    """The text with this row in the table whose first heading is ``table``: in the place of the
    row of that name, or at the end. Raises ValueError where there is no such table."""
    lines = text.splitlines()
    head = next((at for at, line in enumerate(lines) if line.startswith(f"| {table} |")), None)
    if head is None:
        raise ValueError(table)
    row = f"| {name} | {' | '.join(cells)} |"
    at = head + 2
    while at < len(lines) and lines[at].startswith("|"):
        if lines[at].startswith(f"| {name} |"):
            lines[at] = row
            break
        at += 1
    else:
        lines.insert(at, row)
    return "\n".join(lines) + "\n"


def write(table: str, name: str, cells: tuple[str, ...], path: Path = README) -> None:
    """Put the row into the file."""
    path.write_text(put(path.read_text("utf-8"), table, name, cells), "utf-8")
