"""A room is open: its link, and what whoever has it can do with it."""

from __future__ import annotations

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from desktop.core.doors import Opened
from desktop.core.rooms import Way
from desktop.ui.context import Context
from desktop.ui.invitations import strings as link_words
from desktop.ui.rooms import door_words as words
from desktop.ui.widgets.buttons import Button
from desktop.ui.widgets.dialog import Dialog
from desktop.ui.widgets.fields import Field
from desktop.ui.widgets.layout import row
from desktop.ui.widgets.notes import Note
from desktop.ui.widgets.plain import Plain

_COPIED_MS = 2_000


class OpenedDialog(Dialog):
    """Copy, then go there."""

    go_wanted = Signal(object)  # RoomId

    def __init__(self, ctx: Context, opened: Opened, way: Way) -> None:
        super().__init__(ctx.theme, ctx.window, words.IS_OPEN)
        theme, px = ctx.theme, ctx.theme.px
        self._opened = opened
        self.link = Field(theme, words.THE_LINK, text=opened.link)
        self.link.setReadOnly(True)
        self.link.setCursorPosition(0)
        if way is Way.LINK:
            self.note = Note(theme, "key-round", words.KEY_LEAD, words.KEY_TEXT)
        else:
            self.note = Note(theme, "door-closed", words.KNOCK_LEAD, words.KNOCK_TEXT, "ok")
        self.copy = Button(theme, link_words.COPY_LINK, "filled", icon="copy", clicked=self._copy)
        self.go = Button(theme, words.GO, "outline", clicked=self._go)
        self._back = QTimer(self, singleShot=True, interval=_COPIED_MS)
        self._back.timeout.connect(lambda: self.copy.say(link_words.COPY_LINK))
        self.body.addWidget(Plain(theme, words.THE_LINK, "small-strong"))
        self.body.addSpacing(px(5))
        self.body.addWidget(self.link)
        self.body.addSpacing(px(12))
        self.body.addWidget(self.note)
        self.body.addSpacing(px(20))
        self.body.addLayout(row(None, self.go, px(8), self.copy))

    @property
    def first(self) -> QWidget:
        return self.copy

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._opened.link)
        self.copy.say(words.COPIED)
        self._back.start()

    def _go(self) -> None:
        self.close_dialog()
        self.go_wanted.emit(self._opened.room_id)
