"""The stage as a list: which row is lit, where its bar stands, what the keys and the mouse do.

Laws: a row that somebody is about to act on stands still, whatever comes; new rows take neither the
focus nor the place of what is being read; only one row shows the bar.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from PySide6.QtCore import QEvent, QItemSelectionModel, QModelIndex, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QFocusEvent,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QShowEvent,
)
from PySide6.QtWidgets import QAbstractItemView, QWidget

from desktop.core.rooms import EntryKind, Room
from desktop.ui.messages.edges import Edges
from desktop.ui.messages.model import AnyIndex
from desktop.ui.rooms import strings
from desktop.ui.rooms.entry_bar import EntryBar
from desktop.ui.rooms.stage_rows import StageRows
from desktop.ui.theme import Theme
from protocol.ids import EntryId

LOOK_MS = 50
AROUND = 50
_Select = QItemSelectionModel.SelectionFlag
_Move = QAbstractItemView.CursorAction
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class StageView(StageRows):
    """A room's rows."""

    older_wanted = Signal()
    newer_wanted = Signal()
    link_activated = Signal(str)
    reaction_pressed = Signal(object, str)  # entry, sign
    menu_wanted = Signal(object, QPoint)  # entry, where on the screen
    at_end_changed = Signal(bool)

    def __init__(
        self,
        theme: Theme,
        *,
        now: Callable[[], datetime] = datetime.now,
        parent: QWidget | None = None,
    ) -> None:
        self.room: Room | None = None  # whose tools the bar has
        self._was_following = True
        self._edges = Edges()
        self.bar: EntryBar
        super().__init__(theme, now, parent)
        self.bar = EntryBar(theme, self.viewport())
        self.bar.entered.connect(self._bar_entered)
        self.setAccessibleName(strings.STAGE)
        self.setMouseTracking(True)
        self._looking = QTimer(self, singleShot=True, interval=LOOK_MS)
        self._looking.timeout.connect(self._look)
        self.scrolled.connect(self._after_scroll)

    # where somebody is

    def go_to(self, entry_id: EntryId) -> bool:
        """Bring an entry to the middle; False if it is not in the window."""
        row = self.entries.row_of(entry_id)
        if row is None:
            return False
        self._ring = True
        index = self.entries.index(row)
        self.selectionModel().setCurrentIndex(index, _Select.Clear)
        self.scrollTo(index, QAbstractItemView.ScrollHint.PositionAtCenter)
        self._arrived()
        return True

    def go_to_end(self) -> None:
        self._ring = False
        self._pointed = None
        self.scroll_to_end()
        self._arrived()

    # what the list asks

    @property
    def acting(self) -> bool:
        return hasattr(self, "bar") and (self.bar.is_used or self._held is not None)

    def reset(self) -> None:
        self._edges.forget()
        super().reset()

    def rowsInserted(self, parent: AnyIndex, start: int, end: int) -> None:
        self._edges.forget()
        super().rowsInserted(parent, start, end)

    # the mouse

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        point = event.position().toPoint()
        self._point_at(point)
        hand = (
            self.link_under(point) is not None
            or self.chip_under(point) is not None
            or self.fold_under(point)
        )
        shape = Qt.CursorShape.PointingHandCursor if hand else Qt.CursorShape.ArrowCursor
        self.viewport().setCursor(shape)

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        if not self.bar.is_used:
            self._point_at(None)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        index = self.indexAt(event.position().toPoint())
        if event.button() == Qt.MouseButton.LeftButton and index.isValid():
            extend = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
            command = _Select.Clear
            if extend and self.currentIndex().isValid():
                self.setSelection(
                    self.visualRect(self.currentIndex()).united(self.visualRect(index)),
                    _Select.ClearAndSelect,
                )
                command = _Select.NoUpdate
            self.selectionModel().setCurrentIndex(index, command)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        point = event.position().toPoint()
        row = self.indexAt(point).row()
        if event.button() != Qt.MouseButton.LeftButton or row < 0:
            return
        link, chip = self.link_under(point), self.chip_under(point)
        if chip is not None:
            self.reaction_pressed.emit(self.entries.entry(row), chip)
        elif self.fold_under(point):
            self.fold(row, whole=self.entries.entry(row).entry_id not in self._whole)
        elif link is not None and link.as_written:
            self.link_activated.emit(link.url)
        elif link is not None:  # it says one thing and leads to another: the menu shows where
            self.menu_wanted.emit(self.entries.entry(row), event.globalPosition().toPoint())

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        by_mouse = event.reason() == QContextMenuEvent.Reason.Mouse
        self._open_menu(
            self.indexAt(event.pos()).row() if by_mouse else self.lit, event.globalPos()
        )

    # the keys

    def keyPressEvent(self, event: QKeyEvent) -> None:
        self._stand_somewhere()
        current = self.currentIndex()
        key, plain = event.key(), event.modifiers() == Qt.KeyboardModifier.NoModifier
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        elif key == Qt.Key.Key_End and plain:
            self.go_to_end()
        elif key == Qt.Key.Key_R and plain and current.isValid():
            self.bar.reply_wanted.emit(self.entries.entry(current.row()))
        elif current.isValid() and (key in _ENTER or _asks_menu(event)):
            self._open_menu(current.row(), None)
        elif key == Qt.Key.Key_Escape:
            self.clearSelection()
            self._ring = False
            self._arrived()
            event.ignore()  # back to the composer
        elif event.text() and event.text().isprintable() and plain:
            event.ignore()
        else:
            self._ring = True
            super().keyPressEvent(event)
            if self.currentIndex() != current:
                self.scrollTo(self.currentIndex())
            self._arrived()

    def moveCursor(
        self,
        cursorAction: QAbstractItemView.CursorAction,  # noqa: N803 - Qt's own name
        modifiers: Qt.KeyboardModifier,
    ) -> QModelIndex:
        count = len(self.strip)
        row, page = self.currentIndex().row(), self.viewport().height()
        steps = {_Move.MoveUp: row - 1, _Move.MoveDown: row + 1, _Move.MoveHome: 0}
        if cursorAction == _Move.MovePageUp and count:
            row = min(row - 1, self.strip.row_at(self.strip.top(row) - page))
        elif cursorAction == _Move.MovePageDown and count:
            row = max(row + 1, self.strip.row_at(self.strip.top(row) + page))
        else:
            row = steps.get(cursorAction, count - 1 if cursorAction == _Move.MoveEnd else row)
        return self.entries.index(min(max(row, 0), count - 1))

    def selectionCommand(self, index: AnyIndex, event: QEvent | None = None) -> _Select:
        """The keyboard moves without selecting; with Shift it selects."""
        shift = Qt.KeyboardModifier.ShiftModifier
        if isinstance(event, QKeyEvent) and not event.modifiers() & shift:
            return _Select.Clear
        return super().selectionCommand(index, event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        self._stand_somewhere()
        super().focusInEvent(event)
        tabs = (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason)
        self._ring = self._ring or event.reason() in tabs
        self._arrived()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._arrived()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._looking.start()

    # inside

    def _stand_somewhere(self) -> None:
        if len(self.strip) and not self.currentIndex().isValid():
            last = self.entries.index(self.on_screen()[-1])
            self.selectionModel().setCurrentIndex(last, _Select.NoUpdate)

    def _bar_entered(self, entered: bool) -> None:
        if not entered:
            here = self.viewport().mapFromGlobal(self.cursor().pos())
            self._point_at(here if self.viewport().rect().contains(here) else None)
        self._arrived()

    def _point_at(self, point: QPoint | None) -> None:
        row = self.indexAt(point).row() if point is not None else -1
        pointed = self.entries.entry(row).entry_id if row >= 0 else None
        if pointed != self._pointed:
            self._pointed = pointed
            self.viewport().update()
            self._put_bar()

    def _put_bar(self) -> None:
        """In the upper right corner of the lit row, as far as that is on screen: beside the name,
        over no words. Those that are read from right to left begin there."""
        row = self.lit
        entry = self.entries.entry(row) if row is not None else None
        acts = entry is not None and (entry.kind is EntryKind.TEXT or entry.asidable)
        if row is None or entry is None or not acts or row not in self.on_screen():
            if not self.bar.is_used:
                self.bar.hide()
            return
        self.bar.show_entry(entry, self.room, host_named=False)
        px, area = self._theme.px, self.area(row)
        top = max(px(2), area.y() - px(12))
        self.bar.move(self.viewport().width() - self.bar.width() - px(16), top)
        self.bar.show()

    def _open_menu(self, row: int | None, at: QPoint | None) -> None:
        if row is None or not 0 <= row < len(self.strip):
            return
        if at is None:
            self.scrollTo(self.entries.index(row))
            at = self.viewport().mapToGlobal(self.area(row).bottomLeft() + QPoint(64, 0))
        self.menu_wanted.emit(self.entries.entry(row), at)

    def _after_scroll(self) -> None:
        rows = self.on_screen()
        self.entries.held = (
            range(0)
            if self.following
            else range(max(0, rows.start - AROUND), min(len(self.strip), rows.stop + AROUND))
        )
        if self.following != self._was_following:
            self._was_following = self.following
            self.at_end_changed.emit(self.following)
        self._put_bar()
        if not self._looking.isActive():
            self._looking.start()

    def _look(self) -> None:
        """Whether more rows are wanted: 20 times a second at most."""
        if not self.isVisible() or not len(self.strip):
            return
        bar, height = self.verticalScrollBar(), self.viewport().height()
        upwards = not self.following or bar.maximum() < height
        self._edges.look(
            self,
            (self.entries.older and upwards, self.older_wanted.emit),
            (self.entries.newer, self.newer_wanted.emit),
        )


def _asks_menu(event: QKeyEvent) -> bool:
    """Some systems make a request for a menu of the one key, and not of the others."""
    shift = event.modifiers() == Qt.KeyboardModifier.ShiftModifier
    return shift and event.key() == Qt.Key.Key_F10
