"""Circles of objects are thrown away on the window's thread.

Anywhere else a widget in one would take the program with it, or wait for ever.
"""

from __future__ import annotations

import gc
import threading
from typing import ClassVar

from pytestqt.qtbot import QtBot

from desktop.ui.system.garbage import Garbage


class _Circle:
    """Kept by nobody but itself; says on which thread it went."""

    went: ClassVar[list[threading.Thread]] = []

    def __init__(self) -> None:
        self.itself = self

    def __del__(self) -> None:
        self.went.append(threading.current_thread())


def _busy_beside() -> list[list[int]]:
    """Another thread makes, and keeps, more objects than the collector lets pass."""
    made: list[list[int]] = []
    thread = threading.Thread(target=lambda: made.extend([n] for n in range(5_000)))
    thread.start()
    thread.join()
    return made


def test_garbage_goes_on_the_windows_thread(qtbot: QtBot) -> None:
    _Circle.went.clear()
    garbage = Garbage(each_ms=5)
    _Circle()
    made = _busy_beside()
    qtbot.waitUntil(lambda: bool(_Circle.went))
    assert len(made) == 5_000
    assert _Circle.went == [threading.main_thread()]
    garbage.deleteLater()


def test_mutant_collector_left_to_itself() -> None:
    gc.collect()
    _Circle.went.clear()
    gc.enable()
    try:
        _Circle()
        _busy_beside()
    finally:
        gc.disable()
    assert _Circle.went and _Circle.went != [threading.main_thread()]
