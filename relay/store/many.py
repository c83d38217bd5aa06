"""One statement for many rows: each lets go of the interpreter, and a busy loop has it meanwhile.

Row counts come in few sizes, so that the prepared statements stay in the connection's cache. What
one round of the loop brings is mostly few rows, and these take one statement whatever their number.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any, TypeVar

T = TypeVar("T")

LARGE = (256, 128, 64)
SMALL = 32
SIZES = (*LARGE, *range(SMALL, 0, -1))


class Many:
    """A statement with ``{rows}`` in it, for one of the SIZES."""

    def __init__(self, sql: str, columns: int) -> None:
        row = f"({', '.join('?' * columns)})"
        self._texts = {size: sql.format(rows=", ".join([row] * size)) for size in SIZES}

    def __call__(self, rows: int) -> str:
        return self._texts[rows]


def in_chunks(items: Sequence[T]) -> Iterator[Sequence[T]]:
    """All of them in order, in pieces of those sizes."""
    start, end = 0, len(items)
    while start < end:
        left = end - start
        size = min(left, SMALL) if left < LARGE[-1] else next(n for n in LARGE if n <= left)
        yield items[start : start + size]
        start += size


def flat(rows: Sequence[tuple[Any, ...]]) -> list[Any]:
    """The values of all rows, one after the other."""
    return list(chain.from_iterable(rows))
