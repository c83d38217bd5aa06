"""What was composed against what stands in the other's history: lost, doubled, out of order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any


@dataclass(frozen=True)
class Direction:
    """One way of a conversation, judged. Everything but ``composed`` has to be nothing."""

    composed: int
    lost: int
    doubled: int
    disordered: int  # places where what follows was composed before what stands above it
    unasked: int  # rows that nobody composed: holes, unreadable ones, texts of nobody
    repaired: int  # rows that came too late and had to be asked for again

    @property
    def well(self) -> bool:
        """Whether every message is there once, in its place, and never was in danger."""
        return self.whole and not self.repaired

    @property
    def whole(self) -> bool:
        """Whether every message is there once, in its place, though some may have come late and
        are marked so."""
        return not (self.lost or self.doubled or self.disordered or self.unasked)


def judge(composed: Sequence[str], shown: Iterable[dict[str, Any]]) -> Direction:
    """``shown`` are the rows of one author as ``message.list`` gives them, oldest first."""
    rows = list(shown)
    place = {text: number for number, text in enumerate(composed)}
    texts = [row["text"] for row in rows if row["kind"] == "text" and row["text"] in place]
    counted = Counter(texts)
    order = [place[text] for text in texts]
    return Direction(
        composed=len(composed),
        lost=len(place.keys() - counted.keys()),
        doubled=sum(count - 1 for count in counted.values()),
        disordered=sum(later < earlier for earlier, later in pairwise(order)),
        unasked=len(rows) - len(texts),
        repaired=sum(row["late"] for row in rows),
    )
