"""The message view: what it asks for and tells while somebody reads.

Laws: a new row takes neither the focus nor the place of what is being read; a message is told as
seen when all of it was on the screen of the active window.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from PySide6.QtCore import QEvent, QItemSelectionModel, QTimer, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QAbstractItemView, QWidget

from desktop.core.models import Kind
from desktop.ui.messages import strings
from desktop.ui.messages.edges import Edges
from desktop.ui.messages.model import AnyIndex
from desktop.ui.messages.mouse import MessageMouse
from desktop.ui.messages.words import hits
from desktop.ui.theme import Theme

LOOK_MS = 50  # what is seen and whether more rows are wanted: 20 times a second at most
AROUND = 50  # rows above and below the screen that are not let go


class MessageView(MessageMouse):
    """A conversation's rows, to be read, copied from and moved in."""

    older_wanted = Signal()
    newer_wanted = Signal()
    at_bottom_changed = Signal(bool)
    seen_up_to = Signal(object)  # id of the last message of somebody else that was on screen

    def __init__(
        self,
        theme: Theme,
        *,
        now: Callable[[], datetime] = datetime.now,
        look_ms: int = LOOK_MS,
        parent: QWidget | None = None,
    ) -> None:
        self._was_following = True
        self._seen = -1
        self._edges = Edges()
        super().__init__(theme, now, parent)
        self.setAccessibleName(strings.MESSAGES)
        self.setMouseTracking(True)
        self._looking = QTimer(self, singleShot=True, interval=look_ms)
        self._looking.timeout.connect(self._look)
        self.scrolled.connect(self._after_scroll)

    def scroll_to(self, message_id: bytes) -> bool:
        """Bring a message to the middle of the screen; False if it is not in the window."""
        row = self.messages.row_of(message_id)
        if row is None:
            return False
        index = self.messages.index(row)
        self.ring = True
        self.selectionModel().setCurrentIndex(index, QItemSelectionModel.SelectionFlag.Clear)
        self.scrollTo(index, QAbstractItemView.ScrollHint.PositionAtCenter)
        self._show_hit(row)
        return True

    def _show_hit(self, row: int) -> None:
        """Of a text taller than the screen, the first line that holds what is looked for; a long
        one is shown whole for it."""
        if not self._sought or self.messages.message(row).kind is not Kind.TEXT:
            return
        found = hits(self.lines(row).layout.text(), self._sought)
        if not found and self.placed(row).extent.folded:
            self.fold(row, whole=True)
            found = hits(self.lines(row).layout.text(), self._sought)
        if not found:
            return
        line = self.lines(row).layout.lineForTextPosition(found[0].start)
        y = self.strip.top(row) + self.placed(row).text.y() + int(line.y())
        bar, height = self.verticalScrollBar(), self.viewport().height()
        if not 0 <= y - bar.value() <= height - line.height():
            bar.setValue(y - height // 2)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._looking.start()

    def event(self, event: QEvent) -> bool:
        """The window became active: what is on screen is being seen. Children hear only this."""
        if event.type() is QEvent.Type.WindowActivate:
            self._looking.start()
        return super().event(event)

    def reset(self) -> None:
        self._edges.forget()
        self._seen = -1
        super().reset()

    def rowsInserted(self, parent: AnyIndex, start: int, end: int) -> None:
        self._edges.forget()
        super().rowsInserted(parent, start, end)

    def _after_scroll(self) -> None:
        rows = self.on_screen()
        # Who follows the end holds nothing: the screen moves on with the rows.
        self.messages.held = (
            range(0)
            if self.following
            else range(max(0, rows.start - AROUND), min(len(self.strip), rows.stop + AROUND))
        )
        if self.following != self._was_following:
            self._was_following = self.following
            self.at_bottom_changed.emit(self.following)
        if not self._looking.isActive():
            self._looking.start()

    def _look(self) -> None:
        if not self.isVisible() or not len(self.strip):
            return
        self._edges.look(
            self,
            (self.messages.older, self.older_wanted.emit),
            (self.messages.newer, self.newer_wanted.emit),
        )
        if self.window().isActiveWindow():
            self._say_seen()

    def _say_seen(self) -> None:
        end = self.verticalOffset() + self.viewport().height()
        for row in reversed(self.on_screen()):
            message = self.messages.message(row)
            if message.mine or self.strip.bottom(row) > end:
                continue
            if message.position > self._seen:
                self._seen = message.position
                self.seen_up_to.emit(message.message_id)
            return
