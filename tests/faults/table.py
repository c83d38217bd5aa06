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
class Figures:
    """What a long run found. Nothing may be lost, doubled or out of order."""

    done: str  # what was done, and how often
    messages: int
    lost: int
    doubled: int
    disordered: int
    worst: str  # how long it took at most until all was well again, in words
    well: bool

    def cells(self) -> tuple[str, ...]:
        wrong = f"{self.lost} / {self.doubled} / {self.disordered}"
        return self.done, f"{self.messages:,}", wrong, self.worst, "yes" if self.well else "**no**"


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
