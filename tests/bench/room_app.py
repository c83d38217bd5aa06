"""The app in a room, with somebody beside its window who notes how late it is.

``python -m tests.bench.room_app FOLDER PASSPHRASE``. It unlocks itself, opens the room it sits in
and says ``ready``; then each line on stdin is a word: ``begin``, ``end``, ``act`` (use the page as
people do until the end), ``stand`` (where the window stands). Answers are JSON, one a line. The
real engine, with a passphrase that costs nothing to check.

Late is what somebody would be who wants something of the window at any moment: of moments 5 ms
apart, how long after each one it came to its turn.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from msgspec.structs import replace
from PySide6.QtCore import QObject, QPoint, QPointF, QSocketNotifier, Qt, QTimer
from PySide6.QtGui import QInputMethodEvent, QWheelEvent
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget

from desktop.app import run_app
from desktop.core.rooms import Entry, RoomRow
from desktop.engine.composition import released
from desktop.engine.engine import open_engine
from desktop.ui.rooms.page import RoomPage
from desktop.ui.shell.shell import Shell
from desktop.ui.window import Window
from tests.bench.message_view import memory_mb
from tests.faults.desktop_main import CHEAP

SIZE = 1280, 800
EVERY_MS = 5
ACT_MS = 250
_CHUNK = 65_536


def tell(**what: object) -> None:
    """One line."""
    print(json.dumps(what), flush=True)


def engine_clock() -> int | None:
    """The clock of the engine's thread, once there is one."""
    for thread in threading.enumerate():
        if thread.name == "engine" and thread.ident is not None:
            return time.pthread_getcpuclockid(thread.ident)
    return None


class Spent:
    """Processor time by threads since it was made, in seconds."""

    def __init__(self) -> None:
        self._engine_clock = engine_clock()
        self._began = self._now()

    def _now(self) -> tuple[float, float, float]:
        window = time.clock_gettime(time.CLOCK_THREAD_CPUTIME_ID)
        clock = self._engine_clock
        engine = 0.0 if clock is None else time.clock_gettime(clock)
        return time.process_time(), window, engine

    def said(self) -> dict[str, float]:
        """All of it, the window's, the engine's, and what is left: the vault's threads."""
        every, window, engine = (
            now - then for now, then in zip(self._now(), self._began, strict=True)
        )
        return {"cpu": every, "window": window, "engine": engine, "vault": every - window - engine}


