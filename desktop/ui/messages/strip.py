"""Rows of different heights under each other: which row is where. Pure sums, no Qt.

Law: ``row_at`` and ``top`` agree, whatever was put in or taken out.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate
from typing import NamedTuple


class Size(NamedTuple):
    """A row: ``lead`` is what stands above its body (a gap, a day), part of ``height``."""

    lead: int
    height: int


class Strip:
    """Heights kept, tops summed anew on a change: a few hundred additions, once a batch."""

    def __init__(self) -> None:
        self._sizes: list[Size] = []
        self._tops: list[int] = [0]
        self._head = 0

    def __len__(self) -> int:
        return len(self._sizes)

    @property
    def total(self) -> int:
        return self._tops[-1]

    @property
    def head(self) -> int:
        """The room above the first row."""
        return self._head

    @head.setter
    def head(self, height: int) -> None:
        if height != self._head:
            self._head = height
            self._sum()

    def top(self, row: int) -> int:
        return self._tops[row]

    def bottom(self, row: int) -> int:
        return self._tops[row + 1]

    def body(self, row: int) -> int:
        """Where the row's own part begins, below its gap or its day."""
        return self._tops[row] + self._sizes[row].lead

    def row_at(self, y: int) -> int:
        """The row that holds ``y``; the first or last one beyond the ends. Wants a row at all."""
        return min(max(bisect_right(self._tops, y) - 1, 0), len(self._sizes) - 1)

    def sizes(self, rows: range) -> list[Size]:
        """Of these rows."""
        return self._sizes[rows.start : rows.stop]

    def insert(self, row: int, sizes: Sequence[Size]) -> None:
        self._sizes[row:row] = sizes
        self._sum()

    def remove(self, first: int, last: int) -> None:
        """Take out the rows from ``first`` to ``last``, both included."""
        del self._sizes[first : last + 1]
        self._sum()

    def change(self, row: int, sizes: Sequence[Size]) -> None:
        self._sizes[row : row + len(sizes)] = sizes
        self._sum()

    def clear(self) -> None:
        self._sizes.clear()
        self._sum()

    def _sum(self) -> None:
        heights = (size.height for size in self._sizes)
        self._tops = list(accumulate(heights, initial=self._head))
