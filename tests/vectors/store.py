"""The books of frozen vectors: one JSON file each, names and hex (or text where it is text)."""

from __future__ import annotations

import json
from pathlib import Path

HERE = Path(__file__).parent


def read(book: str) -> dict[str, str]:
    """What is frozen; nothing if the book is new."""
    path = HERE / f"{book}.json"
    found: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
    return found


def write(book: str, vectors: dict[str, str]) -> None:
    """Freeze."""
    text = json.dumps(dict(sorted(vectors.items())), indent=1, ensure_ascii=True)
    (HERE / f"{book}.json").write_text(text + "\n")


def changed(book: str, made: dict[str, str]) -> list[str]:
    """The frozen names that no longer come out as they did, or not at all."""
    return [name for name, frozen in read(book).items() if made.get(name) != frozen]
