"""Everything once the vault is open: rail, list, content, and what concerns all of it.

Law: a knock makes a page read again; nothing here keeps a second truth.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent

from desktop.core.events import (
    ClockWarning,
    ContactAdded,
    ContactChanged,
    ConversationChanged,
    Event,
    MessageReceived,
    MessageStateChanged,
    RelaysChanged,
    RelayStatus,
)
from desktop.core.models import Conversation, Profile, Relay
from desktop.ui import strings
from desktop.ui.context import Context, Knocker
from desktop.ui.prefs import Prefs
from desktop.ui.shell.arrivals import Arrivals
from desktop.ui.shell.doors import Doors
from desktop.ui.shell.frame import Frame
from desktop.ui.shell.keyboard import Keyboard
from desktop.ui.shell.requests import RequestWays
from desktop.ui.shell.room_ways import RoomWays
from desktop.ui.widgets.busy import holds_focus
from protocol.ids import ConversationId, MessageId

if TYPE_CHECKING:
    from desktop.ui.conversation.page import ConversationPage
    from desktop.ui.invitations.hello import Hello
    from desktop.ui.settings.page import Settings


class Shell(Frame):
    """The window of a member whose vault is open."""

    lock_wanted = Signal()
    unread_changed = Signal(int)
    arrived = Signal(str)  # what came and nobody is looking at, in words without a name
    offered = Signal(str, str, object)  # the same, what leads there, and what that does
    reached = Signal()  # where that led; nobody need be led there any more

    def __init__(self, ctx: Context, prefs: Prefs) -> None:
        super().__init__(ctx, prefs)
        self._wanted: tuple[ConversationId, MessageId | None] | None = None
        self.doors = Doors(ctx, self)
        self._relays = Knocker(self._read_relays, self)
        self._connect()
        self.doors.serve(self.list, self.contents)
        self.rooms = RoomWays(self)
        self.arrivals = Arrivals(ctx, self)
        self.requests = RequestWays(ctx, self)
        self.keyboard = Keyboard(self)

    @property
    def page(self) -> ConversationPage:
        return self.contents.page

    @property
    def hello(self) -> Hello:
        return self.contents.hello

    @property
    def settings(self) -> Settings:
        return self.contents.settings

    # what can be done

    def begin(self) -> None:
        """It is on screen from now on: read, and take the focus."""
        self.list.search.setFocus(Qt.FocusReason.OtherFocusReason)
        self._ctx.ask(self._ctx.facade.profile_show, ok=self._have_me)
        self._relays.knock()
        self.list.reload()
        self.requests.begin()

    def open_conversation(
        self, conversation_id: ConversationId, message_id: MessageId | None = None
    ) -> None:
        """Show a conversation, at a message if one is named."""
        found = self.list.known(conversation_id)
        if found is None:
            self._wanted = conversation_id, message_id  # it comes with the next reading
            self.list.reload()
            return
        self._wanted = None
        self.rail.conversations.setChecked(True)
        self._columns.setCurrentWidget(self.list)
        if self.page.conversation_id != conversation_id:
            self.page.open(found)
        self.contents.setCurrentWidget(self.page)
        self._list_first = False
        self._fold()
        self.list.mark_open(conversation_id)
        self.arrivals.went_to(conversation_id)
        if message_id is not None:
            self.page.go_to(message_id)
        else:
            self.page.focus_composer()

    def show_conversations(self) -> None:
        """Back to the conversations, and to the one that was open."""
        back = not self.contents.shows_conversations
        self.rail.conversations.setChecked(True)
        self._columns.setCurrentWidget(self.list)
        self._list_first = True
        self.list.mark_open(self.contents.conversation_id)
        self._show_what_is_there()
        if back:
            self.keyboard.back()

    def show_settings(self, name: str = strings.SET_YOU) -> None:
        """With the focus in it. Without a section's name, that is where one is looked for."""
        if self.contents.shows_conversations:
            self.keyboard.remember()
        self.rail.settings.setChecked(True)
        self._columns.setCurrentWidget(self.settings.column)
        self.settings.open(name)
        self._list_first = name == strings.SET_YOU
        self.contents.setCurrentWidget(self.settings)
        self._fold()
        first = self.settings.column.search if self._list_first else self.settings.first
        first.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def search(self) -> None:
        """Search and jump, from wherever."""
        self.show_conversations()
        self.list.start_search()

    def lock(self) -> None:
        """The draft is saved first; then the view is empty before the vault is locked."""
        self.save_then(self.lock_wanted.emit)

    def save_then(self, done: Callable[[], None]) -> None:
        """Once what was begun to be written is in the vault."""
        self.contents.save_then(done)

    # Qt asks

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.keyboard.escape()
        else:
            super().keyPressEvent(event)

    # inside

    def _go_on_with_kept(self) -> None:
        """On the first page while there is nobody yet, otherwise over what is there."""
        if self.list.conversations:
            self.doors.enter_invitation()
        else:
            self.keyboard.forget()
            self.show_conversations()

    def _connect(self) -> None:
        ctx = self._ctx
        self.rail.conversations_wanted.connect(self.show_conversations)
        self.rail.settings_wanted.connect(self.show_settings)
        self.list.picked.connect(self.open_conversation)
        self.list.read.connect(self._have_list)
        self.contents.back_wanted.connect(self._back_to_list)
        self.contents.settings_made.connect(self._settings_made)
        self.contents.settings_shown.connect(self._settings_shown)
        self.contents.settings_wanted.connect(self.show_settings)
        self.contents.lock_wanted.connect(self.lock)
        self.contents.kept_waits.connect(self._go_on_with_kept)
        self.contents.accepted.connect(self.open_conversation)
        self.doors.accepted.connect(self.open_conversation)
        self.banners.relays_wanted.connect(lambda: self.show_settings(strings.SET_RELAYS))
        ctx.heard.connect(self._hear)

    def _hear(self, event: Event) -> None:
        match event:
            case (
                MessageReceived()
                | MessageStateChanged()
                | ConversationChanged()
                | ContactAdded()
                | ContactChanged()
            ):
                self.list.reload()
            case RelayStatus() | RelaysChanged():
                self._relays.knock()
            case ClockWarning():
                self.banners.show_clock(event.ahead_ms)
            case _:
                return  # for other ears

    def _have_me(self, profile: Profile) -> None:
        self.rail.show_me(profile.name, profile.member_id)
        self.contents.show_me(profile)
        self.requests.show_me(profile)

    def _read_relays(self) -> None:
        self._ctx.ask(self._ctx.facade.relay_list, ok=self._have_relays)

    def _have_relays(self, relays: Sequence[Relay]) -> None:
        self._relays.done()
        self.list.footer.show_relays(relays)
        self.contents.show_relays(relays)
        self.requests.show_relays(relays)
        self.banners.show_relays(relays)

    def _have_list(self, conversations: Sequence[Conversation]) -> None:
        unread = sum(one.unread for one in conversations)
        self.rail.conversations.set_count(unread)
        self.unread_changed.emit(unread)
        if self._wanted is not None and self.list.known(self._wanted[0]) is not None:
            self.open_conversation(*self._wanted)
            return
        here = self.contents.conversation_id
        if here is not None:
            now = self.list.known(here)
            if now is None:
                if holds_focus(self.page):
                    self.list.list.setFocus(Qt.FocusReason.TabFocusReason)
                self.page.close_conversation()
            else:
                self.page.refresh(now)
        if self.contents.shows_conversations:
            self._show_what_is_there()
        self.contents.make_when_idle()

    def _show_what_is_there(self) -> None:
        if self.contents.conversation_id is not None:
            self.contents.setCurrentWidget(self.page)
        elif self.list.conversations:
            self.contents.show_pick()
        else:
            fresh = not self.contents.shows_hello
            self.contents.setCurrentWidget(self.hello)
            if fresh:
                self.hello.link.first.setFocus(Qt.FocusReason.OtherFocusReason)
        self._fold()

    def _settings_made(self, settings: Settings) -> None:
        self._columns.addWidget(settings.column)

    def _settings_shown(self) -> None:
        self._list_first = False
        self.contents.setCurrentWidget(self.settings)
        self._fold()

    def _back_to_list(self) -> None:
        self._list_first = True
        self._fold()
        if self.requests.shown:
            self.requests.page.column.take_focus()
        else:
            self.list.list.setFocus(Qt.FocusReason.OtherFocusReason)
