"""The composition of the app with a window: the only file that knows every floor.

Laws: the window is painted before the engine is loaded, and the list before what only lines and
invitations need; closing it waits for the engine's
clean-up; an error that nobody handled ends the program through one exit, with one sentence, on
stderr and in a window where there was one.
"""

from __future__ import annotations

import gc
import sys
import threading
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from importlib import import_module
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from desktop.core.errors import AsideError
from desktop.hardening import no_core_dumps
from desktop.ui import strings
from desktop.ui.prefs import Prefs
from desktop.ui.system import features
from desktop.ui.system.only_one import OnlyOne
from desktop.ui.theme import Theme
from desktop.ui.window import Window

if TYPE_CHECKING:
    from desktop.bridge import Bridge
    from desktop.core.facade import Facade

OpenEngine = Callable[[Path], "AbstractAsyncContextManager[Facade]"]

_OK, _FAILED = 0, 1
_LOOK = "window.ini"
_PAINT_MS = 1_000
_IDLE_MS = 400
_LATER = ("desktop.engine.pairing.invitations", "protocol.hpke", "trio_websocket")


def released(folder: Path) -> AbstractAsyncContextManager[Facade]:
    """The engine as every released entry point opens it."""
    # Loaded here, in the engine's own thread, while the window is painted already.
    from desktop.engine.composition import released as composition  # noqa: PLC0415
    from desktop.engine.engine import open_engine  # noqa: PLC0415

    return open_engine(folder, composition())


def run_app(
    folder: Path,
    open_engine: OpenEngine = released,
    shown: Callable[[Window], object] | None = None,
    *,
    alone: bool = False,
) -> int:
    """Run the window over the profile in ``folder`` until it is closed; the exit code.

    ``shown`` is told of the window as soon as it is on screen. ``alone``: nobody may be there to
    read last words in a window.
    """
    no_core_dumps()
    features.switch_off()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    app = _application()
    only_one = OnlyOne(folder)
    if only_one.is_second():
        return _OK
    program = Program(app, folder, open_engine, only_one, alone=alone)
    if shown is not None:
        shown(program.window)
    return program.run()


def say_last(sentence: str) -> None:
    """Why the app does not begin, in a window of its own, until it is read."""
    from desktop.ui.start.last_words import LastWords  # noqa: PLC0415

    app = _application()
    words = LastWords(Theme(), sentence)
    words.read.connect(app.quit)
    words.show_now()
    app.exec()


def _application() -> QApplication:
    app = QApplication.instance() or QApplication([strings.APP])
    if not isinstance(app, QApplication):
        raise TypeError("the window needs an application with windows")
    app.setApplicationName(strings.APP)
    app.setDesktopFileName("aside")
    app.setQuitOnLastWindowClosed(False)
    return app


class Program:
    """Window, engine, and the one exit."""

    def __init__(
        self,
        app: QApplication,
        folder: Path,
        open_engine: OpenEngine,
        only_one: OnlyOne,
        *,
        alone: bool,
    ) -> None:
        self._alone = alone
        self._app = app
        self._folder = folder
        self._open_engine = open_engine
        self._only_one = only_one
        self._bridge: Bridge | None = None
        self._failed = False
        self._keep: list[object] = []
        prefs = Prefs(folder / _LOOK)
        self.theme = Theme(prefs.mode, prefs.scale)
        self.window = Window(self.theme, prefs)
        self.window.closing.connect(app.quit)
        only_one.asked_forward.connect(self.window.come_forward)
        self.window.show()

    def run(self) -> int:
        old = sys.excepthook, threading.excepthook
        sys.excepthook = self._unexpected
        threading.excepthook = self._unexpected_in_thread
        self.window.painted.connect(self._start)
        QTimer.singleShot(_PAINT_MS, self._start)  # a window that begins minimised is not painted
        try:
            self._app.exec()
            if self._bridge is not None and not self._bridge.stop():
                print(strings.ENGINE_LATE, file=sys.stderr)
                return _FAILED
        finally:
            sys.excepthook, threading.excepthook = old
            gc.enable()
        return _FAILED if self._failed else _OK

    def _start(self) -> None:
        """Everything that the first paint does not need."""
        if self._bridge is not None:
            return
        from desktop.bridge import Bridge  # noqa: PLC0415
        from desktop.ui.system.appearance import Appearance  # noqa: PLC0415
        from desktop.ui.system.notify import Notifier  # noqa: PLC0415
        from desktop.ui.system.signals import Signals  # noqa: PLC0415

        bridge = Bridge(lambda: self._open_engine(self._folder))
        self._bridge = bridge
        bridge.ready.connect(self._ready)
        bridge.ended.connect(self._ended)
        bridge.start()
        self._only_one.listen()
        signals = Signals()
        signals.end_wanted.connect(self.window.close)
        appearance = Appearance()
        appearance.dark_wanted.connect(self.theme.set_system_dark)
        appearance.start()
        notifier = Notifier(strings.APP, strings.NOTIFICATION_OPEN)
        notifier.clicked.connect(self.window.come_forward)
        self.window.arrived.connect(notifier.say)
        self._keep = [signals, appearance, notifier]

    def _ready(self, facade: Facade) -> None:
        if self._bridge is not None:
            ctx = self.window.begin(self._bridge, facade)
            self._bridge.heard.connect(ctx.heard)
            QTimer.singleShot(_IDLE_MS, self._settle)

    def _settle(self) -> None:
        """What the list did without: it is there, or a passphrase is being typed."""
        from desktop.ui.system.garbage import Garbage  # noqa: PLC0415

        self._keep.append(Garbage())
        threading.Thread(target=_load_rest, name="loading", daemon=True).start()

    def _ended(self, error: BaseException | None) -> None:
        if isinstance(error, AsideError):
            self.window.show_trouble(error)
        elif error is not None:
            raise error

    # the one exit

    def _unexpected(
        self, kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        if self._failed:
            return
        import traceback  # noqa: PLC0415 - seldom needed

        self._failed = True
        print(strings.UNEXPECTED, file=sys.stderr)
        # Where, and of what kind; never the text of an error, which may hold what somebody wrote.
        for part in _chain(error):
            print(type(part).__name__, file=sys.stderr)
            traceback.print_tb(part.__traceback__, file=sys.stderr)
        if self.window.isVisible() and not self._alone:
            QTimer.singleShot(0, self._last_words)
        else:
            self._app.exit(_FAILED)

    def _last_words(self) -> None:
        """The sentence in a window, until it is read."""
        from desktop.ui.start.last_words import LastWords  # noqa: PLC0415

        words = LastWords(self.theme)
        words.read.connect(lambda: self._app.exit(_FAILED))
        self._keep.append(words)
        words.show_now()
        self.window.hide()

    def _unexpected_in_thread(self, args: threading.ExceptHookArgs) -> None:
        error = args.exc_value
        if error is not None and self._bridge is not None:
            self._bridge.raise_here(error)


def _load_rest() -> None:
    """What the first line to a relay and the first invitation need, beside both loops."""
    for name in _LATER:
        import_module(name)


def _chain(error: BaseException) -> list[BaseException]:
    """The error, those inside it and those it came from."""
    found: list[BaseException] = [error]
    if isinstance(error, BaseExceptionGroup):
        for one in cast("BaseExceptionGroup[BaseException]", error).exceptions:
            found += _chain(one)
    if error.__cause__ is not None:
        found += _chain(error.__cause__)
    return found
