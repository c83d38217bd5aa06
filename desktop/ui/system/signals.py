"""SIGTERM and SIGINT while Qt's loop waits in C: a byte in a pipe wakes it."""

from __future__ import annotations

import os
import signal

from PySide6.QtCore import QObject, QSocketNotifier, Signal


class Signals(QObject):
    """Says that the process was asked to end."""

    end_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._reading, self._writing = os.pipe()
        os.set_blocking(self._reading, False)
        os.set_blocking(self._writing, False)
        self._notifier = QSocketNotifier(self._reading, QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._came)
        signal.set_wakeup_fd(self._writing, warn_on_full_buffer=False)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, _heard)

    def _came(self) -> None:
        os.read(self._reading, 64)
        self.end_wanted.emit()


def _heard(number: int, frame: object) -> None:
    """Python writes the byte; there is nothing else to do here."""
