"""The app, with somebody who types what stdin says and a stopwatch on the painting of rows.

``python -m tests.bench.talking FOLDER PASSPHRASE``. For each line on stdin the text is put into the
composer and Return is pressed. Prints JSON lines: ``["ready", ns]``, ``["typed", text, ns]`` before
the key press, ``["painted", text, ns]`` once a row with it was painted for the first time; ns is
the monotonic clock, which all processes share. The real engine, with a passphrase that costs
nothing to check.
"""

from __future__ import annotations

import json
import os
import sys
import time
from datetime import date
from pathlib import Path

from msgspec.structs import replace
from PySide6.QtCore import QEvent, QObject, QRect, QSocketNotifier, Qt, QTimer
from PySide6.QtGui import QInputMethodEvent, QKeyEvent, QPainter
from PySide6.QtWidgets import QApplication, QLineEdit, QListView, QPlainTextEdit

from desktop.app import run_app
from desktop.core.models import Message
from desktop.engine.composition import released
from desktop.engine.engine import open_engine
from desktop.ui.messages import rows
from desktop.ui.messages.painting import Emphasis, RowPainter
from desktop.ui.messages.placing import Placed
from desktop.ui.messages.shape import Shape
from desktop.ui.window import Window
from tests.faults.desktop_main import CHEAP
from tests.faults.replacing import put

_CHUNK = 65_536


def tell(*what: object) -> None:
    """One line, with the moment."""
    print(json.dumps([*what, time.monotonic_ns()]), flush=True)


class Talker(QObject):
    """Unlocks, opens the first conversation, then types."""

    def __init__(self, window: Window, passphrase: str) -> None:
        super().__init__(window)
        self._window = window
        self._passphrase = passphrase
        self._rest = b""
        self._unlocked = False
        self._box: QPlainTextEdit | None = None
        self._notifier: QSocketNotifier | None = None
        self._looking = QTimer(self, interval=20)
        self._looking.timeout.connect(self._look)
        self._looking.start()

    def _look(self) -> None:
        if not self._unlocked:
            for field in self._window.findChildren(QLineEdit):
                if field.isVisible() and not self._unlocked:
                    self._unlocked = True
                    field.setText(self._passphrase)
                    field.returnPressed.emit()
            return
        for box in self._window.findChildren(QPlainTextEdit):
            if box.isVisible():
                self._begin(box)
                return
        for view in self._window.findChildren(QListView):
            model = view.model()
            if view.isVisible() and view.accessibleName() != "Messages" and model.rowCount():
                view.setCurrentIndex(model.index(0, 0))
                view.clicked.emit(model.index(0, 0))

    def _begin(self, box: QPlainTextEdit) -> None:
        self._looking.stop()
        self._box = box
        notifier = QSocketNotifier(sys.stdin.fileno(), QSocketNotifier.Type.Read, self)
        notifier.activated.connect(self._hear)
        self._notifier = notifier
        tell("ready")

    def _hear(self) -> None:
        assert self._notifier is not None
        came = os.read(sys.stdin.fileno(), _CHUNK)
        if not came:
            self._notifier.setEnabled(False)
            self._window.close()
            return
        *lines, self._rest = (self._rest + came).split(b"\n")
        for line in lines:
            self._type(line.decode())

    def _type(self, text: str) -> None:
        assert self._box is not None
        began = time.monotonic_ns()
        written = QInputMethodEvent()
        written.setCommitString(text)
        QApplication.sendEvent(self._box, written)
        for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
            key = QKeyEvent(kind, Qt.Key.Key_Return, Qt.KeyboardModifier.NoModifier)
            QApplication.sendEvent(self._box, key)
        print(json.dumps(["typed", text, began]), flush=True)


class TimedPainter(RowPainter):
    """Says when the words of a message were painted first."""

    seen: set[bytes] = set()  # noqa: RUF012 - one for the whole process

    def row(
        self,
        painter: QPainter,
        message: Message,
        shape: Shape,
        placed: Placed,
        area: QRect,
        today: date,
        emphasis: Emphasis,
    ) -> None:
        super().row(painter, message, shape, placed, area, today, emphasis)
        if message.message_id not in self.seen:
            self.seen.add(message.message_id)
            tell("painted", message.text)


def main() -> int:
    folder, passphrase = sys.argv[1:]
    put(rows, "RowPainter", TimedPainter)
    return run_app(
        Path(folder),
        lambda where: open_engine(where, replace(released(), cost=CHEAP)),
        lambda window: setattr(window, "talker", Talker(window, passphrase)),
    )


if __name__ == "__main__":
    sys.exit(main())
