"""The host's tools: slow mode, who speaks, who gets in, the end; and what they cannot prevent."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QWidget

from desktop.core.room_facade import Rooms
from desktop.core.rooms import May, Room, Speak, Way
from desktop.ui.context import Context
from desktop.ui.rooms import people_words as words
from desktop.ui.widgets.buttons import Button
from desktop.ui.widgets.dialog import Ask
from desktop.ui.widgets.layout import column
from desktop.ui.widgets.menu import Menu
from desktop.ui.widgets.plain import Plain


class HostTools(QWidget):
    """At the foot of the panel: those that my part in the room covers."""

    def __init__(self, ctx: Context, rooms: Rooms) -> None:
        super().__init__()
        self._ctx, self._rooms = ctx, rooms
        theme, px = ctx.theme, ctx.theme.px
        self._room: Room | None = None
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setProperty("line", "top")
        self.words = Plain(theme, "", "caption", "text_2", wrap=True)
        self.slow = self._toggle("timer", words.slow(0), self._offer_slow)
        self.hosts = self._toggle("megaphone", words.HOSTS_ONLY, self._hosts_only)
        self.approval = self._toggle("door-closed", words.APPROVAL, self._ask_approval)
        self.end = Button(theme, words.END, "danger", icon="power", clicked=self._ask_end)
        self._grid = QGridLayout()
        self._grid.setSpacing(px(8))
        self._needs = {
            self.slow: May.SETTINGS,
            self.hosts: May.SETTINGS,
            self.approval: May.OWN,
            self.end: May.END,
        }
        for one in self._needs:
            one.setProperty("tool", True)
            self._grid.addWidget(one, 0, 0)
        self._across = 2
        self.setLayout(
            column(
                Plain(theme, words.TOOLS, "caption-strong", "text_2"),
                px(4),
                self.words,
                px(10),
                self._grid,
                margins=(px(12), px(12), px(12), px(12)),
            )
        )

    def show_room(self, room: Room) -> None:
        self._room = room
        self.words.say(words.tools(room.way))
        self.words.setVisible(May.OWN in room.may)
        self.slow.say(words.slow(room.slow_s))
        self.slow.setChecked(bool(room.slow_s))
        self.hosts.setChecked(room.speak is Speak.HOSTS)
        self.approval.setChecked(room.way is Way.APPROVAL)
        self.approval.setEnabled(room.way is Way.LINK)
        shown = [one for one, needed in self._needs.items() if needed in room.may]
        self.setVisible(bool(shown) and not room.ended)
        for one in self._needs:
            one.setVisible(one in shown)
        self._place()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Side by side where there is room: below, the list needs every line."""
        super().resizeEvent(event)
        if self._fitting() != self._across:
            self._place()

    @property
    def first(self) -> QWidget:
        return next((one for one in self._needs if not one.isHidden()), self.slow)

    # inside

    def _fitting(self) -> int:
        """Four side by side if their words have room, else two."""
        px = self._ctx.theme.px
        widest = max(
            (one.sizeHint().width() for one in self._needs if not one.isHidden()), default=0
        )
        return 4 if 4 * widest + 3 * px(8) <= self.width() - 2 * px(12) else 2

    def _place(self) -> None:
        shown = [one for one in self._needs if not one.isHidden()]
        self._across = self._fitting()
        for one in self._needs:
            self._grid.removeWidget(one)
        for place, one in enumerate(shown or self._needs):
            self._grid.addWidget(one, place // self._across, place % self._across)

    def _toggle(self, icon: str, text: str, clicked: object) -> Button:
        made = Button(self._ctx.theme, text, "segment", icon=icon, checkable=True)
        made.setAutoExclusive(False)
        if callable(clicked):
            made.clicked.connect(clicked)
        return made

    def _offer_slow(self) -> None:
        room = self._room
        if room is None:
            return
        self.slow.setChecked(bool(room.slow_s))  # what is, until something is chosen
        menu = Menu(self._ctx.theme, self)
        for seconds in words.SLOW_STEPS:
            icon = "check" if seconds == room.slow_s else "timer"
            menu.offer(icon, words.slow_step(seconds), partial(self.set_slow, seconds))
        menu.setActiveAction(menu.actions()[0])
        above = QPoint(0, -menu.sizeHint().height() - self._ctx.theme.px(4))
        menu.popup(self.slow.mapToGlobal(above))

    def set_slow(self, seconds: int) -> None:
        if self._room is not None:
            self._ctx.ask(self._rooms.room_set, self._room.room_id, seconds)

    def _hosts_only(self) -> None:
        room = self._room
        if room is not None:
            speak = Speak.ALL if room.speak is Speak.HOSTS else Speak.HOSTS
            self.hosts.setChecked(room.speak is Speak.HOSTS)
            self._ctx.ask(self._rooms.room_set, room.room_id, None, speak)

    def _ask_approval(self) -> None:
        self.approval.setChecked(False)
        question = Ask(
            self._ctx.theme,
            self._ctx.window,
            words.APPROVAL_TITLE,
            words.APPROVAL_TEXT,
            words.APPROVAL,
            self._approval_only,
        )
        question.open_dialog(question.cancel)

    def _approval_only(self) -> None:
        if self._room is not None:
            room = self._room.room_id
            self._ctx.ask(self._rooms.room_set, room, None, None, Way.APPROVAL)

    def _ask_end(self) -> None:
        question = Ask(
            self._ctx.theme,
            self._ctx.window,
            words.END_TITLE,
            words.END_TEXT,
            words.END,
            self._end,
            danger=True,
        )
        question.open_dialog(question.cancel)

    def _end(self) -> None:
        if self._room is not None:
            self._ctx.ask(self._rooms.room_end, self._room.room_id)
