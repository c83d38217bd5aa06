"""What tests of rooms do with a page: open it, and wait until it has read."""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from desktop.core.rooms import Room
from desktop.ui.context import Knocker
from desktop.ui.rooms.list_page import RoomsPage
from desktop.ui.rooms.page import RoomPage
from tests.fakes.rooms import FakeRooms

Open = Callable[[FakeRooms, Room], RoomPage]
ListOf = Callable[[FakeRooms], RoomsPage]


def settle(page: QWidget) -> None:
    """Let it read what it put off; a busy machine takes longer."""
    QTest.qWait(5)
    until = time.monotonic() + 5
    while any(
        timer.isActive() for one in page.findChildren(Knocker) for timer in one.findChildren(QTimer)
    ):
        assert time.monotonic() < until, "it reads for ever"
        QTest.qWait(5)


def press(key: Qt.Key) -> None:
    """A key, to whatever has the keyboard."""
    now = QApplication.focusWidget()
    assert now is not None
    QTest.keyClick(now, key)


def asked_last(rooms: FakeRooms) -> tuple[object, ...]:
    """What the engine was asked for last."""
    return rooms.asked[-1]
