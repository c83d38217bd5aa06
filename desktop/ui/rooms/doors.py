"""The dialogs of rooms that open from anywhere: at a door, and opening one. Loaded when opened."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from desktop.core.doors import Opened
from desktop.core.room_facade import Rooms
from desktop.core.rooms import Way
from desktop.ui.context import Context


class RoomDoors(QObject):
    """Says which room is to be looked at when one of them is through."""

    room_wanted = Signal(object)  # RoomId
    list_wanted = Signal()  # somebody knocked, and it waits there
    relay_wanted = Signal()  # a room cannot be opened without one

    def __init__(self, ctx: Context, rooms: Rooms, parent: QWidget) -> None:
        super().__init__(parent)
        self._ctx, self._rooms = ctx, rooms

    def enter(self, link: str) -> None:
        """At the door that a link leads to: from here on its relay is asked."""
        from desktop.ui.rooms.entering import EnterRoomDialog  # noqa: PLC0415

        dialog = EnterRoomDialog(self._ctx, self._rooms, link)
        dialog.entered.connect(self.room_wanted)
        dialog.knocked.connect(self.list_wanted)
        dialog.open_dialog(dialog.first)

    def open_room(self) -> None:
        from desktop.ui.rooms.opening import OpenRoomDialog  # noqa: PLC0415

        dialog = OpenRoomDialog(self._ctx, self._rooms)
        dialog.opened.connect(self._opened)
        dialog.relay_wanted.connect(self.relay_wanted)
        dialog.open_dialog(dialog.first)

    def _opened(self, opened: Opened, way: Way) -> None:
        from desktop.ui.rooms.opened import OpenedDialog  # noqa: PLC0415

        dialog = OpenedDialog(self._ctx, opened, way)
        dialog.go_wanted.connect(self.room_wanted)
        dialog.open_dialog(dialog.first)
