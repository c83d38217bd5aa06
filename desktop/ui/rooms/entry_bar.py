"""What can be done with the entry that has the pointer or the keyboard: a bar over its row.

Law: *Take aside* is always the last button, and is there exactly where it is allowed.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QEnterEvent
from PySide6.QtWidgets import QFrame, QWidget

from desktop.core.room_rights import may_act
from desktop.core.rooms import Act, Entry, EntryKind, Room
from desktop.ui.rooms import strings
from desktop.ui.theme import Theme
from desktop.ui.widgets.buttons import Button, IconButton
from desktop.ui.widgets.layout import row
from desktop.ui.widgets.plain import tip


class EntryBar(QFrame):
    """36 high, in the row's upper right corner."""

    react_wanted = Signal(object)  # each with the entry
    reply_wanted = Signal(object)
    pin_wanted = Signal(object)
    mute_wanted = Signal(object)
    more_wanted = Signal(object)
    aside_wanted = Signal(object)
    entered = Signal(bool)  # the pointer or the keyboard is in it: the stage stands still

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self.entry: Entry | None = None
        px = theme.px
        self.setProperty("card", "bar")
        self.react = self._button("smile-plus", strings.REACT, self.react_wanted)
        self.reply = self._button("reply", strings.REPLY, self.reply_wanted, "R")
        self.pin = self._button("pin", strings.PIN, self.pin_wanted)
        self.mute = self._button("message-square-off", strings.MUTE, self.mute_wanted)
        self.more = self._button("ellipsis", strings.MORE, self.more_wanted)
        self.aside = Button(
            theme,
            strings.TAKE_ASIDE,
            "filled",
            icon="message-square-share",
            compact=True,
            clicked=lambda: self.aside_wanted.emit(self.entry),
        )
        self.aside.setProperty("bar", True)
        self.setLayout(
            row(
                *(self.react, self.reply, self.pin, self.mute, self.more),
                px(2),
                self.aside,
                margins=(px(2), 0, px(2), 0),
            )
        )
        self.setFixedHeight(px(36))
        for one in (*self.tools, self.aside):
            one.installEventFilter(self)
        self.hide()

    @property
    def tools(self) -> tuple[IconButton, ...]:
        return self.react, self.reply, self.pin, self.mute, self.more

    def show_entry(self, entry: Entry, room: Room | None, *, host_named: bool) -> None:
        """Whoever looks has the tools that their part in the room covers."""
        helps = room is not None and room.helps
        moderates = room is not None and room.moderates
        mutes = room is not None and may_act(room, Act.MUTE, entry.role)
        same = self.entry is not None and self.entry.entry_id == entry.entry_id
        self.entry = entry
        text = entry.kind is EntryKind.TEXT
        self.react.setVisible(text and not helps)
        self.reply.setVisible(text)
        self.pin.setVisible(text and moderates)
        self.pin.rename(strings.UNPIN if entry.pinned_ms is not None else strings.PIN)
        self.mute.setVisible(text and mutes and not entry.mine)
        self.more.setVisible(helps)
        self.aside.setVisible(entry.asidable)
        tip(
            self.aside, strings.aside_tip(towards_host=entry.mine, named=host_named), "Ctrl+Shift+A"
        )
        if not same:
            self.adjustSize()
        self.resize(self.sizeHint().width(), self.height())

    def eventFilter(self, watched: object, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.FocusIn, QEvent.Type.FocusOut):
            self.entered.emit(self.is_used)
        return False

    def enterEvent(self, event: QEnterEvent) -> None:
        self.entered.emit(True)

    def leaveEvent(self, event: QEvent) -> None:
        self.entered.emit(self.is_used)

    @property
    def is_used(self) -> bool:
        """Whether the pointer or the keyboard is in it."""
        if self.isHidden():
            return False
        return self.underMouse() or any(one.hasFocus() for one in (*self.tools, self.aside))

    def _button(self, icon: str, name: str, signal: object, keys: str = "") -> IconButton:
        def say() -> None:
            emit = getattr(signal, "emit")  # noqa: B009 - a bound signal has no type of its own
            emit(self.entry)

        made = IconButton(self._theme, icon, name, keys=keys, clicked=say, size=20)
        made.setProperty("bar", True)
        made.setCursor(Qt.CursorShape.PointingHandCursor)
        return made
