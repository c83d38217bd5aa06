"""A desktop of the demo: the app as it is released, and beside it somebody who looks at its window.

    python -m desktop.demo.watched --profile DIR

Questions come as lines on stdin, answers go as lines to stdout. This is a program of its own:
``aside`` has no such door. When stdin ends, whoever led the demo is gone, and the window closes.
"""

from __future__ import annotations

import os
import sys
from argparse import ArgumentParser
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec
from PySide6.QtCore import QEvent, QObject, QPointF, QSocketNotifier, Qt
from PySide6.QtGui import QGuiApplication, QInputMethodEvent, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QApplication, QWidget

from desktop.app import OpenEngine, released, run_app
from desktop.demo.looking import look, painted
from desktop.demo.sight import Asked, Click, Clip, Close, Look, Picture, Press, Shade, Stand, Write
from desktop.ui.placing import side_by_side
from desktop.ui.tokens import DARK
from desktop.ui.window import Window

_CHUNK = 65_536
_LEAST, _STEP = 800, 64  # beside its list a conversation has to have room


class Watcher(QObject):
    """Answers one question after the other about one window."""

    def __init__(self, window: Window, asked: int, answer: Callable[[bytes], object]) -> None:
        super().__init__(window)
        self._window = window
        self._asked = asked
        self._answer = answer
        self._rest = b""
        self._was_dark: bool | None = None
        self._questions = msgspec.json.Decoder(Asked)
        self._notifier = QSocketNotifier(asked, QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._read)

    def _read(self) -> None:
        came = os.read(self._asked, _CHUNK)
        if not came:
            self._notifier.setEnabled(False)
            self._window.close()
            return
        *lines, self._rest = (self._rest + came).split(b"\n")
        for line in lines:
            said = self._do(self._questions.decode(line))
            self._answer(msgspec.json.encode(said) + b"\n")

    def _do(self, asked: Asked) -> object:
        match asked:
            case Look():
                return look(self._window)
            case Picture():
                return painted(self._window).save(asked.file)
            case Click():
                _click(self._window, QPointF(asked.x, asked.y))
            case Press():
                _press(self._window, asked.key)
            case Write():
                event = QInputMethodEvent()
                event.setCommitString(asked.text)
                QApplication.sendEvent(_focus(self._window), event)
            case Clip():
                QGuiApplication.clipboard().setText(asked.text)
            case Stand():
                self._stand(asked.place)
            case Shade():
                self._shade(asked.dark)
            case Close():
                self._window.close()
        return None

    def _shade(self, dark: bool | None) -> None:
        theme = self._window.ctx.theme if self._window.ctx is not None else None
        if theme is not None:
            if self._was_dark is None:
                self._was_dark = theme.tokens is DARK
            theme.set_system_dark(self._was_dark if dark is None else dark)

    def _stand(self, place: int) -> None:
        window = self._window.windowHandle()
        free = self._window.screen().availableGeometry()
        self._window.setGeometry(side_by_side(place, free, window.frameMargins(), _LEAST, _STEP))


def _focus(window: QWidget) -> QWidget:
    return QApplication.activePopupWidget() or window.focusWidget() or window


def _click(window: QWidget, at: QPointF) -> None:
    popup = QApplication.activePopupWidget()
    on_screen = window.mapToGlobal(at.toPoint())
    target = popup or window.childAt(at.toPoint()) or window
    here = QPointF(target.mapFromGlobal(on_screen))
    left, none = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
    for kind, held in (
        (QEvent.Type.MouseButtonPress, left),
        (QEvent.Type.MouseButtonRelease, none),
    ):
        event = QMouseEvent(
            kind, here, target.mapToGlobal(here), left, held, Qt.KeyboardModifier.NoModifier
        )
        QApplication.sendEvent(target, event)
        taker = target.focusProxy() or target
        if kind is QEvent.Type.MouseButtonPress and taker.focusPolicy() & (
            Qt.FocusPolicy.ClickFocus
        ):
            taker.setFocus(Qt.FocusReason.MouseFocusReason)


def _press(window: QWidget, key: str) -> None:
    for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
        event = QKeyEvent(kind, Qt.Key[f"Key_{key}"], Qt.KeyboardModifier.NoModifier)
        QApplication.sendEvent(_focus(window), event)


def main(arguments: Sequence[str], open_engine: OpenEngine = released) -> int:
    """Run the app over a profile and answer questions about its window; the exit code."""
    parser = ArgumentParser("python -m desktop.demo.watched", description=__doc__)
    parser.add_argument("--profile", type=Path, required=True)
    folder: Path = parser.parse_args(arguments).profile

    def answer(line: bytes) -> None:
        sys.stdout.buffer.write(line)
        sys.stdout.buffer.flush()

    def shown(window: Window) -> None:
        Watcher(window, sys.stdin.fileno(), answer)

    # An error ends it at once: whoever leads the demo waits for it, and its words are on stderr.
    return run_app(folder, open_engine, shown, alone=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
