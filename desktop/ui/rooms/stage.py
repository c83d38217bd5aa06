"""The stage with all that stands over it: the pill, and what is shown instead of rows.

Law: the pill counts each entry of somebody else once, as long as the end is out of sight.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QStackedLayout, QVBoxLayout, QWidget

from desktop.core.rooms import Entries, Entry, EntryKind
from desktop.ui import strings as common
from desktop.ui.messages.pill import Pill
from desktop.ui.rooms import strings
from desktop.ui.rooms.stage_view import StageView
from desktop.ui.theme import Theme
from desktop.ui.widgets.notes import Empty

WONDER_MS = 200


class Stage(QWidget):
    """One room's stage."""

    retry_wanted = Signal()
    newest_wanted = Signal()  # the end is not in the window: answer with show_entries

    def __init__(
        self,
        theme: Theme,
        *,
        now: Callable[[], datetime] = datetime.now,
        wonder_ms: int = WONDER_MS,
    ) -> None:
        super().__init__()
        self._theme = theme
        self.view = StageView(theme, now=now)
        self.pill = Pill(theme, self)
        self._empty = Empty(theme, "messages-square", strings.EMPTY, strings.EMPTY_TEXT)
        self._loading = Empty(theme, "loader", strings.LOADING)
        self._error = Empty(
            theme,
            "circle-alert",
            strings.NOT_READ,
            " ",
            action=common.TRY_AGAIN,
            clicked=self.retry_wanted.emit,
        )
        self._wondering = QTimer(self, singleShot=True, interval=wonder_ms)
        self._wondering.timeout.connect(lambda: self._show(self._loading))
        self._stack = QStackedLayout()
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addLayout(self._stack)
        for page in (self.view, self._empty, self._loading, self._error):
            self._stack.addWidget(page)
        self.setFocusProxy(self.view)
        self.pill.hide()
        self.pill.clicked.connect(self.go_to_end)
        self.view.scrolled.connect(self._put_pill)
        self.view.at_end_changed.connect(self._at_end)
        self.view.entries.appended.connect(self._appended)

    def show_loading(self) -> None:
        """Nothing at first, and words when it takes long enough to wonder."""
        self._show(self.view)
        self._wondering.start()

    def show_error(self, sentence: str) -> None:
        self._wondering.stop()
        self._error.text.say(sentence)
        self._show(self._error)

    def show_entries(self, read: Entries) -> None:
        """Other rows altogether."""
        self.pill.set_count(0)
        self.view.entries.reset(
            read.entries, older=read.older, newer=read.newer, waiting=read.waiting
        )
        self._show_rows()

    def add(self, read: Entries) -> None:
        """Rows behind the last one."""
        self.view.entries.append(read.entries, newer=read.newer, waiting=read.waiting)
        self._show_rows()

    def add_older(self, read: Entries) -> None:
        self.view.entries.prepend(read.entries, older=read.older)

    def go_to_end(self) -> None:
        if self.view.entries.newer:
            self.newest_wanted.emit()
        else:
            self.view.go_to_end()

    @property
    def shown(self) -> QWidget:
        """Rows, or what stands in their place."""
        page = self._stack.currentWidget()
        return page if page is not None else self.view

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._put_pill()

    # inside

    def _show(self, page: QWidget) -> None:
        self._stack.setCurrentWidget(page)
        self._put_pill()

    def _show_rows(self) -> None:
        self._wondering.stop()
        self._show(self.view if self.view.entries.rowCount() else self._empty)

    def _at_end(self, at_end: bool) -> None:
        if at_end:
            self.pill.set_count(0)
        self._put_pill()

    def _appended(self, entries: Sequence[Entry]) -> None:
        if not self.view.following:
            news = sum(not one.mine and one.kind is EntryKind.TEXT for one in entries)
            self.pill.set_count(self.pill.count + news)
        self._put_pill()

    def _put_pill(self) -> None:
        """Shown while there is something new below, or the end is more than a screen away."""
        bar, height = self.view.verticalScrollBar(), self.view.viewport().height()
        far = self.view.entries.newer or bar.maximum() - bar.value() > height
        wanted = self._stack.currentWidget() is self.view and not self.view.following
        self.pill.setVisible(wanted and (far or self.pill.count > 0))
        left = (self.width() - self.pill.width()) // 2
        self.pill.raise_()
        self.pill.move(left, self.height() - self.pill.height() - self._theme.px(12))
