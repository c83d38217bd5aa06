"""What a link says, as a card: who invites, which relay it uses, and one button that goes on."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QBoxLayout, QFrame, QPlainTextEdit, QVBoxLayout, QWidget

from desktop.core.models import CommunityInvitation, PersonInvitation, RoomInvitation
from desktop.ui import strings
from desktop.ui.context import Context
from desktop.ui.conversations.rows import local
from desktop.ui.invitations import strings as words
from desktop.ui.theme import Theme
from desktop.ui.widgets.avatar import Avatar
from desktop.ui.widgets.busy import Busy
from desktop.ui.widgets.buttons import Button
from desktop.ui.widgets.fields import announce
from desktop.ui.widgets.layout import column, row
from desktop.ui.widgets.notes import Note
from desktop.ui.widgets.plain import Picture, Plain


class InvitationCard(QFrame):
    """Cancel, the one button, and a place for what went wrong; Cancel also stops connecting."""

    def __init__(self, theme: Theme, action: str) -> None:
        super().__init__()
        self.theme = theme
        self._action = action
        self.setProperty("card", "flat")
        self.cancel = Button(theme, strings.CANCEL, "quiet")
        self.go = Button(theme, action, "filled")
        self._notes: QVBoxLayout = column()
        self._busy = Busy(self, *self._resting())
        self.busy = False

    def set_busy(self, busy: bool) -> None:
        self.busy = busy
        self.go.say(words.ACCEPTING if busy else self._action)
        if busy:
            self._clear()
            self._busy.begin()
        else:
            self._busy.end()

    def problem(self, sentence: str) -> None:
        self._clear()
        self._notes.addSpacing(self.theme.px(16))
        self._notes.addWidget(Note(self.theme, "circle-alert", "", sentence, "danger"))
        announce(self, sentence)

    @property
    def first(self) -> QWidget:
        """What takes the focus; from the button, Enter goes on."""
        return self.go

    def _resting(self) -> tuple[QWidget, ...]:
        return (self.go,)

    def _clear(self) -> None:
        while (item := self._notes.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()

    def _buttons(self) -> QVBoxLayout:
        px = self.theme.px
        return column(self._notes, px(16), row(None, self.cancel, px(8), self.go))


class Greeting(QPlainTextEdit):
    """First words: Enter makes a new line, Ctrl+Enter accepts with them."""

    done = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if enter and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.done.emit()
        else:
            super().keyPressEvent(event)


class PersonCard(InvitationCard):
    """Somebody invites."""

    def __init__(self, ctx: Context, found: PersonInvitation) -> None:
        theme, px = ctx.theme, ctx.theme.px
        self.greeting = Greeting()
        super().__init__(theme, words.ACCEPT)
        self.greeting.done.connect(self.go.click)
        title = words.invites_you(found.name)
        self.setAccessibleName(title)
        head = _person(ctx, found, title, words.until(local(found.expires_ms)))
        relay_line = row(
            column(Picture(theme, "server"), None),
            px(12),
            Plain(
                theme,
                words.through_relay(found.relay_host, brings=found.brings_relay),
                "small",
                "text_2",
                wrap=True,
            ),
        )
        relay_line.setStretch(2, 1)
        self.greeting.setProperty("field", True)
        self.greeting.setAccessibleName(words.GREETING_LABEL)
        self.greeting.setFixedHeight(px(64))
        self.greeting.setTabChangesFocus(True)
        self.greeting.document().setDocumentMargin(px(9))
        layout = column(
            head,
            px(16),
            relay_line,
            px(16),
            Plain(theme, words.GREETING_LABEL, "small-strong"),
            px(5),
            self.greeting,
            self._buttons(),
        )
        layout.setContentsMargins(px(20), px(20), px(20), px(16))
        self.setLayout(layout)

    @property
    def first(self) -> QWidget:
        return self.greeting

    def _resting(self) -> tuple[QWidget, ...]:
        return self.greeting, *super()._resting()


class KnownCard(InvitationCard):
    """Somebody this member talks with already: nothing to accept, only somewhere to go."""

    def __init__(self, ctx: Context, found: PersonInvitation) -> None:
        px = ctx.theme.px
        super().__init__(ctx.theme, words.OPEN_CONVERSATION)
        self.member_id = found.member_id
        title = words.already_talk_with(found.known_as or "")
        self.setAccessibleName(title)
        self.cancel.hide()
        layout = column(_person(ctx, found, title, words.ALREADY_KNOWN), self._buttons())
        layout.setContentsMargins(px(20), px(20), px(20), px(16))
        self.setLayout(layout)


def _person(ctx: Context, found: PersonInvitation, title: str, text: str) -> QBoxLayout:
    px = ctx.theme.px
    lines = column(
        Plain(ctx.theme, title, "title", wrap=True),
        px(2),
        Plain(ctx.theme, text, "small", "text_2", wrap=True),
    )
    name = found.known_as or found.name or "?"
    head = row(Avatar(ctx.theme, 44, name, found.member_id), px(12), lines)
    head.setStretch(2, 1)
    return head


class RelayCard(InvitationCard):
    """A relay's own link."""

    def __init__(self, ctx: Context, found: CommunityInvitation) -> None:
        theme, px = ctx.theme, ctx.theme.px
        super().__init__(theme, strings.ADD_RELAY)
        self.bare = found.bare
        title = words.relay_invites(found.relay_host)
        self.setAccessibleName(title)
        lines = column(
            Plain(theme, title, "title", wrap=True),
            px(4),
            Plain(theme, words.RELAY_INVITES_TEXT, "small", "text_2", wrap=True),
        )
        head = row(column(px(1), Picture(theme, "server"), None), px(12), lines)
        head.setStretch(2, 1)
        layout = column(head)
        if found.known:
            layout.addSpacing(px(16))
            layout.addWidget(Note(theme, "info", "", words.RELAY_KNOWN, "ok"))
        elif found.bare:
            layout.addSpacing(px(16))
            layout.addWidget(Note(theme, "info", "", words.RELAY_BARE))
        layout.addLayout(self._buttons())
        layout.setContentsMargins(px(20), px(20), px(20), px(16))
        self.setLayout(layout)


