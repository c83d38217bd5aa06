"""The page before there is anybody: one field for any invitation, or begin, or look around."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from desktop.ui import strings
from desktop.ui.context import Context
from desktop.ui.invitations import strings as words
from desktop.ui.invitations.link_field import LinkField
from desktop.ui.widgets.buttons import RowButton
from desktop.ui.widgets.keycap import KeyCap
from desktop.ui.widgets.layout import area, card, column, row, rule
from desktop.ui.widgets.plain import Mark, Plain
from desktop.ui.widgets.scrolled import Scrolled


class Hello(QWidget):
    """Hello, and what can be done first."""

    invite_wanted = Signal()
    others_wanted = Signal()
    keys_wanted = Signal()
    open_room_wanted = Signal()

    def __init__(self, ctx: Context) -> None:
        super().__init__()
        theme, px = ctx.theme, ctx.theme.px
        self.title = Plain(theme, strings.APP, "hero", wrap=True)
        self.link = LinkField(ctx)
        self.invite = RowButton(
            theme,
            "user-round-plus",
            strings.INVITE,
            words.INVITE_FIRST_RELAY,
            clicked=self.invite_wanted.emit,
        )
        self.enter_room = RowButton(
            theme,
            "link",
            strings.ENTER_ROOM,
            words.ENTER_ROOM_TEXT,
            clicked=self.link.ask_for_room,
        )
        self.open_room = RowButton(
            theme,
            "messages-square",
            strings.OPEN_ROOM,
            words.INVITE_FIRST_RELAY,
            clicked=self.open_room_wanted.emit,
        )
        self.others = RowButton(
            theme,
            "eye",
            words.OTHERS_SEE,
            words.OTHERS_SEE_NOTHING,
            clicked=self.others_wanted.emit,
        )
        self.keys = RowButton(
            theme,
            "keyboard",
            strings.NO_MOUSE,
            words.NO_MOUSE_TEXT,
            clicked=self.keys_wanted.emit,
        )
        self.invite.end_with(_cap(ctx, "Ctrl+N"))
        self.keys.end_with(_cap(ctx, "Ctrl+/"))
        inner = px(52)
        stack = column(self.invite, margins=(1, 1, 1, 1))
        for one in (self.enter_room, self.open_room, self.others, self.keys):
            stack.addLayout(row(inner, rule()))
            stack.addWidget(one)
        rows = card(stack, "flat")
        page = QWidget()
        page.setMaximumWidth(px(520))
        page.setLayout(
            column(
                Mark(theme, 48),
                px(16),
                self.title,
                px(4),
                Plain(theme, words.HELLO_TEXT, "body", "text_2", wrap=True),
                px(20),
                self.link,
                px(44),
                Plain(theme, words.OR_LOOK, "small-strong", "text_2"),
                px(8),
                rows,
            )
        )
        side = row(px(24), page, px(24))
        side.setStretch(1, 1)
        self.setLayout(column(Scrolled(area(column(None, px(24), side, px(24), None)))))

    def show_me(self, name: str) -> None:
        self.title.say(words.hello(name))

    def show_relays(self, count: int) -> None:
        self.invite.setEnabled(bool(count))
        self.invite.text_line.say(words.INVITE_TEXT if count else words.INVITE_FIRST_RELAY)
        self.open_room.setEnabled(bool(count))
        self.open_room.text_line.say(words.OPEN_ROOM_TEXT if count else words.INVITE_FIRST_RELAY)
        self.others.text_line.say(words.OTHERS_SEE_TEXT if count else words.OTHERS_SEE_NOTHING)


def _cap(ctx: Context, keys: str) -> QWidget:
    return KeyCap(ctx.theme, keys)
