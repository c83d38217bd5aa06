"""The ways to rooms: from the rail, the list, a link, and back."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from protocol.ids import RoomId

if TYPE_CHECKING:
    from desktop.ui.shell.shell import Shell


class RoomWays(QObject):
    """Takes a member there; what is shown is :class:`RoomPages`'."""

    def __init__(self, shell: Shell) -> None:
        super().__init__(shell)
        self._shell = shell
        pages, doors = shell.contents.rooms, shell.doors
        self.pages = pages
        shell.rail.rooms_wanted.connect(self.show_list)
        shell.list.room_picked.connect(self.open)
        shell.list.rooms_wanted.connect(self.show_list)
        pages.room_wanted.connect(self.open)
        pages.list_wanted.connect(self.show_list)
        pages.open_wanted.connect(doors.rooms.open_room)
        pages.enter_wanted.connect(doors.rooms.enter)
        pages.link_wanted.connect(doors.enter_room)
        doors.room_wanted.connect(self.open)
        doors.rooms_wanted.connect(self.show_list)

    def show_list(self) -> None:
        """The list of rooms, which has no list beside it."""
        shell = self._shell
        if shell.contents.shows_conversations:
            shell.keyboard.remember()
        shell.place(shell.rail.rooms, self.pages.show_list)

    def open(self, room_id: RoomId) -> None:
        """A room from inside, beside the conversations, where it stands as long as it is live."""
        shell = self._shell
        shell.place(shell.rail.conversations, partial(self.pages.show_room, room_id))
        shell.list.mark_open(room_id)
        shell.arrivals.went_to(room_id)
