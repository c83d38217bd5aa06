"""The rows of a stage that are held at this moment: a window of at most 400 and some slack.

Laws: rows stand in the order of their places, those of mine that have none yet behind them; saying
the same rows twice changes nothing; what is let go is let go on the side that nobody looks at.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, Qt, Signal

from desktop.core.rooms import Entry
from desktop.ui.messages.model import SLACK, WINDOW, AnyIndex
from desktop.ui.rooms import stage_words
from protocol.ids import EntryId

ENTRY = Qt.ItemDataRole.UserRole + 1


class StageModel(QAbstractListModel):
    """A window over one stage."""

    appended = Signal(object)  # entries with a place that were not there before

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.older = False  # there are rows before the first one
        self.newer = False  # and after the last one that has a place
        self.held = range(0)  # rows that must stay: those on screen, and some around them
        self._rows: list[Entry] = []  # with a place
        self._waiting: list[Entry] = []
        self._numbers: dict[EntryId, int] = {}  # of rows with a place, counted from ``_base``
        self._base = 0

    # what comes in

    def reset(
        self,
        entries: Sequence[Entry],
        *,
        older: bool = False,
        newer: bool = False,
        waiting: Sequence[Entry] = (),
    ) -> None:
        """Show these rows instead."""
        self.beginResetModel()
        self._rows = list(entries[-WINDOW - SLACK :])
        self._waiting = [] if newer else list(waiting)
        self.older = older or len(entries) > len(self._rows)
        self.newer = newer
        self.held = range(0)
        self._base = 0
        self._numbers = {entry.entry_id: row for row, entry in enumerate(self._rows)}
        self.endResetModel()

    def append(
        self, entries: Sequence[Entry], *, newer: bool = False, waiting: Sequence[Entry] = ()
    ) -> None:
        """Rows behind the last one that has a place, and what waits behind those.

        While somebody reads far above, some are left for later: ``newer`` is True then.
        """
        last = self.last_place
        fresh = [entry for entry in entries if last is None or entry.place > last]
        surplus = self._surplus(len(fresh))
        ahead = min(surplus, self.held.start) if self.held else surplus
        room = WINDOW + SLACK - len(self._rows) + ahead
        kept = fresh[:room] if ahead < surplus else fresh
        self.newer = newer or len(kept) < len(fresh)
        still = [] if self.newer else list(waiting)
        if kept or self._waiting != still:
            self._take_waiting()
            self._insert(len(self._rows), [*kept, *still], len(kept))
        self._let_go_first(min(ahead, len(self._rows) - 1))
        if fresh:
            self.appended.emit(fresh)

    def prepend(self, entries: Sequence[Entry], *, older: bool = False) -> None:
        """Rows before the first one."""
        first = self.first_place
        fresh = [entry for entry in entries if first is None or entry.place < first]
        self.older = older
        if fresh:
            self.beginInsertRows(QModelIndex(), 0, len(fresh) - 1)
            self._rows[0:0] = fresh
            self._base -= len(fresh)
            for row, entry in enumerate(fresh, self._base):
                self._numbers[entry.entry_id] = row
            self.endInsertRows()
        surplus = self._surplus(0)
        self._let_go_last(min(surplus, len(self._rows) - self.held.stop) if self.held else surplus)

    def update(self, entries: Sequence[Entry]) -> None:
        """Rows that are something else now; others are ignored."""
        for entry in entries:
            row = self.row_of(entry.entry_id)
            if row is not None and row < len(self._rows) and self._rows[row] != entry:
                self._rows[row] = entry
                self.dataChanged.emit(self.index(row), self.index(row))

    # what is there

    @property
    def first_place(self) -> int | None:
        return self._rows[0].place if self._rows else None

    @property
    def last_place(self) -> int | None:
        return self._rows[-1].place if self._rows else None

    def entry(self, row: int) -> Entry:
        placed = len(self._rows)
        return self._rows[row] if row < placed else self._waiting[row - placed]

    def row_of(self, entry_id: EntryId) -> int | None:
        number = self._numbers.get(entry_id)
        if number is not None:
            return number - self._base
        for row, entry in enumerate(self._waiting, len(self._rows)):
            if entry.entry_id == entry_id:
                return row
        return None

    def rowCount(self, parent: AnyIndex | None = None) -> int:
        inside = parent is not None and parent.isValid()
        return 0 if inside else len(self._rows) + len(self._waiting)

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not 0 <= index.row() < self.rowCount():
            return None
        entry = self.entry(index.row())
        if role == ENTRY:
            return entry
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return stage_words.spoken(entry)
        if role == Qt.ItemDataRole.DisplayRole:
            return stage_words.content(entry)
        return None

    # inside

    def _surplus(self, coming: int) -> int:
        total = len(self._rows) + coming
        return total - WINDOW if total > WINDOW + SLACK else 0

    def _take_waiting(self) -> None:
        if self._waiting:
            first = len(self._rows)
            self.beginRemoveRows(QModelIndex(), first, self.rowCount() - 1)
            self._waiting = []
            self.endRemoveRows()

    def _insert(self, first: int, rows: list[Entry], placed: int) -> None:
        if not rows:
            return
        self.beginInsertRows(QModelIndex(), first, first + len(rows) - 1)
        self._rows.extend(rows[:placed])
        self._waiting = rows[placed:]
        for number, entry in enumerate(rows[:placed], self._base + first):
            self._numbers[entry.entry_id] = number
        self.endInsertRows()

    def _let_go_first(self, count: int) -> None:
        if count <= 0:
            return
        self.older = True
        self.beginRemoveRows(QModelIndex(), 0, count - 1)
        for entry in self._rows[:count]:
            del self._numbers[entry.entry_id]
        del self._rows[:count]
        self._base += count
        self.endRemoveRows()

    def _let_go_last(self, count: int) -> None:
        if count <= 0:
            return
        self._take_waiting()
        self.newer = True
        first = len(self._rows) - count
        self.beginRemoveRows(QModelIndex(), first, len(self._rows) - 1)
        for entry in self._rows[first:]:
            del self._numbers[entry.entry_id]
        del self._rows[first:]
        self.endRemoveRows()
