"""One statement for many rows.

Row counts come in few sizes, so that the prepared statements stay in the connection's cache; each
is half of the one before, so that any number of rows takes few statements.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any, TypeVar

T = TypeVar("T")

SIZES = (256, 128, 64, 32, 16, 8, 4, 2, 1)


class Many:
    """A statement with ``{rows}`` in it, for one of the SIZES."""

    def __init__(self, sql: str, columns: int) -> None:
        row = f"({', '.join('?' * columns)})"
        self._texts = {size: sql.format(rows=", ".join([row] * size)) for size in SIZES}

    def __call__(self, rows: int) -> str:
        return self._texts[rows]


def in_chunks(items: Sequence[T]) -> Iterator[Sequence[T]]:
    """All of them in order, in pieces of those sizes."""
    start = 0
    for size in SIZES:
        while len(items) - start >= size:
            yield items[start : start + size]
            start += size


def flat(rows: Sequence[tuple[Any, ...]]) -> list[Any]:
    """The values of all rows, one after the other."""
    return list(chain.from_iterable(rows))
