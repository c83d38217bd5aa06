"""Reading with the keyboard, and copying.

Law: moving selects nothing; whatever the keyboard does has its ring on screen; keys that write are
left to the composer.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QItemSelectionModel, QModelIndex, Qt, Signal
from PySide6.QtGui import QFocusEvent, QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QAbstractItemView

from desktop.core.models import Kind, State
from desktop.ui.messages import strings
from desktop.ui.messages.model import AnyIndex
from desktop.ui.messages.rows import MessageRows
from desktop.ui.messages.words import cut, links

_Select = QItemSelectionModel.SelectionFlag
_Move = QAbstractItemView.CursorAction
_Hint = QAbstractItemView.ScrollHint
_COMMANDS = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier


class MessageKeys(MessageRows):
    """Rows that can be walked through and copied."""

    link_activated = Signal(str)
    resend_wanted = Signal(object)  # message id

    # copying

    def copy(self) -> None:
        """Selected words, else selected rows, else the current row, to the clipboard."""
        text = self.selected_text()
        if text:
            QGuiApplication.clipboard().setText(text)

    def selected_text(self) -> str:
        """What :meth:`copy` takes."""
        words = self.words()
        if words is not None and words.span.length:
            row = self.messages.row_of(words.message_id)
            if row is not None:
                start, length = words.span
                return cut(self.messages.message(row).text, start, start + length)
        rows = sorted(index.row() for index in self.selectionModel().selectedRows())
        if not rows and self.currentIndex().isValid():
            rows = [self.currentIndex().row()]
        some = [self.messages.message(row) for row in rows]
        if len(some) == 1:
            return strings.content(some[0])
        return "\n".join(strings.quoted(one, self.messages.name(one)) for one in some)

    # keys

    def keyPressEvent(self, event: QKeyEvent) -> None:
        self._stand_somewhere()
        current = self.currentIndex()
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and current.isValid():
            self._activate(current.row())
        elif event.key() == Qt.Key.Key_Escape and self._marked():
            self.set_words(None)
            self.clearSelection()
        elif event.key() == Qt.Key.Key_Escape or _writes(event):
            event.ignore()  # the composer's business
        else:
            self.ring = True
            super().keyPressEvent(event)
            if self.currentIndex() != current:
                self.set_words(None)
                self._bring(self.currentIndex().row(), forward=self.currentIndex() > current)

    def moveCursor(
        self,
        cursorAction: QAbstractItemView.CursorAction,  # noqa: N803 - Qt's own name
        modifiers: Qt.KeyboardModifier,
    ) -> QModelIndex:
        count = len(self.strip)
        if not count:
            return QModelIndex()
        row = self.currentIndex().row()
        page = self.viewport().height()
        if cursorAction in (_Move.MoveUp, _Move.MoveDown):
            down = cursorAction == _Move.MoveDown
            if self._scrolled_within(row, down=down):
                return self.currentIndex()
            row += 1 if down else -1
        elif cursorAction == _Move.MovePageUp:
            row = min(row - 1, self.strip.row_at(self.strip.top(row) - page))
        elif cursorAction == _Move.MovePageDown:
            row = max(row + 1, self.strip.row_at(self.strip.top(row) + page))
        elif cursorAction == _Move.MoveHome:
            row = 0
        elif cursorAction == _Move.MoveEnd:
            row = count - 1
        return self.messages.index(min(max(row, 0), count - 1))

    def selectionCommand(self, index: AnyIndex, event: QEvent | None = None) -> _Select:
        """The keyboard moves without selecting; with Shift it selects."""
        if isinstance(event, QKeyEvent) and not event.modifiers() & (
            Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.ControlModifier
        ):
            return _Select.Clear
        return super().selectionCommand(index, event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        self._stand_somewhere()  # before Qt goes to the first row
        super().focusInEvent(event)
        if event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason):
            self.ring = True
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.viewport().update()

    def _stand_somewhere(self) -> None:
        """Whoever has the focus is at a row: at first the last one on screen."""
        if len(self.strip) and not self.currentIndex().isValid():
            last = self.messages.index(self.on_screen()[-1])
            self.selectionModel().setCurrentIndex(last, _Select.NoUpdate)

    def _marked(self) -> bool:
        return self.words() is not None or self.selectionModel().hasSelection()

    def _bring(self, row: int, *, forward: bool) -> None:
        """Scroll as little as shows the row; a row taller than the screen from where one enters."""
        index = self.messages.index(row)
        if self.area(row).height() > self.viewport().height():
            self.scrollTo(index, _Hint.PositionAtTop if forward else _Hint.PositionAtBottom)
        else:
            self.scrollTo(index)

    def _scrolled_within(self, row: int, *, down: bool) -> bool:
        """Move on inside a row that is taller than the screen."""
        area, height, bar = self.area(row), self.viewport().height(), self.verticalScrollBar()
        if area.height() <= height or not area.intersects(self.viewport().rect()):
            return False
        hidden = area.y() + area.height() - height if down else -area.y()
        if hidden <= 0:
            return False
        step = min(hidden, height // 2)
        bar.setValue(bar.value() + (step if down else -step))
        return True

    def _activate(self, row: int) -> None:
        """Enter: send a failed message again, else show all of a long one, else follow the first
        link."""
        message = self.messages.message(row)
        if message.mine and message.state is State.FAILED:
            self.resend_wanted.emit(message.message_id)
        elif self.placed(row).extent.folded:
            self.fold(row, whole=True)
        elif message.kind is Kind.TEXT and (found := links(message.text)):
            if found[0].as_written:
                self.link_activated.emit(found[0].url)
            else:
                self.ask_before(row)

    def ask_before(self, row: int) -> None:
        """Show where a link leads that is spelt in look-alike letters."""
        raise NotImplementedError


def _writes(event: QKeyEvent) -> bool:
    """Whether somebody begins to write."""
    return bool(event.text()) and event.text().isprintable() and not event.modifiers() & _COMMANDS
