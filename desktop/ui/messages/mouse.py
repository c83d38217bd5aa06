"""Reading with the mouse: links, selected words and rows, the menu.

Law: a drag inside a row selects words, a drag over several selects rows; a click on a link is
told, never followed.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QItemSelection, QItemSelectionModel, QPersistentModelIndex, QPoint, Qt
from PySide6.QtGui import QContextMenuEvent, QGuiApplication, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QMenu

from desktop.core.models import Kind, State
from desktop.core.texts import is_blank
from desktop.ui.messages import strings
from desktop.ui.messages.hitting import WordSelection, cursor_at, link_at, on_text, word_at
from desktop.ui.messages.keys import MessageKeys
from desktop.ui.messages.model import AnyIndex
from desktop.ui.messages.words import Link, links
from desktop.ui.widgets.menu import Menu
from desktop.ui.widgets.plain import tip

MENU_LINKS = 5

_Select = QItemSelectionModel.SelectionFlag
_PLAIN = Qt.KeyboardModifier.NoModifier


class MessageMouse(MessageKeys):
    """Rows that can be pointed at."""

    _pressed: tuple[QPersistentModelIndex, QPoint] | None = None

    def mousePressEvent(self, event: QMouseEvent) -> None:
        point = event.position().toPoint()
        index = self.indexAt(point)
        self.ring = False
        if event.button() != Qt.MouseButton.LeftButton or event.modifiers() != _PLAIN:
            if event.button() == Qt.MouseButton.LeftButton:
                super().mousePressEvent(event)
            return
        self.set_words(None)
        self.selectionModel().setCurrentIndex(index, _Select.Clear)
        self._pressed = (QPersistentModelIndex(index), point) if index.isValid() else None
        if index.isValid() and self._is_text(index.row()):
            row = index.row()
            at = cursor_at(self.lines(row), self.placed(row), self._inside(row, point))
            self.set_words(WordSelection(self.messages.message(row).message_id, at, at))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        point = event.position().toPoint()
        if self._pressed is None or not event.buttons() & Qt.MouseButton.LeftButton:
            self._point_at(point)
            return
        start = self._pressed[0]
        if not start.isValid() or not len(self.strip):
            return
        bar, height = self.verticalScrollBar(), self.viewport().height()
        bar.setValue(bar.value() + min(0, point.y()) + max(0, point.y() - height))
        here = self.strip.row_at(point.y() + self.verticalOffset())
        words = self.words()
        if here == start.row() and words is not None:
            self.clearSelection()
            at = cursor_at(self.lines(here), self.placed(here), self._inside(here, point))
            self.set_words(words._replace(cursor=at))
            return
        if words is not None:
            self.set_words(words._replace(cursor=words.anchor))
        first, last = sorted((start.row(), here))
        rows = QItemSelection(self.messages.index(first), self.messages.index(last))
        self.selectionModel().select(rows, _Select.ClearAndSelect)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        point = event.position().toPoint()
        pressed, self._pressed = self._pressed, None
        if pressed is None or not pressed[0].isValid():
            return
        words = self.words()
        if words is not None and not words.span.length:
            self.set_words(None)
        moved = (
            point - pressed[1]
        ).manhattanLength() > QGuiApplication.styleHints().startDragDistance()
        row = pressed[0].row()
        if moved or self.indexAt(point).row() != row:
            return
        placed, inside = self.placed(row), self._inside(row, point)
        if placed.action.contains(inside):
            self.resend_wanted.emit(self.messages.message(row).message_id)
        elif placed.fold.contains(inside):
            self.fold(row, whole=not placed.whole)
        elif (link := self._link(row, point)) is None:
            return
        elif link.as_written:
            self.link_activated.emit(link.url)
        else:  # it says one thing and leads to another: that is seen before it is followed
            self._open_menu(self.indexAt(point), point)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        point = event.position().toPoint()
        row = self.indexAt(point).row()
        if row < 0 or not self._is_text(row):
            return
        lines = self.lines(row)
        start, length = word_at(lines, cursor_at(lines, self.placed(row), self._inside(row, point)))
        message_id = self.messages.message(row).message_id
        self.set_words(WordSelection(message_id, start, start + length))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Some systems make a request for a menu of the one key, and not of the others."""
        shift = event.modifiers() == Qt.KeyboardModifier.ShiftModifier
        if shift and event.key() == Qt.Key.Key_F10:
            self._stand_somewhere()
            self._open_menu(self.currentIndex(), None)
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if event.reason() == QContextMenuEvent.Reason.Mouse:
            self._open_menu(self.indexAt(event.pos()), event.pos())
        else:
            self._stand_somewhere()
            self._open_menu(self.currentIndex(), None)

    def ask_before(self, row: int) -> None:
        self._open_menu(self.model().index(row, 0), None)

    def _open_menu(self, index: AnyIndex, at: QPoint | None) -> None:
        """What can be done with a row: at a place in it, or below it and ready for the keyboard."""
        if not index.isValid():
            return
        row = index.row()
        if not self.selectionModel().isSelected(index):
            self.selectionModel().setCurrentIndex(index, _Select.Clear)
        under = self._link(row, at) if at is not None else None
        menu = self.menu(row, under.url if under is not None else None)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        if at is None:
            self._bring(row, forward=False)
            body = self.placed(row).body.translated(0, self.area(row).y())
            at = body.intersected(self.viewport().rect()).bottomLeft()
            menu.setActiveAction(menu.actions()[0])
        menu.popup(self.viewport().mapToGlobal(at))

    def menu(self, row: int, under: str | None = None) -> QMenu:
        """What can be done with a row; ``under``: the link that is meant."""
        message = self.messages.message(row)
        menu = Menu(self._theme, self)
        words = self.words()
        some = words is not None and words.message_id == message.message_id and words.span.length
        menu.addAction(strings.COPY_WORDS if some else strings.COPY, self.copy)
        if message.mine and message.state is State.FAILED:
            message_id = message.message_id
            menu.addAction(strings.RESEND, lambda: self.resend_wanted.emit(message_id))
        placed = self.placed(row)
        if placed.fold.height():
            label = strings.SHOW_LESS if placed.whole else strings.SHOW_ALL
            menu.addAction(label, lambda: self._fold_again(message.message_id))
        if message.kind is Kind.TEXT:
            urls = [under] if under else [link.url for link in links(message.text)]
            for url in dict.fromkeys(urls[:MENU_LINKS]):
                menu.addSeparator()
                menu.addAction(strings.open_link(url), _saying(self.link_activated.emit, url))
                menu.addAction(strings.COPY_LINK, _saying(QGuiApplication.clipboard().setText, url))
        return menu

    def _fold_again(self, message_id: bytes) -> None:
        """The other way round; rows may have come while the menu was open."""
        row = self.messages.row_of(message_id)
        if row is not None:
            self.fold(row, whole=not self.placed(row).whole)

    def _point_at(self, point: QPoint) -> None:
        row = self.indexAt(point).row()
        shape, leads_to = Qt.CursorShape.ArrowCursor, ""
        if row >= 0:
            inside = self._inside(row, point)
            placed = self.placed(row)
            link = self._link(row, point)
            if link is not None and not link.as_written:
                leads_to = strings.leads_to(link.url)
            if placed.action.contains(inside) or placed.fold.contains(inside) or link is not None:
                shape = Qt.CursorShape.PointingHandCursor
            elif self._is_text(row) and on_text(self.lines(row), placed, inside):
                shape = Qt.CursorShape.IBeamCursor
        self.viewport().setCursor(shape)
        tip(self.viewport(), leads_to)

    def _inside(self, row: int, point: QPoint) -> QPoint:
        return point - QPoint(0, self.area(row).y())

    def _is_text(self, row: int) -> bool:
        message = self.messages.message(row)
        return message.kind is Kind.TEXT and not is_blank(message.text)

    def _link(self, row: int, point: QPoint) -> Link | None:
        if not self._is_text(row):
            return None
        return link_at(self.lines(row), self.placed(row), self._inside(row, point))


def _saying(say: Callable[[str], object], what: str) -> Callable[[], None]:
    def said() -> None:
        say(what)

    return said
