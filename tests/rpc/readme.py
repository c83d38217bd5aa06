"""The tables of the README, by the word in their first column's head."""

from __future__ import annotations

import re
from pathlib import Path

README = Path(__file__).parents[2] / "desktop" / "rpc" / "README.md"


def table(head: str) -> dict[str, str]:
    """The second column by the first, of all tables that begin with ``head``."""
    found: dict[str, str] = {}
    here = False
    for line in README.read_text("utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if not line.startswith("|"):
            here = False
        elif cells[0] == head:
            here = True
        elif here and not set(cells[0]) <= set("-"):
            assert cells[0] not in found
            found[cells[0]] = cells[1]
    return found


def named(cell: str) -> set[tuple[str, str]]:
    """What a cell names, and whether a ``?`` stands behind it."""
    return set(re.findall(r"`(\w+)`(\??)", cell))


def code(language: str) -> str:
    """The one block of code in this language."""
    [block] = re.findall(rf"```{language}\n(.*?)```", README.read_text("utf-8"), re.DOTALL)
    return str(block)
