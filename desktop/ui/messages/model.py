"""The rows of a conversation that are held at this moment: at most 400, and some slack.

Laws: rows are in the order of their ``position`` without holes; what is let go is let go on the
side that nobody is looking at (``older``, ``newer`` say that there is more); saying the same rows
twice changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)

from desktop.core.models import Message, State
from desktop.ui.messages import strings
from desktop.ui.messages.shape import Marks, Shape, shape
from protocol.ids import MemberId

AnyIndex = QModelIndex | QPersistentModelIndex

WINDOW = 400
SLACK = 100  # so that rows are let go a hundred at a time

MESSAGE = Qt.ItemDataRole.UserRole + 1


class MessageModel(QAbstractListModel):
    """A window over one conversation."""

    appended = Signal(object)  # the new rows, also those left for later

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.older = False  # there are rows before the first one
        self.newer = False  # there are rows after the last one
        self.held = range(0)  # the rows that must stay: those on screen, and some around them
        self.marks = Marks()
        self._rows: list[Message] = []
        self._before: Message | None = None  # just outside the window: keeps the edge rows' shape
        self._after: Message | None = None
        self._numbers: dict[bytes, int] = {}  # message id → row, counted from ``_base``
        self._base = 0
        self._names: Mapping[MemberId, str] = {}
        self._folded: set[bytes] = set()  # rows of which the view shows the first lines alone

    # what comes in

    def reset(
        self, messages: Sequence[Message], *, older: bool = False, newer: bool = False
    ) -> None:
        """Show these rows instead. ``older``, ``newer``: there is more on that side."""
        self.beginResetModel()
        self._rows = list(messages[-WINDOW - SLACK :])
        self.older = older or len(messages) > len(self._rows)
        self.newer = newer
        self.held = range(0)
        self._before = self._after = None
        self._folded.clear()
        self._number()
        self.marks = Marks(read=self._last_read())
        self.endResetModel()

    def append(self, messages: Sequence[Message], *, newer: bool = False) -> None:
        """Rows that follow the last one (read after ``last_id``). ``newer``: more come behind them.

        While the member reads far above, some are left for later: ``newer`` is True then.
        """
        fresh = self._unknown(messages)
        last = self._rows[-1].position if self._rows else -1
        fresh = [message for message in fresh if message.position > last]
        surplus = self._surplus(len(fresh))
        ahead = min(surplus, self.held.start) if self.held else surplus
        kept = fresh[: WINDOW + SLACK - len(self._rows) + ahead] if ahead < surplus else fresh
        self.newer = newer or len(kept) < len(fresh)
        if kept:
            self._after = fresh[len(kept)] if len(kept) < len(fresh) else None
            first = len(self._rows)
            self.beginInsertRows(QModelIndex(), first, first + len(kept) - 1)
            self._rows.extend(kept)
            for row, message in enumerate(kept, self._base + first):
                self._numbers[message.message_id] = row
            self.endInsertRows()
        self._let_go_first(min(ahead, len(self._rows) - 1))
        self._mark_read()
        if fresh:
            self.appended.emit(fresh)

    def prepend(self, messages: Sequence[Message], *, older: bool = False) -> None:
        """Rows that stand before the first one. ``older``: there are more before them."""
        fresh = self._unknown(messages)
        surplus = self._surplus(len(fresh))
        behind = min(surplus, len(self._rows) - self.held.stop) if self.held else surplus
        room = WINDOW + SLACK - len(self._rows) + behind
        kept = fresh[max(0, len(fresh) - room) :] if behind < surplus else fresh
        self.older = older or len(kept) < len(fresh)
        if kept:
            self._before = fresh[-len(kept) - 1] if len(kept) < len(fresh) else None
            self.beginInsertRows(QModelIndex(), 0, len(kept) - 1)
            self._rows[0:0] = kept
            self._base -= len(kept)
            for row, message in enumerate(kept, self._base):
                self._numbers[message.message_id] = row
            self.endInsertRows()
        self._let_go_last(min(behind, len(self._rows) - 1))
        self._mark_read()

    def update(self, messages: Sequence[Message]) -> None:
        """Rows that are something else now, found by their ids; others are ignored."""
        changed: list[int] = []
        for message in messages:
            row = self.row_of(message.message_id)
            if row is not None and self._rows[row] != message:
                self._rows[row] = message
                changed.append(row)
        for first, last in _runs(changed):
            self._changed(first, last)
        self._mark_read()

    def remove(self, ids: Sequence[bytes]) -> None:
        """Take rows out: a gap that has been filled."""
        for message_id in ids:
            row = self.row_of(message_id)
            if row is None:
                continue
            self.beginRemoveRows(QModelIndex(), row, row)
            del self._rows[row]
            self._folded.discard(message_id)
            self._number()
            self.endRemoveRows()
        self._mark_read()

    def set_names(self, names: Mapping[MemberId, str]) -> None:
        """How the members of this conversation are called, for screen readers and copies."""
        self._names = names

    def set_unread_from(self, message_id: bytes | None, count: int) -> None:
        """Put the line "3 new" above this message."""
        old = self.marks
        self.marks = Marks(message_id, count if message_id else 0, old.read)
        if self.marks != old:
            for one in {old.unread_from, message_id}:
                self._changed_id(one)

    def say_folded(self, message_id: bytes, *, folded: bool) -> None:
        """What is read aloud of a row ends where its lines on screen do."""
        (self._folded.add if folded else self._folded.discard)(message_id)

    def say_changed(self, row: int) -> None:
        """The same row is shown in another way."""
        self._changed(row, row)

    # what is there

    @property
    def first_id(self) -> bytes | None:
        """Where a page of older rows ends."""
        return self._rows[0].message_id if self._rows else None

    @property
    def last_id(self) -> bytes | None:
        """Where a page of newer rows begins."""
        return self._rows[-1].message_id if self._rows else None

    def message(self, row: int) -> Message:
        return self._rows[row]

    def row_of(self, message_id: bytes) -> int | None:
        number = self._numbers.get(message_id)
        return None if number is None else number - self._base

    def shape(self, row: int) -> Shape:
        """How the row sits among its neighbours, also those just let go."""
        rows = self._rows
        before = rows[row - 1] if row else self._before
        after = rows[row + 1] if row + 1 < len(rows) else self._after
        return shape(before, rows[row], after, self.marks)

    def name(self, message: Message) -> str:
        return self._names.get(message.sender_id) or strings.SOMEBODY

    def rowCount(self, parent: AnyIndex | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._rows)

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not 0 <= index.row() < len(self._rows):
            return None
        message = self._rows[index.row()]
        if role == MESSAGE:
            return message
        if role == Qt.ItemDataRole.AccessibleTextRole:
            folded = message.message_id in self._folded
            return strings.spoken(message, self.name(message), folded=folded)
        if role == Qt.ItemDataRole.DisplayRole:
            return strings.content(message)
        return None

    # inside

    def _unknown(self, messages: Sequence[Message]) -> list[Message]:
        """Those that are not here yet; the others are news about a row that is."""
        known = [message for message in messages if message.message_id in self._numbers]
        if known:
            self.update(known)
            return [message for message in messages if message.message_id not in self._numbers]
        return list(messages)

    def _surplus(self, coming: int) -> int:
        total = len(self._rows) + coming
        return total - WINDOW if total > WINDOW + SLACK else 0

    def _let_go_first(self, count: int) -> None:
        if count <= 0:
            return
        self.older = True
        self.beginRemoveRows(QModelIndex(), 0, count - 1)
        for message in self._rows[:count]:
            del self._numbers[message.message_id]
            self._folded.discard(message.message_id)
        self._before = self._rows[count - 1]
        del self._rows[:count]
        self._base += count
        self.endRemoveRows()

    def _let_go_last(self, count: int) -> None:
        if count <= 0:
            return
        self.newer = True
        first = len(self._rows) - count
        self.beginRemoveRows(QModelIndex(), first, len(self._rows) - 1)
        for message in self._rows[first:]:
            del self._numbers[message.message_id]
            self._folded.discard(message.message_id)
        self._after = self._rows[first]
        del self._rows[first:]
        self.endRemoveRows()

    def _number(self) -> None:
        self._base = 0
        self._numbers = {message.message_id: row for row, message in enumerate(self._rows)}

    def _last_read(self) -> bytes | None:
        for message in reversed(self._rows):
            if message.mine and message.state is State.READ:
                return message.message_id
        return None

    def _mark_read(self) -> None:
        """Move the caption "Read 19:06" below the last row that has been read."""
        old, new = self.marks.read, self._last_read()
        if old == new:
            return
        self.marks = Marks(self.marks.unread_from, self.marks.unread, new)
        for one in (old, new):
            self._changed_id(one)

    def _changed_id(self, message_id: bytes | None) -> None:
        row = self.row_of(message_id) if message_id else None
        if row is not None:
            self._changed(row, row)

    def _changed(self, first: int, last: int) -> None:
        self.dataChanged.emit(self.index(first), self.index(last))


def _runs(rows: list[int]) -> list[tuple[int, int]]:
    """First and last of each unbroken run: a view measures and settles once for each."""
    runs: list[tuple[int, int]] = []
    for row in sorted(rows):
        if runs and row <= runs[-1][1] + 1:
            runs[-1] = runs[-1][0], row
        else:
            runs.append((row, row))
    return runs
