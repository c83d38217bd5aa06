"""The keys of the shell, F6 from one part of the window to the next, and back from settings."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QApplication, QWidget

from desktop.ui.widgets.busy import give_focus
from desktop.ui.widgets.dialog import Dialog

if TYPE_CHECKING:
    from desktop.ui.shell.shell import Shell


class Keyboard(QObject):
    """Silent while a dialog is open: it has keys of its own."""

    def __init__(self, shell: Shell) -> None:
        super().__init__(shell)
        self._shell = shell
        self._before: QWidget | None = None  # what had the focus when settings opened
        for keys, done in (
            ("Ctrl+K", shell.search),
            ("Ctrl+N", shell.doors.invite),
            ("Ctrl+Shift+N", shell.doors.enter_invitation),
            ("Ctrl+F", self.find_here),
            ("Ctrl+Shift+R", shell.rooms.show_list),
            ("Ctrl+,", self._settings),
            ("Ctrl+L", shell.lock),
            ("Ctrl+/", shell.doors.show_keys),
            ("Alt+Up", lambda: shell.list.step(-1)),
            ("Alt+Down", lambda: shell.list.step(1)),
            ("F6", lambda: self.next_pane(1)),
            ("Shift+F6", lambda: self.next_pane(-1)),
        ):
            self._bind(keys, done)
        for number in range(9):
            self._bind(f"Ctrl+{number + 1}", self._go_to(number))

    def remember(self) -> None:
        self._before = QApplication.focusWidget()

    def forget(self) -> None:
        self._before = None

    def back(self) -> None:
        """To what had the focus before settings, or to what is shown now."""
        if not give_focus(self._before):
            self._to_content()

    def escape(self) -> None:
        """Out of a search, out of settings, back to writing."""
        shell = self._shell
        if shell.contents.rooms.shows_list or shell.requests.shown:
            shell.show_conversations()
        elif not shell.contents.shows_settings:
            self._to_content()
        elif (search := shell.settings.column.search).hasFocus() and search.text():
            search.clear()
        else:
            shell.show_conversations()

    def find_here(self) -> None:
        """In the settings, in the rooms, among a room's people, or in what was written."""
        contents = self._shell.contents
        if contents.shows_settings:
            contents.settings.column.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        elif contents.rooms.shows_list:
            contents.rooms.list.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        elif contents.rooms.shows_room and (room := contents.rooms.room) is not None:
            room.find_somebody()
        elif contents.shows_conversations:
            contents.page.start_find()

    def _to_content(self) -> None:
        shell = self._shell
        if shell.contents.shows_page:
            shell.page.focus_composer()
        elif shell.contents.rooms.shows_room and (room := shell.contents.rooms.room) is not None:
            room.focus_composer()
        elif shell.contents.shows_hello:
            shell.hello.link.first.setFocus(Qt.FocusReason.OtherFocusReason)
        elif shell.contents.conversation_id is not None:
            shell.show_conversations()

    def next_pane(self, by: int) -> None:
        """Rail, list, messages, composer, and around."""
        panes = self._panes()
        now = QApplication.focusWidget()
        inside = [n for n, (pane, _) in enumerate(panes) if now is not None and _in(now, pane)]
        # of panes within panes the innermost one
        here = next(
            (n for n in inside if not any(_holds(panes[n][0], panes[m][0]) for m in inside)), -by
        )
        for step in range(1, len(panes) + 1):
            _, first = panes[(here + by * step) % len(panes)]
            if first.isVisible() and first.isEnabled():
                first.setFocus(Qt.FocusReason.TabFocusReason)
                return

    def _panes(self) -> list[tuple[QWidget, QWidget]]:
        shell = self._shell
        if shell.contents.shows_page:
            page = shell.page
            content: list[tuple[QWidget, QWidget]] = [
                (page.header, page.header.find_button),
                (page.pane, page.pane.view),
                (page.composer, page.composer.box),
                (page.blocked, page.blocked.unblock),
            ]
        elif shell.contents.rooms.shows_list:
            rooms = shell.contents.rooms.list
            content = [(rooms.head, rooms.search), (rooms, rooms.first)]
        elif shell.contents.rooms.shows_room and (room := shell.contents.rooms.room) is not None:
            content = [
                (room.header, room.header.panel),
                (room.stage, room.stage.view),
                (room.composer, room.composer.box),
                (room.panel, room.panel.tabs.tabs[0]),
                (room.panel.board.ask, room.panel.board.ask.field),
                (room.panel.tools, room.panel.tools.first),
            ]
        elif shell.requests.shown:
            content = [(shell.requests.page, shell.requests.page.view.accept)]
        elif shell.contents.shows_hello:
            content = [(shell.hello, shell.hello.link.first)]
        elif shell.contents.shows_settings:
            first = shell.settings.first
            content = [(shell.settings, first)] if shell.settings.isAncestorOf(first) else []
        else:
            content = []
        column: tuple[QWidget, QWidget] = (shell.list, shell.list.search)
        if shell.contents.shows_settings:
            column = (shell.settings.column, shell.settings.column.search)
        elif shell.requests.shown:
            column = (shell.requests.page.column, shell.requests.page.column.first)
        return [(shell.rail, shell.rail.conversations), column, *content]

    def _settings(self) -> None:
        self._shell.show_settings()

    def _go_to(self, number: int) -> Callable[[], None]:
        return lambda: self._shell.list.go_to(number)

    def _bind(self, keys: str, done: Callable[[], None]) -> None:
        shortcut = QShortcut(QKeySequence(keys), self._shell)
        shortcut.setContext(Qt.ShortcutContext.WindowShortcut)
        shortcut.activated.connect(lambda: self._unless_dialog(done))

    def _unless_dialog(self, done: Callable[[], None]) -> None:
        open_ones = self._shell.window().findChildren(Dialog)
        if all(dialog.isHidden() for dialog in open_ones):
            done()


def _holds(pane: QWidget, other: QWidget) -> bool:
    return pane is not other and pane.isAncestorOf(other)


def _in(widget: QWidget, pane: QWidget) -> bool:
    return widget is pane or pane.isAncestorOf(widget)
