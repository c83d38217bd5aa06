"""What a link says, as a card: who invites, which relay it uses, and one button that goes on."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QPlainTextEdit, QVBoxLayout

from desktop.core.models import CommunityInvitation, PersonInvitation
from desktop.ui import strings
from desktop.ui.context import Context
from desktop.ui.conversations.rows import local
from desktop.ui.theme import Theme
from desktop.ui.widgets.avatar import Avatar
from desktop.ui.widgets.buttons import Button
from desktop.ui.widgets.fields import announce
from desktop.ui.widgets.layout import column, row
from desktop.ui.widgets.notes import Note
from desktop.ui.widgets.plain import Picture, Plain


class _Card(QFrame):
    """Cancel, the one button, and a place for what went wrong."""

    def __init__(self, theme: Theme, action: str) -> None:
        super().__init__()
        self.theme = theme
        self._action = action
        self.setProperty("card", "flat")
        self.cancel = Button(theme, strings.CANCEL, "quiet")
        self.go = Button(theme, action, "filled")
        self._notes: QVBoxLayout = column()

    def set_busy(self, busy: bool) -> None:
        self.go.say(strings.ACCEPTING if busy else self._action)
        self.go.setEnabled(not busy)
        self.cancel.setEnabled(not busy)
        if busy:
            self._clear()

    def problem(self, sentence: str, *, warn: bool = False) -> None:
        self._clear()
        kind = "warn" if warn else "danger"
        self._notes.addSpacing(self.theme.px(16))
        self._notes.addWidget(Note(self.theme, "circle-alert", "", sentence, kind))
        announce(self, sentence)

    def begin(self) -> None:
        """Take the focus, so that Enter goes on."""
        self.go.setFocus(Qt.FocusReason.OtherFocusReason)

    def _clear(self) -> None:
        while (item := self._notes.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()

    def _buttons(self) -> QVBoxLayout:
        px = self.theme.px
        return column(self._notes, px(16), row(None, self.cancel, px(8), self.go))


class PersonCard(_Card):
    """Somebody invites."""

    def __init__(self, ctx: Context, found: PersonInvitation) -> None:
        theme, px = ctx.theme, ctx.theme.px
        super().__init__(theme, strings.ACCEPT)
        name = found.known_as or found.name
        words = column(
            Plain(theme, strings.invites_you(name), "title", wrap=True),
            px(2),
            Plain(theme, strings.until(local(found.expires_ms)), "small", "text_2"),
        )
        head = row(Avatar(theme, 44, name or "?", found.member_id), px(12), words)
        head.setStretch(2, 1)
        relay_line = row(
            column(Picture(theme, "server"), None),
            px(12),
            Plain(
                theme,
                strings.through_relay(found.relay_host, brings=found.brings_relay),
                "small",
                "text_2",
                wrap=True,
            ),
        )
        relay_line.setStretch(2, 1)
        self.greeting = QPlainTextEdit()
        self.greeting.setProperty("field", True)
        self.greeting.setAccessibleName(strings.GREETING_LABEL)
        self.greeting.setFixedHeight(px(64))
        self.greeting.setTabChangesFocus(True)
        self.greeting.document().setDocumentMargin(px(9))
        layout = column(head, px(16), relay_line, px(16))
        if found.known_as is not None:
            layout.addWidget(Note(theme, "info", "", strings.ALREADY_KNOWN, "ok"))
            self.greeting.hide()
        layout.addWidget(Plain(theme, strings.GREETING_LABEL, "small-strong"))
        layout.addSpacing(px(5))
        layout.addWidget(self.greeting)
        layout.addLayout(self._buttons())
        layout.setContentsMargins(px(20), px(20), px(20), px(16))
        self.setLayout(layout)

    def begin(self) -> None:
        self.greeting.setFocus(Qt.FocusReason.OtherFocusReason)


class RelayCard(_Card):
    """A relay's own link."""

    def __init__(self, ctx: Context, found: CommunityInvitation) -> None:
        theme, px = ctx.theme, ctx.theme.px
        super().__init__(theme, strings.ADD_RELAY)
        words = column(
            Plain(theme, strings.relay_invites(found.relay_host), "title", wrap=True),
            px(4),
            Plain(theme, strings.RELAY_INVITES_TEXT, "small", "text_2", wrap=True),
        )
        head = row(column(px(1), Picture(theme, "server"), None), px(12), words)
        head.setStretch(2, 1)
        layout = column(head)
        if found.known:
            layout.addSpacing(px(16))
            layout.addWidget(Note(theme, "info", "", strings.RELAY_KNOWN, "ok"))
        layout.addLayout(self._buttons())
        layout.setContentsMargins(px(20), px(20), px(20), px(16))
        self.setLayout(layout)


class KeptCard(QFrame):
    """An invitation that waits for a relay."""

    def __init__(self, ctx: Context) -> None:
        super().__init__()
        theme, px = ctx.theme, ctx.theme.px
        self.setProperty("card", "warn")
        self.use = Button(theme, strings.USE_KEPT, "outline", compact=True)
        self.forget = Button(theme, strings.FORGET_KEPT, "quiet", compact=True)
        words = column(
            Plain(theme, strings.KEPT_LINK_TEXT, "small", wrap=True, lead=f"{strings.KEPT_LINK}."),
            px(8),
            row(self.use, px(4), self.forget, None),
        )
        layout = row(column(Picture(theme, "ticket", 20, "warn"), None), px(12), words)
        layout.setStretch(2, 1)
        layout.setContentsMargins(px(16), px(12), px(16), px(12))
        self.setLayout(layout)
        self.setContentsMargins(0, px(12), 0, 0)
