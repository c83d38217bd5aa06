"""On which line of a TOML text a value stands, found with the parser that read it.

The first lines up to the value's own are TOML without it, and with its last line they have it. So
nothing here has to know how TOML is written.
"""

from __future__ import annotations

import tomllib
from typing import Any


def line_of(text: str, path: tuple[str, ...]) -> int:
    """Counted from one; 0 where it is not there."""
    lines = text.splitlines(keepends=True)
    for count in range(1, len(lines) + 1):
        found = _load("".join(lines[:count]))
        if found is not None and _has(found, path):
            return _begin(lines, count, path)
    return 0


def _begin(lines: list[str], end: int, path: tuple[str, ...]) -> int:
    """Where the value that is complete with line ``end`` begins."""
    for count in range(end - 1, -1, -1):
        found = _load("".join(lines[:count]))
        if found is not None and not _has(found, path):
            return count + 1
    return end


def _load(text: str) -> dict[str, Any] | None:
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError):
        return None


def _has(found: object, path: tuple[str, ...]) -> bool:
    for name in path:
        if not isinstance(found, dict) or name not in found:
            return False
        found = found[name]  # pyright: ignore[reportUnknownVariableType]
    return True
