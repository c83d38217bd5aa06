"""The two pages of rooms in the content: the list of them, and a room from inside.

Laws: each is built when it is first looked at. What was begun to be written in a room stays there:
another room is another page, and no box takes it along.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QStackedWidget, QWidget

from desktop.ui.context import Context
from protocol.ids import RoomId

if TYPE_CHECKING:
    from desktop.ui.rooms.list_page import RoomsPage
    from desktop.ui.rooms.page import RoomPage


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


class RoomPages(QObject):
    """Says where somebody wants to go; the shell takes them there."""

    room_wanted = Signal(object)  # RoomId
    list_wanted = Signal()
    open_wanted = Signal()
    enter_wanted = Signal(str)  # a room's link
    link_wanted = Signal()  # somebody has one to paste

    def __init__(self, ctx: Context, contents: QStackedWidget) -> None:
        super().__init__(contents)
        self._ctx, self._contents = ctx, contents
        self.now_ms: Callable[[], int] = _now_ms
        self._folded = False
        self._list: RoomsPage | None = None
        self._room: RoomPage | None = None
        self._room_id: RoomId | None = None
        self._begun: dict[RoomId, str] = {}  # texts that were not said yet

    @property
    def list(self) -> RoomsPage:
        if self._list is None:
            from desktop.ui.rooms.list_page import RoomsPage  # noqa: PLC0415

            page = RoomsPage(self._ctx, self._ctx.facade, self.now_ms)
            page.room_wanted.connect(self.room_wanted)
            page.enter_wanted.connect(self.enter_wanted)
            page.link_wanted.connect(self.link_wanted)
            page.open_wanted.connect(self.open_wanted)
            self._list = page
            self._contents.addWidget(page)
        return self._list

    @property
    def room(self) -> RoomPage | None:
        """The room that is open, whether it is shown or not."""
        return self._room

    @property
    def shows_list(self) -> bool:
        return self._list is not None and self._contents.currentWidget() is self._list

    @property
    def shows_room(self) -> bool:
        return self._room is not None and self._contents.currentWidget() is self._room

    def show_list(self) -> None:
        """The list is read again, since nobody listened for as long as it was not there."""
        page = self.list
        page.reload()
        self._contents.setCurrentWidget(page)
        page.focus_first()

    def show_room(self, room_id: RoomId) -> None:
        if self._room is None or self._room_id != room_id:
            self._put_away()
            self._room = self._made(room_id)
        self._contents.setCurrentWidget(self._room)
        self._room.focus_composer()

    def set_folded(self, folded: bool) -> None:
        self._folded = folded
        if self._room is not None:
            self._room.set_folded(folded)

    # inside

    def _made(self, room_id: RoomId) -> RoomPage:
        from desktop.ui.rooms.page import RoomPage  # noqa: PLC0415

        page = RoomPage(self._ctx, self._ctx.facade, self.now_ms)
        page.back_wanted.connect(self.list_wanted)
        page.left.connect(self._left)
        page.set_folded(self._folded)
        page.composer.box.setPlainText(self._begun.pop(room_id, ""))
        page.resize(self._contents.size())  # narrower, its stage would give way to the panel
        self._contents.addWidget(page)
        self._room_id = room_id
        page.open(room_id)
        return page

    def _put_away(self) -> None:
        page, self._room = self._room, None
        if page is None or self._room_id is None:
            return
        if text := page.composer.box.toPlainText():
            self._begun[self._room_id] = text
        self._room_id = None
        page.close_room()
        _take_away(self._contents, page)

    def _left(self) -> None:
        self._put_away()
        self.list_wanted.emit()


def _take_away(contents: QStackedWidget, page: QWidget) -> None:
    contents.removeWidget(page)
    page.hide()
    page.deleteLater()