class RoomCard(InvitationCard):
    """A room on a relay that knows nothing of this member yet."""

    def __init__(self, ctx: Context, found: RoomInvitation) -> None:
        theme, px = ctx.theme, ctx.theme.px
        super().__init__(theme, words.TO_THE_DOOR)
        title = words.room_on(found.relay_host)
        self.setAccessibleName(title)
        lines = column(
            Plain(theme, title, "title", wrap=True),
            px(4),
            Plain(theme, words.ROOM_TEXT, "small", "text_2", wrap=True),
        )
        head = row(column(px(1), Picture(theme, "messages-square"), None), px(12), lines)
        head.setStretch(2, 1)
        layout = column(head, self._buttons())
        layout.setContentsMargins(px(20), px(20), px(20), px(16))
        self.setLayout(layout)


class KeptCard(QFrame):
    """An invitation that waits: for a relay, or (``ready``) for the member."""

    def __init__(self, ctx: Context, *, ready: bool) -> None:
        super().__init__()
        title = words.KEPT_READY if ready else words.KEPT_LINK
        text = words.KEPT_READY_TEXT if ready else words.KEPT_LINK_TEXT
        self.setAccessibleName(title)
        theme, px = ctx.theme, ctx.theme.px
        self.setProperty("card", "warn")
        self.use = Button(theme, words.USE_KEPT, "outline", compact=True)
        self.forget = Button(theme, words.FORGET_KEPT, "quiet", compact=True)
        lines = column(
            Plain(theme, text, "small", wrap=True, lead=f"{title}."),
            px(8),
            row(self.use, px(4), self.forget, None),
        )
        layout = row(column(Picture(theme, "ticket", 20, "warn"), None), px(12), lines)
        layout.setStretch(2, 1)
        layout.setContentsMargins(px(16), px(12), px(16), px(12))
        self.setLayout(layout)
