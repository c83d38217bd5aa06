"""What somebody does with a room as a whole: from its header, its menu, or by key.

Law: each of these is one call to the engine; leaving asks first.
"""

from __future__ import annotations

from PySide6.QtCore import QObject, QUrl, Signal
from PySide6.QtGui import QGuiApplication, QKeySequence, QShortcut, Qt
from PySide6.QtWidgets import QWidget

from desktop.core.room_facade import Rooms
from desktop.core.rooms import Room
from desktop.ui.context import Context
from desktop.ui.messages.hosts import safe
from desktop.ui.messages.words import is_ours
from desktop.ui.rooms import strings
from desktop.ui.rooms.about import AboutDialog
from desktop.ui.rooms.room_header import RoomHeader
from desktop.ui.system.browser import Browser
from desktop.ui.widgets.dialog import Ask


class HeaderActs(QObject):
    """Joins a room's header to the engine."""

    left = Signal()  # the room is given up

    def __init__(self, ctx: Context, rooms: Rooms, header: RoomHeader, page: QWidget) -> None:
        super().__init__(page)
        self._ctx, self._rooms = ctx, rooms
        self._room: Room | None = None
        self._browser = Browser(self)
        self._browser.failed.connect(lambda: ctx.tell(strings.LINK_NOT_OPENED))
        self._hand_key = QShortcut(QKeySequence("Ctrl+Shift+H"), page)
        self._hand_key.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        self._hand_key.activated.connect(header.hand.click)
        header.watch_wanted.connect(self._watch)
        header.hand_wanted.connect(self._hand)
        header.link_wanted.connect(self._copy_link)
        header.about_wanted.connect(self._about)
        header.leave_wanted.connect(self._ask_leave)

    def show_room(self, room: Room | None) -> None:
        self._room = room

    def open_link(self, link: str) -> None:
        """Ours inside the app, others with the system's browser."""
        if is_ours(link):
            self._ctx.invited.emit(link)
        else:
            self._browser.open(QUrl(link))

    # inside

    def _watch(self) -> None:
        if self._room is not None and (link := safe(self._room.stream)) is not None:
            self.open_link(link)

    def _hand(self, raised: bool) -> None:
        if self._room is None:
            return

        def done(_: None) -> None:
            if raised:
                self._ctx.tell(strings.HAND_RAISED)

        self._ctx.ask(self._rooms.room_hand, self._room.room_id, raised, ok=done, owner=self)

    def _copy_link(self) -> None:
        if self._room is not None:
            self._ctx.ask(self._rooms.room_link, self._room.room_id, ok=self._have_link, owner=self)

    def _have_link(self, link: str) -> None:
        QGuiApplication.clipboard().setText(link)
        self._ctx.tell(strings.LINK_COPIED)

    def _about(self) -> None:
        if self._room is not None:
            AboutDialog(self._ctx, self._room).open_dialog()

    def _ask_leave(self) -> None:
        question = Ask(
            self._ctx.theme,
            self._ctx.window,
            strings.LEAVE_TITLE,
            strings.LEAVE_TEXT,
            strings.LEAVE,
            self._leave,
            danger=True,
        )
        question.open_dialog(question.cancel)

    def _leave(self) -> None:
        if self._room is None:
            return

        def gone(_: None) -> None:
            self.left.emit()

        self._ctx.ask(self._rooms.room_leave, self._room.room_id, ok=gone, owner=self)
