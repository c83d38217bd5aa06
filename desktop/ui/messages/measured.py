"""A list whose rows are measured by whoever paints them, and only once somebody is near.

Law: whatever is on screen, or just above it, was measured.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtWidgets import QListView, QWidget

from desktop.ui.messages.strip import Size, Strip

MANY = 16  # rows that come at once


class Rough(Size):
    """What a row may be about."""


class MeasuredList(QListView):
    """What there is to know of rows; where they stand is up to whoever inherits."""

    def __init__(self, parent: QWidget | None = None) -> None:
        # Qt asks for geometry while its own constructor still runs.
        self.strip = Strip()
        self.following = True
        super().__init__(parent)

    # for whoever inherits

    def measure(self, row: int) -> Size:
        """How tall a row is."""
        raise NotImplementedError

    def width_changed(self, width: int) -> None:
        """Rows are measured anew for this width next."""
        raise NotImplementedError

    def guess(self) -> int | None:
        """About how tall a row is; None where each is measured as soon as it is there."""
        return None

    def end_margin(self) -> int:
        """The room below the last row."""
        return 0

    def head_margin(self) -> int:
        """The room above the first row."""
        return 0

    def ends_here(self) -> bool:
        """Whether the last row is the last there is."""
        return True

    # inside

    def _sizes(self, rows: range) -> list[Size]:
        if not self.following:
            return [self.measure(row) for row in rows]
        return last_ones(rows, self.guess(), self.viewport().height() * 3 // 2, self.measure)

    def _guessed(self, rows: range) -> list[int]:
        """Those of these rows that were not measured."""
        sizes = enumerate(self.strip.sizes(rows), rows.start)
        return [row for row, size in sizes if isinstance(size, Rough)]

    def _measure_some(self, rows: Sequence[int]) -> None:
        for row in rows:
            if 0 <= row < len(self.strip):
                self.strip.change(row, [self.measure(row)])


def last_ones(
    rows: range, guess: int | None, room: int, measure: Callable[[int], Size]
) -> list[Size]:
    """Sizes of rows that come while the end is followed: of many, those that fill the room are
    measured from the last one up, and the others are behind them before anybody could look."""
    if guess is None or len(rows) <= MANY:
        return [measure(row) for row in rows]
    seen: list[Size] = []
    for row in reversed(rows):
        if room <= 0:
            break
        seen.append(measure(row))
        room -= seen[-1].height
    return [*[Rough(0, guess)] * (len(rows) - len(seen)), *reversed(seen)]
