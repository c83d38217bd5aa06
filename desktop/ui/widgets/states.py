"""The four states of a list: its rows, nothing there, being read, could not be read.

Law: each is drawn on purpose; what was read once stays on screen when a later reading fails.
"""

from __future__ import annotations

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QStackedWidget, QWidget

from desktop.ui import strings
from desktop.ui.theme import Theme
from desktop.ui.widgets.notes import Empty

WONDER_MS = 200  # who waits for less sees nothing flicker


class States(QStackedWidget):
    """Shows ``rows`` or what there is instead."""

    retry_wanted = Signal()

    def __init__(
        self, theme: Theme, rows: QWidget, empty: Empty, *, loading: str, not_read: str
    ) -> None:
        super().__init__()
        self.known = False  # it has been read
        self.rows, self.empty = rows, empty
        self.loading = Empty(theme, "loader", loading)
        self.error = Empty(
            theme,
            "circle-alert",
            not_read,
            " ",
            action=strings.TRY_AGAIN,
            clicked=self.retry_wanted.emit,
        )
        self._blank = QWidget()
        for page in (self._blank, rows, empty, self.loading, self.error):
            self.addWidget(page)
        self._wondering = QTimer(self, singleShot=True, interval=WONDER_MS)
        self._wondering.timeout.connect(lambda: self.setCurrentWidget(self.loading))

    @property
    def is_error(self) -> bool:
        return self.currentWidget() is self.error

    def begin(self) -> None:
        """Something else is read from now on."""
        self.known = False
        self.setCurrentWidget(self._blank)
        self._wondering.start()

    def have(self, *, some: bool) -> None:
        self._wondering.stop()
        self.known = True
        self.setCurrentWidget(self.rows if some else self.empty)

    def fail(self, sentence: str) -> None:
        self._wondering.stop()
        if not self.known:
            self.error.text.say(sentence)
            self.setCurrentWidget(self.error)
