"""One conversation: header, messages, composer. The same page shows whichever one is open."""

from __future__ import annotations

from msgspec.structs import replace
from PySide6.QtCore import QElapsedTimer, Qt, QUrl, Signal
from PySide6.QtWidgets import QWidget

from desktop.core.events import (
    ContactChanged,
    ConversationChanged,
    Event,
    MessageReceived,
    MessageStateChanged,
    PresenceChanged,
    TypingChanged,
)
from desktop.core.models import Conversation
from desktop.ui.context import Context
from desktop.ui.conversation import strings as words
from desktop.ui.conversation.blocked import Blocked
from desktop.ui.conversation.composer import Composer
from desktop.ui.conversation.contact import (
    RenameDialog,
    SafetyDialog,
    ask_block,
    ask_remove,
    unblock,
)
from desktop.ui.conversation.feed import Feed
from desktop.ui.conversation.find import FindBar
from desktop.ui.conversation.header import Header
from desktop.ui.messages.pane import MessagePane
from desktop.ui.messages.words import is_ours
from desktop.ui.requests.origin import Origin
from desktop.ui.system.browser import Browser
from desktop.ui.widgets.busy import holds_focus
from desktop.ui.widgets.fields import announce
from desktop.ui.widgets.layout import column
from protocol.ids import ConversationId, MemberId, MessageId

_ANNOUNCE_MS = 2_000


class ConversationPage(QWidget):
    """Reads and writes one conversation at a time."""

    back_wanted = Signal()
    moment_wanted = Signal(object, object)  # RoomId, EntryId: where it began

    def __init__(self, ctx: Context) -> None:
        super().__init__()
        self._ctx = ctx
        self._open: Conversation | None = None
        self._me: tuple[MemberId, str] | None = None
        self._announced = QElapsedTimer()
        self._writing: set[ConversationId] = set()
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setProperty("ground", "bg")
        self.header = Header(ctx)
        self.find_bar = FindBar(ctx)
        self.pane = MessagePane(ctx.theme)
        self.feed = Feed(ctx, self.pane)
        self.origin = Origin(ctx, ctx.facade, self.pane)
        self.origin.moment_wanted.connect(self.moment_wanted)
        self.composer = Composer(ctx)
        self.blocked = Blocked(ctx)
        layout = column(self.header, self.find_bar, self.pane, self.composer, self.blocked)
        layout.setStretch(2, 1)
        self.setLayout(layout)
        self.header.back_wanted.connect(self.back_wanted)
        self.header.find_wanted.connect(self.start_find)
        self.header.safety_wanted.connect(self._safety)
        self.header.rename_wanted.connect(self._rename)
        self.header.remove_wanted.connect(self._remove)
        self.header.block_wanted.connect(self._block)
        self.header.unblock_wanted.connect(self._unblock)
        self.blocked.unblock_wanted.connect(self._unblock)
        self.find_bar.words_changed.connect(self.pane.highlight)
        self.find_bar.go_wanted.connect(self.feed.go_to)
        self.find_bar.closed.connect(self.focus_composer)
        self.composer.box.paged.connect(self.pane.turn)
        self._browser = Browser(self)
        self._browser.failed.connect(lambda: ctx.tell(words.LINK_NOT_OPENED))
        self.pane.link_activated.connect(self._open_link)
        self.pane.resend_wanted.connect(self._resend)
        ctx.heard.connect(self._hear)

    @property
    def conversation_id(self) -> ConversationId | None:
        return self._open.conversation_id if self._open else None

    def show_me(self, member_id: MemberId, name: str) -> None:
        self._me = (member_id, name)

    def open(self, conversation: Conversation) -> None:
        self._open = conversation
        self.find_bar.stop()
        self.header.show_writing(conversation.conversation_id in self._writing)
        self._describe(conversation)
        self.composer.open(conversation.conversation_id, conversation.name, conversation.draft)
        self.origin.open(conversation.conversation_id)
        self.feed.open(conversation.conversation_id, conversation.unread)
        self.focus_composer()

    def refresh(self, conversation: Conversation) -> None:
        """The list was read again: names and states may have changed."""
        self._open = conversation
        self._describe(conversation)
        self.composer.rename(conversation.name)

    def close_conversation(self) -> None:
        self.find_bar.stop()
        self.composer.leave()
        self.feed.close()
        self.origin.close()
        self._open = None

    def focus_composer(self) -> None:
        self.writing.setFocus(Qt.FocusReason.OtherFocusReason)

    @property
    def writing(self) -> QWidget:
        """Where one writes; where nobody can, the way back to it."""
        return self.composer.box if self.blocked.isHidden() else self.blocked.unblock

    def start_find(self) -> None:
        if self._open is not None:
            self.find_bar.start(self._open.conversation_id)

    def go_to(self, message_id: MessageId) -> None:
        self.feed.go_to(message_id)

    # inside

    def _describe(self, conversation: Conversation) -> None:
        self.header.show_conversation(conversation)
        self._show_blocked(conversation)
        names = {conversation.contact_id: conversation.name}
        if self._me is not None:
            names[self._me[0]] = self._me[1]
        self.pane.model.set_names(names)

    def _show_blocked(self, conversation: Conversation) -> None:
        had = holds_focus(self.composer) or holds_focus(self.blocked)
        self.blocked.show_name(conversation.name)
        self.composer.setVisible(not conversation.blocked)
        self.blocked.setVisible(conversation.blocked)
        if had:
            self.focus_composer()

    def _hear(self, event: Event) -> None:
        here = self.conversation_id
        if isinstance(event, TypingChanged):
            if event.writing:
                self._writing.add(event.conversation_id)
            else:
                self._writing.discard(event.conversation_id)
        if here is None:
            return
        match event:
            case MessageReceived() if event.message.conversation_id == here:
                self.feed.knock()
                self._announce()
            case ConversationChanged() if event.conversation_id == here:
                self.feed.knock()
            case MessageStateChanged() if event.conversation_id == here:
                self.feed.knock(event.message_id)
            case ContactChanged():
                self.feed.knock()
            case PresenceChanged() if self._open and event.contact_id == self._open.contact_id:
                self._open = replace(self._open, presence=event.presence)
                self.header.show_conversation(self._open)
            case TypingChanged() if event.conversation_id == here:
                self.header.show_writing(event.writing)
            case _:
                return

    def _announce(self) -> None:
        """A screen reader hears of news, politely and not of every line of a burst."""
        fresh = not self._announced.isValid() or self._announced.elapsed() > _ANNOUNCE_MS
        if self._open is not None and fresh and self.isVisible():
            self._announced.start()
            announce(self.pane.view, words.announced(self._open.name))

    def _open_link(self, link: str) -> None:
        if is_ours(link):
            self._ctx.invited.emit(link)
        else:
            self._browser.open(QUrl(link))

    def _resend(self, message_id: MessageId) -> None:
        self._ctx.ask(self._ctx.facade.message_resend, message_id)

    def _safety(self) -> None:
        if self._open is not None:
            SafetyDialog(self._ctx, self._open).open_dialog()

    def _rename(self) -> None:
        if self._open is not None:
            dialog = RenameDialog(self._ctx, self._open)
            dialog.open_dialog(dialog.field)
            dialog.field.selectAll()

    def _block(self) -> None:
        if self._open is not None:
            question = ask_block(self._ctx, self._open)
            question.open_dialog(question.cancel)

    def _unblock(self) -> None:
        if self._open is not None:
            unblock(self._ctx, self._open)

    def _remove(self) -> None:
        if self._open is not None:
            question = ask_remove(self._ctx, self._open)
            question.open_dialog(question.cancel)
