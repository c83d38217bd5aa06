"""What a screen reader hears of a room: one thing in two seconds at most.

Law: what somebody did themselves is said before what others wrote, and neither is said twice.
"""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QWidget

from desktop.ui.widgets.fields import announce

QUIET_MS = 2_000


class Polite(QObject):
    """Whoever has something to say asks here first."""

    free = Signal()  # it has been quiet long enough, and nothing waits

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._waits: tuple[QWidget, str] | None = None
        self.quiet = QTimer(self, singleShot=True, interval=QUIET_MS)
        self.quiet.timeout.connect(self._over)

    @property
    def is_free(self) -> bool:
        return not self.quiet.isActive()

    def say(self, widget: QWidget, sentence: str) -> None:
        """Now, or as soon as it may be; the later one of two that wait is said."""
        if self.is_free:
            self.quiet.start()
            announce(widget, sentence)
        else:
            self._waits = widget, sentence

    def forget(self) -> None:
        """Another room: what waited was about this one."""
        self._waits = None

    # inside

    def _over(self) -> None:
        waits, self._waits = self._waits, None
        if waits is not None:
            self.say(*waits)
        else:
            self.free.emit()
