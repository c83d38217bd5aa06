"""Whether more rows are wanted above or below what is on screen.

Law: a side is asked for once, and again when rows came or the reader was away from it.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QAbstractItemView

Side = tuple[bool, Callable[[], object]]

NEAR = 2  # so many screens from a side it is wanted


class Edges:
    """Two sides of a window over many rows."""

    def __init__(self) -> None:
        self._asked: set[str] = set()

    def forget(self) -> None:
        """Rows came: what was asked for is here."""
        self._asked.clear()

    def look(self, view: QAbstractItemView, older: Side, newer: Side) -> None:
        """Each side: whether there is more, and how to ask for it."""
        bar, near = view.verticalScrollBar(), NEAR * view.viewport().height()
        above = bar.value() < near
        below = bar.maximum() - bar.value() < near
        for name, close, (more, ask) in (("older", above, older), ("newer", below, newer)):
            if not (more and close):
                self._asked.discard(name)
            elif name not in self._asked:
                self._asked.add(name)
                ask()
