"""The rows of the list: conversations, or what a search found. One model, three kinds of row."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TypeAlias

from msgspec import Struct
from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from desktop.core.models import Conversation, Message, Presence
from desktop.core.rooms import RoomRow
from desktop.core.texts import harmless_name
from desktop.ui import strings
from desktop.ui.conversations import strings as words
from desktop.ui.conversations.live import is_here
from desktop.ui.conversations.live import line_of as room_line
from protocol.ids import ConversationId, MemberId, RoomId

AnyIndex = QModelIndex | QPersistentModelIndex


class Heading(Struct, frozen=True):
    """A word above a group of rows."""

    text: str


class Hit(Struct, frozen=True):
    """A message that a search found, and with whom it stands."""

    message: Message
    name: str
    contact_id: MemberId


Row: TypeAlias = Conversation | RoomRow | Hit | Heading

ROW = Qt.ItemDataRole.UserRole + 1


def local(ms: int) -> datetime:
    """A time of the engine on this computer's clock on the wall."""
    try:
        return datetime.fromtimestamp(ms / 1000).astimezone()
    except (OverflowError, OSError, ValueError):
        return datetime.fromtimestamp(0).astimezone()  # a stranger's clock can say anything


class RowModel(QAbstractListModel):
    """What the list shows now. Keeps the member's place: rows that stay are moved, not replaced."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: list[Row] = []

    def show_rows(self, rows: Sequence[Row]) -> None:
        """The same conversations in the same order change in place; anything else is shown anew."""
        fresh = list(rows)
        if [_key(row) for row in fresh] == [_key(row) for row in self._rows]:
            for number, (old, new) in enumerate(zip(self._rows, fresh, strict=True)):
                if old != new:
                    self._rows[number] = new
                    index = self.index(number)
                    self.dataChanged.emit(index, index)
            return
        self.beginResetModel()
        self._rows = fresh
        self.endResetModel()

    def row(self, number: int) -> Row:
        return self._rows[number]

    def number_of(self, shown: ConversationId | RoomId) -> int | None:
        for number, row in enumerate(self._rows):
            if isinstance(row, Conversation | RoomRow) and _key(row) == shown:
                return number
        return None

    def rowCount(self, parent: AnyIndex | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._rows)

    def flags(self, index: AnyIndex) -> Qt.ItemFlag:
        if index.isValid() and isinstance(self._rows[index.row()], Heading):
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not 0 <= index.row() < len(self._rows):
            return None
        row = self._rows[index.row()]
        if role == ROW:
            return row
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return _spoken(row)
        return None


def line_of(row: Conversation) -> str:
    """The second line of a conversation's row, without the draft's word."""
    if row.blocked:
        return strings.BLOCKED
    if row.draft:
        return " ".join(row.draft.split())
    if row.pending and (row.last is None or row.last.mine):
        return words.NOT_ANSWERED
    return words.preview(row.last) if row.last else words.NOTHING_SAID


def _key(row: Row) -> object:
    match row:
        case Conversation():
            return row.conversation_id
        case RoomRow():
            return row.room_id
        case Hit():
            return row.message.message_id
        case Heading():
            return row.text


def _spoken(row: Row) -> str:
    now = datetime.now().astimezone()
    match row:
        case Heading():
            return row.text
        case RoomRow():
            name = harmless_name(row.title)
            return words.row_spoken(
                f"{name}, {words.LIVE}" if is_here(row) else name, room_line(row), "", 0
            )
        case Hit():
            time = strings.list_time(local(row.message.sent_ms), now)
            return words.row_spoken(row.name, words.preview(row.message), time, 0)
        case Conversation():
            line = line_of(row)
            if row.draft and not row.blocked:
                line = f"{words.DRAFT} {line}"
            time = strings.list_time(local(row.last.sent_ms), now) if row.last else ""
            online = row.presence is Presence.ONLINE
            return words.row_spoken(
                row.name, line, time, row.unread, online=online, aside=row.aside
            )
