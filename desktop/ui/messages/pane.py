"""The message view with all that stands over it: the pill, and what is shown instead of rows.

Laws: the pill counts each message of somebody else once, as long as the end is out of sight;
whoever writes is taken to the end.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QStackedLayout, QVBoxLayout, QWidget

from desktop.core.models import Kind, Message, State
from desktop.ui.messages import strings
from desktop.ui.messages.model import MessageModel
from desktop.ui.messages.pill import Pill
from desktop.ui.messages.view import MessageView
from desktop.ui.theme import Theme
from desktop.ui.widgets.notes import Empty

WONDER_MS = 200


class MessagePane(QWidget):
    """One conversation's messages."""

    older_wanted = Signal()  # answer with model.prepend(…, older=…)
    newer_wanted = Signal()  # answer with model.append(…, newer=…)
    newest_wanted = Signal()  # the end is not in the window: answer with model.reset(…)
    at_bottom_changed = Signal(bool)
    link_activated = Signal(str)
    resend_wanted = Signal(object)  # message id
    seen_up_to = Signal(object)  # message id
    retry_wanted = Signal()  # after show_error

    def __init__(
        self,
        theme: Theme,
        *,
        now: Callable[[], datetime] = datetime.now,
        wonder_ms: int = WONDER_MS,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.view = MessageView(theme, now=now)
        self.pill = Pill(theme, self)
        self._theme = theme
        self._counted = -1  # position of the last message that is counted, or not new any more
        self._end_known = True  # False after a jump into the past: what is below is not new
        self._empty = Empty(theme, "message-circle", strings.EMPTY_TITLE, strings.EMPTY)
        self._loading = Empty(theme, "loader", strings.LOADING)
        self._error = Empty(
            theme,
            "circle-alert",
            strings.ERROR_TITLE,
            " ",
            action=strings.RETRY,
            clicked=self.retry_wanted.emit,
        )
        self._wondering = QTimer(self, singleShot=True, interval=wonder_ms)
        self._wondering.timeout.connect(self._wonder)
        self._stack = QStackedLayout()
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addLayout(self._stack)  # first: a page without a parent would be shown as a window
        for page in (self.view, self._empty, self._loading, self._error):
            self._stack.addWidget(page)
        self.setFocusProxy(self.view)
        self.pill.hide()
        self.pill.clicked.connect(self.go_to_newest)
        self._join()

    @property
    def model(self) -> MessageModel:
        return self.view.messages

    # what the page around says

    def set_theme(self, theme: Theme) -> None:
        """Draw with another theme (a change inside the same one is noticed anyway)."""
        self._theme = theme
        self.view.set_theme(theme)
        self.pill.set_theme(theme)
        self._put_pill()

    def show_loading(self) -> None:
        """Rows are being read: nothing at first, and words when it takes long enough to wonder."""
        self._stack.setCurrentWidget(self.view)
        self._wondering.start()
        self._put_pill()

    def show_error(self, sentence: str) -> None:
        """Say why there are no rows; ``retry_wanted`` is the way out."""
        self._wondering.stop()
        self._error.text.say(sentence)
        self._stack.setCurrentWidget(self._error)
        self._put_pill()

    def show_head(self, head: QWidget | None) -> None:
        """Above the first message there is; None takes it away."""
        self.view.show_head(head)
        if self._stack.currentWidget() in (self.view, self._empty) and not self.is_wondering:
            self._show_rows()

    @property
    def is_wondering(self) -> bool:
        """Whether rows are being read for the first time."""
        return self._wondering.isActive()

    def set_unread_from(self, message_id: bytes | None, count: int | None = None) -> None:
        """The line "3 new" above this message, into sight if it is not; None takes it away."""
        row = self.model.row_of(message_id) if message_id else None
        if count is None:
            rows = range(row, self.model.rowCount()) if row is not None else ()
            count = sum(not self.model.message(one).mine for one in rows)
        at_end = self.view.following
        self.model.set_unread_from(message_id, count)
        if row is not None and at_end:
            top = self.view.strip.top(row) - self.view.viewport().height() // 4
            bar = self.view.verticalScrollBar()
            bar.setValue(min(bar.value(), top))

    def scroll_to(self, message_id: bytes) -> bool:
        """Bring a message to the middle; False if it is not in the window (reset it first)."""
        return self.view.scroll_to(message_id)

    def highlight(self, words: Sequence[str]) -> None:
        """Mark these words wherever they stand; none to end it."""
        self.view.highlight(words)

    def turn(self, screens: int) -> None:
        """Read on so many screens further down, or up; the last line is still there."""
        self.view.turn(screens)

    def go_to_newest(self) -> None:
        """To the end, wherever it is."""
        if self.model.newer:
            self.newest_wanted.emit()
        else:
            self.view.scroll_to_end()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._put_pill()

    # inside

    def _join(self) -> None:
        view, model = self.view, self.model
        view.older_wanted.connect(self.older_wanted)
        view.newer_wanted.connect(self.newer_wanted)
        view.link_activated.connect(self.link_activated)
        view.resend_wanted.connect(self.resend_wanted)
        view.seen_up_to.connect(self.seen_up_to)
        view.at_bottom_changed.connect(self._at_bottom)
        view.scrolled.connect(self._put_pill)
        model.appended.connect(self._appended)
        model.modelReset.connect(self._begun)
        model.rowsInserted.connect(self._show_rows)
        self._theme.resized.connect(self._resized)
        self._show_rows()

    def _begun(self) -> None:
        """Other rows altogether."""
        count = self.model.rowCount()
        self._counted = self.model.message(count - 1).position if count else -1
        self._end_known = not self.model.newer
        self.pill.set_count(0)
        self._show_rows()

    def _wonder(self) -> None:
        self._stack.setCurrentWidget(self._loading)

    def _show_rows(self) -> None:
        self._wondering.stop()
        some = self.model.rowCount() or self.view.head is not None
        self._stack.setCurrentWidget(self.view if some else self._empty)
        self._put_pill()

    def _at_bottom(self, at_bottom: bool) -> None:
        if at_bottom:
            self.pill.set_count(0)
        self._put_pill()
        self.at_bottom_changed.emit(at_bottom)

    def _appended(self, messages: list[Message]) -> None:
        fresh = [message for message in messages if message.position > self._counted]
        if not fresh:
            return
        self._counted = fresh[-1].position
        if not self._end_known:
            self._end_known = not self.model.newer
        elif any(message.mine and message.state is State.QUEUED for message in fresh):
            self.go_to_newest()
        elif not self.view.following:
            news = sum(not one.mine and one.kind is not Kind.NOTICE for one in fresh)
            self.pill.set_count(self.pill.count + news)
        self._put_pill()

    def _resized(self) -> None:
        self.pill.set_theme(self._theme)
        self._put_pill()

    def _put_pill(self) -> None:
        """Shown while there is something new below, or the end is more than a screen away."""
        bar, height = self.view.verticalScrollBar(), self.view.viewport().height()
        far = self.model.newer or bar.maximum() - bar.value() > height
        wanted = self._stack.currentWidget() is self.view and not self.view.following
        self.pill.setVisible(wanted and (far or self.pill.count > 0))
        left = (self.width() - self.pill.width()) // 2
        self.pill.raise_()  # a page that is shown comes to the top
        self.pill.move(left, self.height() - self.pill.height() - self._theme.px(12))
