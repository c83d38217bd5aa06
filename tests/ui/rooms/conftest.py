"""A room's page in a window over a fake engine."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from desktop.core.rooms import Room
from desktop.ui.rooms.page import RoomPage
from tests.fakes.facade import FakeFacade
from tests.fakes.rooms import FakeRooms
from tests.ui.conftest import Begin
from tests.ui.rooms.hands import Open, settle


@pytest.fixture
def open_room(begin: Begin, qtbot: QtBot) -> Open:
    """Wide enough for the panel beside the stage, and the window that has the keyboard."""

    def made(rooms: FakeRooms, room: Room) -> RoomPage:
        stage = begin(FakeFacade(name="Clara"))
        rooms.listen(stage.ctx.heard.emit)
        page = RoomPage(stage.ctx, rooms, lambda: rooms.now_ms)
        stage.shell.contents.addWidget(page)
        stage.shell.contents.setCurrentWidget(page)
        stage.window.resize(1280, 800)
        page.open(room.room_id)
        settle(page)
        stage.window.activateWindow()
        qtbot.waitUntil(stage.window.isActiveWindow)
        return page

    return made
