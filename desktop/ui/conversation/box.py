"""The box a message is written in: its keys, and its letters as they will stand in the bubble."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Signal
from PySide6.QtGui import (
    QAbstractTextDocumentLayout,
    QFocusEvent,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    Qt,
    QTextBlock,
)
from PySide6.QtWidgets import QPlainTextEdit

from desktop.ui.letters import Marked, as_they_are, draw

_PAGES = {Qt.Key.Key_PageUp: -1, Qt.Key.Key_PageDown: 1}
_KEYPAD = Qt.KeyboardModifier.KeypadModifier

Looks = QAbstractTextDocumentLayout.PaintContext


class Box(QPlainTextEdit):
    """Enter sends, Shift+Enter makes a new line, Page Up and Page Down turn the conversation's
    pages; with Shift they select here, as everywhere."""

    sent = Signal()
    paged = Signal(int)  # what is above the box is read on: a screen up (-1) or down (1)
    focused = Signal(bool)

    def __init__(self) -> None:
        super().__init__()
        self._asks = ""

    def ask(self, words: str) -> None:
        """What it is for, shown in one line while it is empty."""
        self._asks = words
        self.setAccessibleName(words)
        self._fit_words()

    # Qt asks

    def keyPressEvent(self, event: QKeyEvent) -> None:
        enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if enter and not event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self.sent.emit()
        elif event.key() in _PAGES and not event.modifiers() & ~_KEYPAD:
            self.paged.emit(_PAGES[Qt.Key(event.key())])
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.focused.emit(True)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.focused.emit(False)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_words()

    def paintEvent(self, event: QPaintEvent) -> None:
        seen = self._seen(event.rect().bottom())
        typing = any(block.layout().preeditAreaText() for block, _ in seen)
        if typing or all(as_they_are(block.text()) for block, _ in seen):
            super().paintEvent(event)  # which also shows what an input method has not settled yet
            return
        with QPainter(self.viewport()) as painter:
            looks = self.getPaintContext()
            painter.setPen(self.palette().text().color())
            screen = QRectF(event.rect())
            for block, at in seen:
                marked = _chosen(block, looks)
                draw(painter, block.layout(), at, screen, marked, text=block.text())
                if block.contains(looks.cursorPosition):
                    place = looks.cursorPosition - block.position()
                    block.layout().drawCursor(painter, at, place, self.cursorWidth())

    # inside

    def _seen(self, bottom: int) -> list[tuple[QTextBlock, QPointF]]:
        """The lines on screen, each with its place."""
        found: list[tuple[QTextBlock, QPointF]] = []
        block, at = self.firstVisibleBlock(), self.contentOffset()
        while block.isValid() and at.y() <= bottom:
            found.append((block, QPointF(at)))
            at += QPointF(0, self.blockBoundingRect(block).height())
            block = block.next()
        return found

    def _fit_words(self) -> None:
        """A name may be longer than the box; a second line of it would show by half."""
        room = self.viewport().width() - 2 * round(self.document().documentMargin())
        mode = Qt.TextElideMode.ElideRight
        self.setPlaceholderText(self.fontMetrics().elidedText(self._asks, mode, max(0, room)))


def _chosen(block: QTextBlock, looks: Looks) -> list[Marked]:
    """What is selected in this line."""
    found: list[Marked] = []
    for one in looks.selections:
        start = max(0, one.cursor.selectionStart() - block.position())
        end = min(block.length(), one.cursor.selectionEnd() - block.position())
        if start < end:
            mark = Marked()
            mark.start, mark.length, mark.format = start, end - start, one.format
            found.append(mark)
    return found
