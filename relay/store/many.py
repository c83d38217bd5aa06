"""One statement for many rows.

Row counts come in few sizes, so that the prepared statements stay in the connection's cache.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any, TypeVar

T = TypeVar("T")

SIZES = (128, 32, 8, 2, 1)


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
