"""Everything once the vault is open: rail, list, content, and what concerns all of it.

Law: a knock makes a page read again; nothing here keeps a second truth.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QStackedWidget, QWidget

from desktop.core.events import (
    ClockWarning,
    ContactAdded,
    ContactChanged,
    ConversationChanged,
    Event,
    MessageReceived,
    MessageStateChanged,
    ProfileChanged,
    RelaysChanged,
    RelayStatus,
)
from desktop.core.models import Conversation, Message, Profile, Relay
from desktop.ui import strings
from desktop.ui.context import Context, Knocker
from desktop.ui.conversation.page import ConversationPage
from desktop.ui.conversations.column import ListColumn
from desktop.ui.invitations.hello import Hello
from desktop.ui.prefs import Prefs
from desktop.ui.settings.page import Settings
from desktop.ui.shell.banners import Banners
from desktop.ui.shell.doors import Doors
from desktop.ui.shell.keyboard import Keyboard
from desktop.ui.shell.rail import Rail
from desktop.ui.start.cover import FOLD, LIST
from desktop.ui.widgets.layout import column, row
from desktop.ui.widgets.notes import Empty
from protocol.ids import ConversationId, MessageId


class Shell(QWidget):
    """The window of a member whose vault is open."""

    lock_wanted = Signal()
    unread_changed = Signal(int)
    arrived = Signal(object)  # a Message that nobody is looking at

    def __init__(self, ctx: Context, prefs: Prefs) -> None:
        super().__init__()
        self._ctx = ctx
        theme, px = ctx.theme, ctx.theme.px
        self._wanted: tuple[ConversationId, MessageId | None] | None = None
        self._list_first = True  # folded: whether the list or the content is shown
        self.rail = Rail(theme)
        self.list = ListColumn(ctx)
        self.page = ConversationPage(ctx)
        self.hello = Hello(ctx)
        self.settings = Settings(ctx, prefs)
        self._pick = Empty(theme, "message-circle", strings.PICK, strings.PICK_TEXT)
        self._columns = QStackedWidget()
        self._columns.addWidget(self.list)
        self._columns.addWidget(self.settings.column)
        self._columns.setFixedWidth(px(LIST))
        self._contents = QStackedWidget()
        self._blank = QWidget()
        for content in (self._blank, self.hello, self._pick, self.page, self.settings):
            self._contents.addWidget(content)
        self.banners = Banners(ctx)
        self.doors = Doors(ctx, self.list.new)
        self._right = QWidget()
        self._right.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._right.setProperty("ground", "bg")
        right = column(self.banners, self._contents)
        right.setStretch(1, 1)
        self._right.setLayout(right)
        layout = row(self.rail, self._columns, self._right)
        layout.setStretch(2, 1)
        self.setLayout(layout)
        self._relays = Knocker(self._read_relays, self)
        self._connect()
        self.keyboard = Keyboard(self)

    # what can be done

    def begin(self) -> None:
        """It is on screen from now on: read, and take the focus."""
        self._ctx.ask(self._ctx.facade.profile_show, ok=self._have_me)
        self._relays.knock()
        self.list.reload()
        if self.page.isVisible():
            self.page.focus_composer()
        elif self.hello.isVisible():
            self.hello.link.field.setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            self.list.search.setFocus(Qt.FocusReason.OtherFocusReason)

    def open_conversation(
        self, conversation_id: ConversationId, message_id: MessageId | None = None
    ) -> None:
        """Show a conversation, at a message if one is named."""
        found = self._conversation(conversation_id)
        if found is None:
            self._wanted = conversation_id, message_id  # it comes with the next reading
            self.list.reload()
            return
        self._wanted = None
        self.rail.conversations.setChecked(True)
        self._columns.setCurrentWidget(self.list)
        if self.page.conversation_id != conversation_id:
            self.page.open(found)
        self._show(self.page)
        self.list.mark_open(conversation_id)
        if message_id is not None:
            self.page.go_to(message_id)
        else:
            self.page.focus_composer()

    def show_conversations(self) -> None:
        """Back to the conversations, and to the one that was open."""
        self.rail.conversations.setChecked(True)
        self._columns.setCurrentWidget(self.list)
        self._list_first = True
        self._show_what_is_there()

    def show_settings(self, name: str = strings.SET_YOU) -> None:
        self.rail.settings.setChecked(True)
        self._columns.setCurrentWidget(self.settings.column)
        self.settings.open(name)
        self._list_first = name == strings.SET_YOU
        self._contents.setCurrentWidget(self.settings)
        self._fold()

    def search(self) -> None:
        """Search and jump, from wherever."""
        self.show_conversations()
        self.list.start_search()

    def find_here(self) -> None:
        if self._contents.currentWidget() is self.settings:
            self.settings.column.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        else:
            self.page.start_find()

    def lock(self) -> None:
        """The draft is saved first; then the view is empty before the vault is locked."""
        self.page.composer.save_then(self.lock_wanted.emit)

    # Qt asks

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fold()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.page.conversation_id is not None:
            if self._contents.currentWidget() is self.page:
                self.page.focus_composer()
            else:
                self.show_conversations()
            event.accept()
        else:
            super().keyPressEvent(event)

    # inside

    def _connect(self) -> None:
        ctx = self._ctx
        self.rail.conversations_wanted.connect(self.show_conversations)
        self.rail.settings_wanted.connect(self.show_settings)
        self.list.picked.connect(self.open_conversation)
        self.list.read.connect(self._have_list)
        self.list.new_wanted.connect(self.doors.offer)
        self.page.back_wanted.connect(self._back_to_list)
        self.settings.shown.connect(self._settings_shown)
        self.settings.lock_wanted.connect(self.lock)
        self.hello.invite_wanted.connect(self.doors.invite)
        self.hello.keys_wanted.connect(self.doors.show_keys)
        self.hello.others_wanted.connect(lambda: self.show_settings(strings.SET_OTHERS))
        self.hello.link.accepted.connect(self.open_conversation)
        self.doors.accepted.connect(self.open_conversation)
        self.banners.relays_wanted.connect(lambda: self.show_settings(strings.SET_RELAYS))
        ctx.heard.connect(self._hear)

    def _hear(self, event: Event) -> None:
        match event:
            case MessageReceived():
                self.list.reload()
                self._perhaps_tell(event.message)
            case MessageStateChanged() | ConversationChanged() | ContactAdded() | ContactChanged():
                self.list.reload()
            case RelayStatus() | RelaysChanged():
                self._relays.knock()
            case ClockWarning():
                self.banners.show_clock(event.ahead_ms)
            case ProfileChanged():
                return

    def _perhaps_tell(self, message: Message) -> None:
        seen = self.window().isActiveWindow() and (
            self._contents.currentWidget() is self.page
            and self.page.conversation_id == message.conversation_id
        )
        if not seen:
            self.arrived.emit(message)

    def _have_me(self, profile: Profile) -> None:
        self.rail.show_me(profile.name, profile.member_id)
        self.hello.show_me(profile.name)
        self.page.show_me(profile.member_id, profile.name)

    def _read_relays(self) -> None:
        self._ctx.ask(self._ctx.facade.relay_list, ok=self._have_relays)

    def _have_relays(self, relays: Sequence[Relay]) -> None:
        self._relays.done()
        self.list.footer.show_relays(relays)
        self.settings.column.footer.show_relays(relays)
        self.hello.show_relays(len(relays))
        self.banners.show_relays(relays)

    def _have_list(self, conversations: Sequence[Conversation]) -> None:
        unread = sum(one.unread for one in conversations)
        self.rail.conversations.set_count(unread)
        self.unread_changed.emit(unread)
        if self._wanted is not None and self._conversation(self._wanted[0]) is not None:
            self.open_conversation(*self._wanted)
            return
        here = self.page.conversation_id
        if here is not None:
            now = self._conversation(here)
            if now is None:
                self.page.close_conversation()
            else:
                self.page.refresh(now)
        if self._contents.currentWidget() is not self.settings:
            self._show_what_is_there()

    def _show_what_is_there(self) -> None:
        if self.page.conversation_id is not None:
            self._contents.setCurrentWidget(self.page)
        elif self.list.conversations:
            self._contents.setCurrentWidget(self._pick)
        else:
            fresh = self._contents.currentWidget() is not self.hello
            self._contents.setCurrentWidget(self.hello)
            if fresh:
                self.hello.link.field.setFocus(Qt.FocusReason.OtherFocusReason)
        self._fold()

    def _show(self, content: QWidget) -> None:
        self._contents.setCurrentWidget(content)
        self._list_first = False
        self._fold()

    def _settings_shown(self) -> None:
        self._list_first = False
        self._contents.setCurrentWidget(self.settings)
        self._fold()

    def _back_to_list(self) -> None:
        self._list_first = True
        self._fold()
        self.list.list.setFocus(Qt.FocusReason.OtherFocusReason)

    def _fold(self) -> None:
        """Below 760 there is room for the list or the content, not for both."""
        px = self._ctx.theme.px
        folded = self.width() < px(FOLD)
        nobody = self._contents.currentWidget() is self.hello
        list_shown = not folded or (self._list_first and not nobody)
        self._columns.setVisible(list_shown)
        self._right.setVisible(not folded or not list_shown)
        if folded:
            self._columns.setMinimumWidth(0)
            self._columns.setMaximumWidth(self.width())
        else:
            self._columns.setFixedWidth(px(LIST))
        self.page.header.set_folded(folded)

    def _conversation(self, conversation_id: ConversationId) -> Conversation | None:
        for one in self.list.conversations:
            if one.conversation_id == conversation_id:
                return one
        return None