class Watch(QObject):
    """Unlocks, opens the room, and notes."""

    def __init__(self, window: Window, passphrase: str) -> None:
        super().__init__(window)
        self._window, self._passphrase = window, passphrase
        self._unlocked = False
        self._rest = b""
        self._page: RoomPage | None = None
        self._notifier: QSocketNotifier | None = None
        self._spent = Spent()
        self._late: list[float] = []
        self._due = self._began = 0.0
        self._came = self._skipped = 0
        self._last = 0
        self._took: list[float] = []
        self._looking = QTimer(self, interval=50)
        self._looking.timeout.connect(self._look)
        self._looking.start()
        self._clock = QTimer(self, interval=EVERY_MS, timerType=Qt.TimerType.PreciseTimer)
        self._clock.timeout.connect(self._tick)
        self._acting = QTimer(self, interval=ACT_MS)
        self._acting.timeout.connect(self._act)

    # until the room is there

    def _look(self) -> None:
        if not self._unlocked:
            for field in self._window.findChildren(QLineEdit):
                if field.isVisible() and not self._unlocked:
                    self._unlocked = True
                    field.setText(self._passphrase)
                    field.returnPressed.emit()
            return
        shell = self._window.findChild(Shell)
        if shell is None or self._window.ctx is None:
            return
        self._looking.stop()
        facade = self._window.ctx.facade

        def found(rooms: Sequence[RoomRow]) -> None:
            shell.rooms.open(rooms[0].room_id)
            self._window.resize(*SIZE)
            self._looking.timeout.disconnect()
            self._looking.timeout.connect(self._wait)
            self._looking.start()

        self._window.ctx.ask(facade.rooms, ok=found, owner=self)

    def _wait(self) -> None:
        page = self._window.findChild(RoomPage)
        if page is None or page.room is None or not page.isVisible():
            return
        self._looking.stop()
        self._page = page
        page.stage.view.entries.appended.connect(self._appended)
        notifier = QSocketNotifier(sys.stdin.fileno(), QSocketNotifier.Type.Read, self)
        notifier.activated.connect(self._hear)
        self._notifier = notifier
        tell(ready=True)

    # what is asked

    def _hear(self) -> None:
        came = os.read(sys.stdin.fileno(), _CHUNK)
        if not came and self._notifier is not None:
            self._notifier.setEnabled(False)
            self._window.close()
            return
        *lines, self._rest = (self._rest + came).split(b"\n")
        for line in lines:
            {b"begin": self._begin, b"act": self._use, b"stand": self._stand, b"end": self._end}[
                line
            ]()

    def _begin(self) -> None:
        self._late.clear()
        self._took.clear()
        self._came = self._skipped = 0
        self._began = time.perf_counter()
        self._due = self._began + EVERY_MS / 1000
        self._clock.start()
        self._spent = Spent()

    def _use(self) -> None:
        self._acting.start()

    def _stand(self) -> None:
        assert self._page is not None
        if self._acting.isActive():
            self._acting.stop()
            self._page.stage.go_to_end()
        last = self._page.stage.view.entries.last_place or 0
        tell(last=last & 0xFFFFFFFF, came=self._came)

    def _end(self) -> None:
        spent = self._spent.said()
        self._clock.stop()
        self._acting.stop()
        tell(
            seconds=time.perf_counter() - self._began,
            late=quantiles(self._late),
            took=quantiles(self._took),
            came=self._came,
            skipped=self._skipped,
            memory=memory_mb(),
            **spent,
        )

    # noting

    def _tick(self) -> None:
        now = time.perf_counter()
        while self._due <= now:
            self._late.append((now - self._due) * 1000)
            self._due += EVERY_MS / 1000

    def _appended(self, entries: Sequence[Entry]) -> None:
        self._came += len(entries)
        for one in entries:
            if self._last and one.place != self._last + 1:
                self._skipped += 1
            self._last = one.place

    # using the page

    def _act(self) -> None:
        """The next thing that people do; how long it takes until what it changes is painted."""
        assert self._page is not None
        view, composer = self._page.stage.view, self._page.composer.box
        turn, began = len(self._took) % 4, time.perf_counter()

        def due() -> None:
            if turn == 0:
                _type(composer)
            elif turn == 3:
                view.go_to_end()
            else:
                _wheel(view.viewport(), turn * 120)
            (composer if turn == 0 else view.viewport()).repaint()
            self._took.append((time.perf_counter() - began) * 1000)

        QTimer.singleShot(0, due)  # its turn comes after what is queued before it


def _type(box: QWidget) -> None:
    written = QInputMethodEvent()
    written.setCommitString("a")
    QApplication.sendEvent(box, written)


def _wheel(port: QWidget, by: int) -> None:
    centre = QPointF(port.rect().center())
    turned = QWheelEvent(
        centre,
        QPointF(port.mapToGlobal(centre)),
        QPoint(),
        QPoint(0, by),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(port, turned)


def quantiles(took: Sequence[float]) -> tuple[float, float, float]:
    """p50, p99 and the most; nothing where there is none."""
    some = sorted(took) or [0.0]
    return some[len(some) // 2], some[min(len(some) - 1, len(some) * 99 // 100)], some[-1]


def main() -> int:
    folder, passphrase = sys.argv[1:]
    os.environ.pop("QT_QPA_PLATFORM", None)
    return run_app(
        Path(folder),
        lambda where: open_engine(where, replace(released(), cost=CHEAP)),
        lambda window: setattr(window, "watch", Watch(window, passphrase)),
        alone=True,
    )


if __name__ == "__main__":
    sys.exit(main())
