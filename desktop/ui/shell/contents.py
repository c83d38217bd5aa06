"""What stands beside the list: a conversation, the settings, or hello while there is nobody yet.

Law: the list is on screen before any of these is loaded. Each is built when it is first looked at,
or when there is nothing else to do; what it has to know by then is kept for it here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QStackedWidget, QWidget

from desktop.core.models import Profile, Relay
from desktop.ui import strings
from desktop.ui.context import Context
from desktop.ui.prefs import Prefs
from desktop.ui.shell import strings as words
from desktop.ui.shell.rooms import RoomPages
from desktop.ui.widgets.notes import Empty
from protocol.ids import ConversationId

if TYPE_CHECKING:
    from desktop.ui.conversation.page import ConversationPage
    from desktop.ui.invitations.hello import Hello
    from desktop.ui.settings.page import Settings

_IDLE_MS = 150


class Contents(QStackedWidget):
    """Nothing at first; then one page at a time."""

    back_wanted = Signal()
    invite_wanted = Signal()
    keys_wanted = Signal()
    open_room_wanted = Signal()
    settings_wanted = Signal(str)  # the name of a section
    settings_made = Signal(object)  # Settings
    settings_shown = Signal()
    lock_wanted = Signal()
    kept_waits = Signal()  # an invitation can go on now that there is a relay
    accepted = Signal(object)  # the ConversationId of somebody new
    moment_wanted = Signal(object, object)  # RoomId, EntryId: where a conversation began
    folded = Signal(bool)  # there is no column beside it, or there is one again
    room_found = Signal(str)  # a room's link

    def __init__(self, ctx: Context, prefs: Prefs) -> None:
        super().__init__()
        self._ctx = ctx
        self._prefs = prefs
        self._me: Profile | None = None
        self._relays: Sequence[Relay] = ()
        self._folded = False
        self._page: ConversationPage | None = None
        self._hello: Hello | None = None
        self._settings: Settings | None = None
        self.rooms = RoomPages(ctx, self)
        self._blank = QWidget()
        self._pick = Empty(ctx.theme, "message-circle", words.PICK, words.PICK_TEXT)
        self.addWidget(self._blank)
        self.addWidget(self._pick)

    # the pages

    @property
    def page(self) -> ConversationPage:
        if self._page is None:
            from desktop.ui.conversation.page import ConversationPage  # noqa: PLC0415

            self._page = ConversationPage(self._ctx)
            self._page.back_wanted.connect(self.back_wanted)
            self._page.moment_wanted.connect(self.moment_wanted)
            self._page.header.set_folded(self._folded)
            self.addWidget(self._page)
            self._tell()
        return self._page

    @property
    def hello(self) -> Hello:
        if self._hello is None:
            from desktop.ui.invitations.hello import Hello  # noqa: PLC0415

            self._hello = Hello(self._ctx)
            self._hello.invite_wanted.connect(self.invite_wanted)
            self._hello.keys_wanted.connect(self.keys_wanted)
            self._hello.open_room_wanted.connect(self.open_room_wanted)
            self._hello.others_wanted.connect(lambda: self.settings_wanted.emit(strings.SET_OTHERS))
            self._hello.link.accepted.connect(self.accepted)
            self._hello.link.room_found.connect(self.room_found)
            self.addWidget(self._hello)
            self._tell()
        return self._hello

    @property
    def settings(self) -> Settings:
        if self._settings is None:
            from desktop.ui.settings.page import Settings  # noqa: PLC0415

            self._settings = Settings(self._ctx, self._prefs)
            self._settings.shown.connect(self.settings_shown)
            self._settings.lock_wanted.connect(self.lock_wanted)
            self._settings.kept_waits.connect(self.kept_waits)
            self._settings.list_wanted.connect(lambda: self.settings_wanted.emit(strings.SET_YOU))
            self._settings.set_folded(self._folded)
            self.addWidget(self._settings)
            self.settings_made.emit(self._settings)
            self._tell()
        return self._settings

    def make_when_idle(self) -> None:
        """The conversation is what is looked at next."""
        QTimer.singleShot(_IDLE_MS, self, lambda: self.page)

    # which of them is shown

    @property
    def shows_conversations(self) -> bool:
        """One of them, or what stands in its place while there is none."""
        some = self._blank, self._pick, self._page, self._hello
        return self.currentWidget() in some

    @property
    def shows_page(self) -> bool:
        return self._page is not None and self.currentWidget() is self._page

    def shows_conversation(self, conversation_id: ConversationId) -> bool:
        return self.shows_page and self.conversation_id == conversation_id

    @property
    def shows_hello(self) -> bool:
        return self._hello is not None and self.currentWidget() is self._hello

    @property
    def shows_settings(self) -> bool:
        return self._settings is not None and self.currentWidget() is self._settings

    @property
    def conversation_id(self) -> ConversationId | None:
        """The conversation that is open, whether it is shown or not."""
        return None if self._page is None else self._page.conversation_id

    @property
    def is_folded(self) -> bool:
        return self._folded

    def show_pick(self) -> None:
        self.setCurrentWidget(self._pick)

    # what concerns all of them

    def show_me(self, profile: Profile) -> None:
        self._me = profile
        self._tell()

    def show_relays(self, relays: Sequence[Relay]) -> None:
        self._relays = relays
        self._tell()

    def set_folded(self, folded: bool) -> None:
        self._folded = folded
        self.folded.emit(folded)
        self.rooms.set_folded(folded)
        if self._page is not None:
            self._page.header.set_folded(folded)
        if self._settings is not None:
            self._settings.set_folded(folded)

    def save_then(self, done: Callable[[], None]) -> None:
        """Once the draft is in the vault, if there is any."""
        if self._page is None:
            done()
        else:
            self._page.composer.save_then(done)

    def _tell(self) -> None:
        me, relays = self._me, self._relays
        if self._page is not None and me is not None:
            self._page.show_me(me.member_id, me.name)
        if self._hello is not None:
            self._hello.show_relays(len(relays))
            if me is not None:
                self._hello.show_me(me.name)
        if self._settings is not None:
            self._settings.column.footer.show_relays(relays)
