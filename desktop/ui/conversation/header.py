"""Who this conversation is with, and what can be done about them."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from desktop.core.models import Conversation, Presence
from desktop.ui import strings
from desktop.ui.context import Context
from desktop.ui.conversation import strings as words
from desktop.ui.widgets.avatar import Avatar
from desktop.ui.widgets.buttons import IconButton
from desktop.ui.widgets.layout import column, row
from desktop.ui.widgets.menu import Menu, MenuButton
from desktop.ui.widgets.plain import Picture, Plain


class Header(QWidget):
    """60 high: avatar, name and state, find and menu."""

    back_wanted = Signal()
    find_wanted = Signal()
    safety_wanted = Signal()
    rename_wanted = Signal()
    remove_wanted = Signal()
    block_wanted = Signal()
    unblock_wanted = Signal()

    def __init__(self, ctx: Context) -> None:
        super().__init__()
        self._ctx = ctx
        self._blocked = False
        self._said = ""
        self._writing = False
        theme, px = ctx.theme, ctx.theme.px
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setProperty("ground", "bg")
        self.setProperty("line", "bottom")
        self.setFixedHeight(px(60))
        self.back = IconButton(
            theme, "arrow-left", strings.CONVERSATIONS, clicked=self.back_wanted.emit
        )
        self.back.hide()
        self._avatar = Avatar(theme, 36)
        self.name = Plain(theme, "", "title")
        self._verified = Picture(theme, "badge-check", 16, "ok")
        self.state = Plain(theme, "", "small", "text_2")
        self.find_button = IconButton(
            theme, "search", words.FIND_HERE, keys="Ctrl+F", clicked=self.find_wanted.emit
        )
        self.more = MenuButton(theme, "ellipsis", words.CONTACT_MENU, self._offer)
        who = column(None, row(self.name, px(5), self._verified, None), self.state, None)
        layout = row(
            self.back,
            self._avatar,
            px(12),
            who,
            self.find_button,
            self.more,
            margins=(px(20), 0, px(12), 0),
        )
        layout.setStretch(3, 1)
        self.setLayout(layout)

    def show_conversation(self, conversation: Conversation) -> None:
        self._avatar.show_person(conversation.name, conversation.contact_id)
        self.name.say(conversation.name)
        self._verified.setVisible(conversation.verified)
        self._blocked = conversation.blocked
        online = conversation.presence is Presence.ONLINE and not conversation.blocked
        self._avatar.show_online(online)
        if conversation.blocked:
            self._said = strings.BLOCKED
        elif conversation.pending:
            self._said = words.PENDING
        else:
            self._said = words.VERIFIED if conversation.verified else words.UNVERIFIED
            if online:
                self._said = f"{words.ONLINE} · {self._said}"
        self._say()

    def show_writing(self, writing: bool) -> None:
        """In place of the state, while it lasts."""
        self._writing = writing
        self._say()

    def _say(self) -> None:
        if self._writing:
            self.state.say(words.WRITING, tone="accent")
        else:
            self.state.say(self._said, tone="text_2")

    def set_folded(self, folded: bool) -> None:
        """Without a list beside it there is a way back to it."""
        self.back.setVisible(folded)

    def _offer(self, menu: Menu) -> None:
        menu.offer("shield-check", words.SAFETY, self.safety_wanted.emit)
        menu.offer("pencil", words.RENAME, self.rename_wanted.emit)
        menu.addSeparator()
        if self._blocked:
            menu.offer("user-round", words.UNBLOCK, self.unblock_wanted.emit)
        else:
            menu.offer("ban", words.BLOCK, self.block_wanted.emit, danger=True)
        menu.offer("user-round-minus", strings.REMOVE, self.remove_wanted.emit, danger=True)
