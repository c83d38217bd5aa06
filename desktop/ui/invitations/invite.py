"""Invite someone: a link for one person and seven days, to copy or to scan."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from desktop.core.errors import AsideError, NoRelay
from desktop.core.models import Relay
from desktop.ui import strings
from desktop.ui.context import Context, Handle
from desktop.ui.invitations import strings as words
from desktop.ui.invitations.qr import QrCode
from desktop.ui.widgets.buttons import Button
from desktop.ui.widgets.dialog import Dialog
from desktop.ui.widgets.fields import Field, Problem
from desktop.ui.widgets.layout import card, column, row
from desktop.ui.widgets.notes import Note
from desktop.ui.widgets.plain import Plain
from desktop.ui.widgets.switch import Switch

_COPIED_MS = 2_000


class InviteDialog(Dialog):
    """Making a link is consent: whoever comes with it becomes a contact."""

    def __init__(self, ctx: Context) -> None:
        super().__init__(ctx.theme, ctx.window, words.INVITE_TITLE)
        theme, px = ctx.theme, ctx.theme.px
        self._ctx = ctx
        self._making: Handle | None = None
        self.link = Field(theme, words.INVITE_LINK, hint=words.INVITE_MAKING)
        self.link.setReadOnly(True)
        self.problem = Problem(theme, self.link)
        self.copy = Button(theme, words.COPY_LINK, "filled", icon="copy", clicked=self._copy)
        self.copy.setEnabled(False)
        self.qr = QrCode(theme, 176)
        self.join = Switch(theme, words.INVITE_JOIN)
        self.join.toggled.connect(self._make)
        self._join_row = _choice(ctx, self.join)
        self._join_row.hide()
        self.another = Button(
            theme, words.INVITE_NEW, "quiet", icon="refresh-cw", clicked=self._make
        )
        self._back = QTimer(self)
        self._back.setSingleShot(True)
        self._back.timeout.connect(self._calm)
        lines = column(
            Plain(
                theme,
                words.INVITE_BODY,
                "body",
                "text_2",
                wrap=True,
                lead=words.INVITE_LEAD,
                lead_tone="text",
            ),
            px(16),
            Plain(theme, words.INVITE_LINK, "small-strong"),
            px(5),
            self.link,
            px(6),
            self.problem,
            None,
            row(self.copy, px(4), self.another, None),
        )
        both = row(lines, px(20), column(self.qr, None))
        both.setStretch(0, 1)
        self._offer = QWidget()
        self._offer.setLayout(both)
        self._no_relay = Note(theme, "server", "", words.INVITE_NO_RELAY)
        self._no_relay.hide()
        self.body.addWidget(self._offer)
        self.body.addWidget(self._no_relay)
        self.body.addWidget(self._join_row)
        ctx.ask(ctx.facade.relay_list, ok=self._have_relays)
        self._make()

    @property
    def first(self) -> QWidget:
        return self.copy if self.copy.isEnabled() else self.link

    def _have_relays(self, relays: Sequence[Relay]) -> None:
        if any(relay.may_invite for relay in relays):
            self._join_row.show()
            self.fit()

    def _make(self) -> None:
        """Another link; the one before must not be taken for it meanwhile."""
        if self._making is not None:
            self._making.cancel()
        if self.copy.hasFocus():  # it waits beside, where it can be
            self.link.setFocus(Qt.FocusReason.OtherFocusReason)
        self.copy.setEnabled(False)
        self.link.clear()
        self.qr.clear()
        self._making = self._ctx.ask(
            self._ctx.facade.contact_invite,
            1,
            None,
            "",
            self.join.isChecked(),
            ok=self._have,
            failed=self._refused,
        )

    def _have(self, link: str) -> None:
        self.problem.clear_it()
        self.link.setText(link)
        self.link.setCursorPosition(0)
        self.qr.show_text(link)
        self.copy.setEnabled(True)
        if self.link.hasFocus():
            self.copy.setFocus(Qt.FocusReason.OtherFocusReason)

    def _refused(self, error: AsideError) -> None:
        if isinstance(error, NoRelay):
            self._offer.hide()
            self._no_relay.show()
            self.fit()
            return
        self.link.clear()
        self.copy.setEnabled(False)
        self.link.setPlaceholderText("")
        self.problem.tell(strings.sentence(error))
        self.fit()

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.link.text())
        self.copy.say(words.LINK_COPIED)
        self._back.start(_COPIED_MS)

    def _calm(self) -> None:
        self.copy.say(words.COPY_LINK)


def _choice(ctx: Context, switch: Switch) -> QWidget:
    px = ctx.theme.px
    lines = column(
        Plain(ctx.theme, words.INVITE_JOIN, "control-medium"),
        px(1),
        Plain(ctx.theme, words.INVITE_JOIN_TEXT, "small", "text_2", wrap=True),
    )
    line = row(lines, px(12), switch, margins=(px(16), px(10), px(12), px(10)))
    line.setStretch(0, 1)
    outer = QWidget()
    outer.setLayout(column(px(20), card(line, "flat")))
    return outer
