"""The one field that takes any invitation, and what the link says before anything connects.

Law: nothing connects until the member has seen who invites and which relay it uses.
"""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop.core.errors import AsideError, NoRelay
from desktop.core.models import Accepted, CommunityInvitation, PersonInvitation
from desktop.ui import strings
from desktop.ui.context import Context, Handle
from desktop.ui.invitations.cards import KeptCard, PersonCard, RelayCard
from desktop.ui.widgets.buttons import Button
from desktop.ui.widgets.fields import Field, Problem
from desktop.ui.widgets.layout import column, row
from desktop.ui.widgets.plain import Plain
from protocol.ids import Fingerprint


class LinkField(QWidget):
    """Field, sentence, and the card of what was found."""

    accepted = Signal(object)  # ConversationId
    relay_added = Signal()

    def __init__(self, ctx: Context) -> None:
        super().__init__()
        self._ctx = ctx
        theme, px = ctx.theme, ctx.theme.px
        self._link = ""
        self._looking: Handle | None = None
        self.field = Field(
            theme, strings.PASTE, hint=strings.PASTE, icon="link", keys="Ctrl+V", tall=True
        )
        self.field.setMaxLength(4096)
        self.problem = Problem(theme, self.field)
        self.go = Button(theme, strings.CONTINUE, "filled", tall=True, clicked=self.look)
        self.go.setEnabled(False)
        self._note = Plain(theme, strings.PASTE_NOTE, "small", "text_2", wrap=True)
        self.field.textChanged.connect(self._changed)
        self.field.returnPressed.connect(self.look)
        line = row(self.field, px(8), self.go)
        line.setStretch(0, 1)
        self._entry = QWidget()
        self._entry.setLayout(column(line, px(8), self.problem, self._note))
        self._place: QVBoxLayout = column()
        self.card: PersonCard | RelayCard | KeptCard | None = None
        self.setLayout(column(self._entry, self._place))
        ctx.ask(ctx.facade.kept_link, ok=self._have_kept)

    def look(self) -> None:
        """Say what the link in the field says."""
        link = self.field.text().strip()
        if not link:
            return
        self._look_at(link)

    def back(self) -> None:
        """Away with the card; the field again."""
        self._put(None)
        self._entry.show()
        self.field.setFocus(Qt.FocusReason.OtherFocusReason)

    # inside

    def _look_at(self, link: str) -> None:
        self._link = link
        self._looking = self._ctx.ask(
            self._ctx.facade.look_at, link, ok=self._seen, failed=self._not_seen
        )

    def _changed(self, text: str) -> None:
        self.go.setEnabled(bool(text.strip()))
        self.problem.clear_it()
        self._note.show()

    def _seen(self, found: PersonInvitation | CommunityInvitation) -> None:
        self._looking = None
        match found:
            case PersonInvitation():
                card: PersonCard | RelayCard = PersonCard(self._ctx, found)
            case CommunityInvitation():
                card = RelayCard(self._ctx, found)
        card.cancel.clicked.connect(self.back)
        card.go.clicked.connect(self._accept)
        self._entry.hide()
        self._put(card)
        card.begin()

    def _not_seen(self, error: AsideError) -> None:
        self._looking = None
        self._note.hide()
        self.problem.tell(strings.sentence(error))

    def _accept(self) -> None:
        facade = self._ctx.facade
        match self.card:
            case PersonCard():
                self.card.set_busy(True)
                greeting = self.card.greeting.toPlainText().strip()
                self._ctx.ask(
                    facade.contact_accept,
                    self._link,
                    greeting,
                    ok=self._accepted,
                    failed=self._refused,
                )
            case RelayCard():
                self.card.set_busy(True)
                self._ctx.ask(
                    facade.relay_add, self._link, ok=self._relay_added, failed=self._refused
                )
            case _:
                return

    def _accepted(self, accepted: Accepted) -> None:
        self._reset()
        self.accepted.emit(accepted.conversation_id)

    def _relay_added(self, relay_id: Fingerprint) -> None:
        self._reset()
        self._ctx.tell(strings.RELAY_ADDED)
        self._ctx.ask(self._ctx.facade.kept_link, ok=self._have_kept)
        self.relay_added.emit()

    def _refused(self, error: AsideError) -> None:
        if isinstance(self.card, PersonCard | RelayCard):
            self.card.set_busy(False)
            self.card.problem(strings.sentence(error), warn=isinstance(error, NoRelay))

    def _reset(self) -> None:
        self.field.clear()
        self._put(None)
        self._entry.show()

    def _have_kept(self, link: str | None) -> None:
        if link is None or self.card is not None:
            return
        card = KeptCard(self._ctx)
        card.use.clicked.connect(lambda: self._look_at(link))
        card.forget.clicked.connect(self._forget)
        self._put(card)

    def _forget(self) -> None:
        self._put(None)
        self._ctx.ask(self._ctx.facade.drop_kept_link)

    def _put(self, card: PersonCard | RelayCard | KeptCard | None) -> None:
        if self.card is not None:
            self._place.removeWidget(self.card)
            self.card.hide()
            self.card.deleteLater()
        self.card = card
        if card is not None:
            self._place.addWidget(card)
