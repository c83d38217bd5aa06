"""The place of requests over a fake engine, on a bare window."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from desktop.core.requests import Request
from desktop.ui.context import Context
from desktop.ui.messages.when import local
from desktop.ui.requests.requests import Requests
from desktop.ui.theme import Theme
from desktop.ui.widgets.layout import row
from tests.fakes.calls import DirectCalls
from tests.fakes.facade import FakeFacade
from tests.fakes.rooms import FakeRooms
from tests.screens.requests import NOW_MS


class Desk:
    """What a test holds of it."""

    def __init__(self, theme: Theme, wanted: Sequence[Request]) -> None:
        self.window = QWidget()
        self.window.resize(1216, 800)
        self.calls = DirectCalls()
        self.rooms = FakeRooms(NOW_MS)
        self.rooms.wanted = list(wanted)
        self.ctx = Context(self.calls, FakeFacade(name="Clara"), theme, self.window)
        self.rooms.listen(self.ctx.heard.emit)
        self.page = Requests(self.ctx, self.rooms, lambda: local(NOW_MS))
        self.page.column.setFixedWidth(320)
        both = row(self.page.column, self.page)
        both.setStretch(1, 1)
        self.window.setLayout(both)
        self.told: list[str] = []
        self.ctx.told.connect(self.told.append)
        self.accepted: list[object] = []
        self.page.accepted.connect(self.accepted.append)
        self.page.show_me("Clara")

    def open(self) -> None:
        self.page.begin()
        self.page.column.take_focus()

    @property
    def names(self) -> list[str]:
        return [one.request.name for one in self.page.column.rows.values()]


Begin = Callable[[Sequence[Request]], Desk]


@pytest.fixture
def begin(theme: Theme, qtbot: QtBot) -> Begin:
    def made(wanted: Sequence[Request]) -> Desk:
        desk = Desk(theme, wanted)
        qtbot.addWidget(desk.window)
        with qtbot.waitActive(desk.window):
            desk.window.show()
            desk.window.activateWindow()
        return desk

    return made
