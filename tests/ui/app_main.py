"""A process for the tests of the app: the real window over a fake engine.

python -m tests.ui.app_main FOLDER [crash-slot | crash-engine | cannot-open | close | settle]
"""

from __future__ import annotations

import gc
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import trio
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QLabel

from desktop.app import run_app
from desktop.core import errors
from desktop.core.facade import Facade
from desktop.core.models import ProfileState
from desktop.ui.start.last_words import LastWords
from desktop.ui.theme import Theme
from desktop.ui.widgets.notes import Dot
from desktop.ui.window import Window
from tests.fakes.facade import FakeFacade


def main(folder: Path, wish: str) -> int:
    @asynccontextmanager
    async def open_fake(_: Path) -> AsyncGenerator[Facade]:
        if wish == "cannot-open":
            raise errors.VaultInUse
        alice = FakeFacade(ProfileState.UNLOCKED)
        bob = alice.befriend("Bob")
        alice.arrive(bob, "Hello", quiet=True)
        try:
            if wish == "crash-engine":
                async with trio.open_nursery() as nursery:
                    nursery.start_soon(_crash)
                    yield alice
            else:
                yield alice
        finally:
            with trio.CancelScope(shield=True):
                await trio.sleep(0.05)
            print("engine closed", flush=True)

    def shown(window: Window) -> None:
        print("shown", flush=True)
        window.pages.currentChanged.connect(lambda: print("page", flush=True))
        if wish == "crash-slot":
            QTimer.singleShot(200, _fail)
        if wish == "crash-paint":
            QTimer.singleShot(200, lambda: _fail_to_paint(window))
        if wish.startswith("crash"):
            reader = QTimer(window, interval=20)
            reader.timeout.connect(_read)
            reader.start()
        if wish == "settle":
            looking = QTimer(window, interval=20)
            looking.timeout.connect(lambda: _settled(window))
            looking.start()
        if wish == "close":
            QTimer.singleShot(500, window.close)

    gc.disable()  # as the command line does
    return run_app(folder, open_fake, shown)


def _settled(window: Window) -> None:
    if gc.get_freeze_count() and not gc.isenabled():
        print("the collector is asked", flush=True)
        window.close()


def _read() -> None:
    for window in QApplication.topLevelWidgets():
        if isinstance(window, LastWords) and window.isVisible():
            said = window.findChildren(QLabel)
            print("read:", *(label.text() for label in said), flush=True)
            window.go.click()


async def _crash() -> None:
    await trio.sleep(0.1)
    _fail()


def _fail() -> None:
    text = " ".join(("what", "somebody", "wrote"))  # not to be read in the source line either
    raise RuntimeError(text)


def _fail_to_paint(window: Window) -> None:
    dot = Dot(Theme(), "what" + " somebody wrote")  # no tone, found while it is painted
    dot.setParent(window)
    dot.show()


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else ""))
