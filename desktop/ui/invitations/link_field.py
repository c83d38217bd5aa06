"""The one field that takes any invitation, and what the link says before anything connects.

Law: nothing connects until the member has seen who invites and which relay it uses. A link that
has to wait for a relay is kept, and goes on by itself once there is one.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TypeAlias

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop.core.errors import AsideError, NoRelay, RelayRefused
from desktop.core.events import Event, RelaysChanged
from desktop.core.models import (
    Accepted,
    CommunityInvitation,
    Contact,
    PersonInvitation,
    Relay,
    RoomInvitation,
)
from desktop.ui import strings
from desktop.ui.context import Context, Handle
from desktop.ui.invitations import strings as words
from desktop.ui.invitations.cards import (
    InvitationCard,
    KeptCard,
    KnownCard,
    PersonCard,
    RelayCard,
    RoomCard,
)
from desktop.ui.widgets.busy import holds_focus, stops
from desktop.ui.widgets.buttons import Button
from desktop.ui.widgets.fields import Field, Problem
from desktop.ui.widgets.layout import column, row
from desktop.ui.widgets.plain import Plain
from protocol.ids import Fingerprint

Card: TypeAlias = PersonCard | KnownCard | RelayCard | RoomCard | KeptCard


class LinkField(QWidget):
    """Field, sentence, and the card of what was found."""

    accepted = Signal(object)  # ConversationId
    relay_added = Signal()  # and no invitation waited for it
    room_found = Signal(str)  # a room's link, and its relay may be asked

    def __init__(self, ctx: Context) -> None:
        super().__init__()
        self._ctx = ctx
        theme, px = ctx.theme, ctx.theme.px
        self._link = ""
        self._kept: str | None = None  # the link that waits for a relay
        self._put_off = ""  # the one that waited and was left: it does not come back by itself
        self._connecting: Handle | None = None
        self._words: dict[str, str] = {}  # first words that were typed, by link
        self.field = Field(
            theme, words.PASTE, hint=words.PASTE, icon="link", keys="Ctrl+V", tall=True
        )
        self.field.setMaxLength(4096)
        self.problem = Problem(theme, self.field)
        self.go = Button(theme, strings.CONTINUE, "filled", tall=True, clicked=self.look)
        self.go.setEnabled(False)
        self._note = Plain(theme, words.PASTE_NOTE, "small", "text_2", wrap=True)
        self.field.textChanged.connect(self._changed)
        self.field.returnPressed.connect(self.look)
        line = row(self.field, px(8), self.go)
        line.setStretch(0, 1)
        self._entry = QWidget()
        self._entry.setLayout(column(line, px(8), self.problem, self._note))
        self._place: QVBoxLayout = column()
        self.card: Card | None = None
        self.setLayout(column(self._entry, self._place))
        ctx.heard.connect(self._hear)
        self._ask_kept()

    @property
    def first(self) -> QWidget:
        """What takes the focus here: the card's, or the field."""
        return self.card.first if isinstance(self.card, InvitationCard) else self.field

    def ask_for_room(self) -> None:
        """Somebody has a room's link, and looks for where it goes."""
        self.field.setPlaceholderText(words.PASTE_ROOM)
        self._focus()

    def look(self) -> None:
        """Say what the link in the field says."""
        link = self.field.text().strip()
        if link:
            self.look_at(link)

    def look_at(self, link: str) -> None:
        """Say what a link says that somebody followed."""
        self.field.setText(link)
        self._look_at(link)

    def back(self) -> None:
        """Away with the card; the field again. A link that waited goes on waiting.

        While it connects, only that is over: a relay that is not there is waited for for long.
        """
        if isinstance(self.card, InvitationCard) and self.card.busy:
            self._stop()
            return
        if isinstance(self.card, PersonCard):
            self._words[self._link] = self.card.greeting.toPlainText()
        self._put(None)
        if self._kept is not None and self._link == self._kept:
            self._put_off = self._kept
            self._ctx.ask(self._ctx.facade.relay_list, ok=self._wait_or_go_on)

    # Qt asks

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and isinstance(self.card, InvitationCard):
            self.back()
        else:
            super().keyPressEvent(event)

    # inside

    def _look_at(self, link: str) -> None:
        self._link = link
        self._ctx.ask(self._ctx.facade.look_at, link, ok=self._seen, failed=self._not_seen)

    def _changed(self, text: str) -> None:
        self.go.setEnabled(bool(text.strip()))
        self.problem.clear_it()
        self._note.show()

    def _seen(self, found: PersonInvitation | CommunityInvitation | RoomInvitation) -> None:
        card: PersonCard | KnownCard | RelayCard | RoomCard
        match found:
            case PersonInvitation(known_as=None):
                card = PersonCard(self._ctx, found)
                card.greeting.setPlainText(self._words.get(self._link, ""))
            case PersonInvitation():
                card = KnownCard(self._ctx, found)
            case CommunityInvitation():
                card = RelayCard(self._ctx, found)
            case RoomInvitation(known=True):  # nobody learns more of me than they know
                self._to_room()
                return
            case RoomInvitation():
                card = RoomCard(self._ctx, found)
        card.cancel.clicked.connect(self.back)
        card.go.clicked.connect(self._accept)
        self._put(card)

    def _not_seen(self, error: AsideError) -> None:
        if self._link == self._kept:  # too old by now
            self._forget()
        self._note.hide()
        self.problem.tell(strings.sentence(error))
        if holds_focus(self):
            self._focus()

    def _accept(self) -> None:
        facade, ask = self._ctx.facade, self._ctx.ask
        match self.card:
            case PersonCard() as card:
                greeting = card.greeting.toPlainText().strip()
                card.set_busy(True)
                self._connecting = ask(
                    facade.contact_accept,
                    self._link,
                    greeting,
                    ok=self._accepted,
                    failed=self._refused,
                )
            case KnownCard() as card:
                card.set_busy(True)
                self._connecting = ask(
                    facade.contact_show, card.member_id, ok=self._known, failed=self._refused
                )
            case RelayCard() as card:
                card.set_busy(True)
                self._connecting = ask(
                    facade.relay_add, self._link, ok=self._relay_added, failed=self._refused
                )
            case RoomCard():
                self._to_room()
            case KeptCard() | None:
                return

    def _to_room(self) -> None:
        link = self._link
        self._reset()
        self.room_found.emit(link)

    def _stop(self) -> None:
        if self._connecting is not None:
            self._connecting.cancel()
            self._connecting = None
        if isinstance(self.card, InvitationCard):
            self.card.set_busy(False)

    def _accepted(self, accepted: Accepted) -> None:
        self._reset()
        self.accepted.emit(accepted.conversation_id)

    def _known(self, contact: Contact) -> None:
        self._reset()
        self.accepted.emit(contact.conversation_id)

    def _relay_added(self, relay_id: Fingerprint) -> None:
        self._reset()
        self._ctx.tell(strings.RELAY_ADDED)
        self._ctx.ask(self._ctx.facade.kept_link, ok=self._after_relay)

    def _after_relay(self, kept: str | None) -> None:
        self._have_kept(kept)
        if kept is None:
            self.relay_added.emit()

    def _refused(self, error: AsideError) -> None:
        if isinstance(error, NoRelay):  # kept; what is wanted now is a relay's link
            self._reset()
            self._ask_kept()
        elif isinstance(self.card, InvitationCard):
            self.card.set_busy(False)
            bare = isinstance(self.card, RelayCard) and self.card.bare
            uninvited = bare and isinstance(error, RelayRefused)
            said = words.RELAY_BARE_REFUSED if uninvited else strings.sentence(error)
            self.card.problem(said)

    def _reset(self) -> None:
        self._link = self._put_off = ""
        self._words.clear()
        self.field.clear()
        self._put(None)

    def _focus(self) -> None:
        self.first.setFocus(Qt.FocusReason.OtherFocusReason)

    # the link that waits for a relay

    def _hear(self, event: Event) -> None:
        if isinstance(event, RelaysChanged) and isinstance(self.card, KeptCard):
            self._ask_kept()

    def _ask_kept(self) -> None:
        self._ctx.ask(self._ctx.facade.kept_link, ok=self._have_kept)

    def _have_kept(self, link: str | None) -> None:
        self._kept = link
        if link is not None:
            self._ctx.ask(self._ctx.facade.relay_list, ok=self._wait_or_go_on)

    def _wait_or_go_on(self, relays: Sequence[Relay]) -> None:
        if self._kept is None or isinstance(self.card, InvitationCard):
            return
        if relays and self._kept != self._put_off:
            self._look_at(self._kept)
        else:
            self._put_kept(self._kept, ready=bool(relays))

    def _put_kept(self, link: str, *, ready: bool) -> None:
        card = KeptCard(self._ctx, ready=ready)
        card.use.clicked.connect(lambda: self._look_at(link))
        card.forget.clicked.connect(self._forget)
        self._put(card)

    def _forget(self) -> None:
        self._kept = None
        if isinstance(self.card, KeptCard):
            self._put(None)
        self._ctx.ask(self._ctx.facade.drop_kept_link)

    def _put(self, card: Card | None) -> None:
        """In the entry's place, or below it. The focus goes with it, if it was here."""
        here = holds_focus(self)
        self._entry.setHidden(isinstance(card, InvitationCard))  # first: nothing jumps
        if self.card is not None:
            self._place.removeWidget(self.card)
            self.card.hide()
            self.card.deleteLater()
        self.card = card
        kept = isinstance(card, KeptCard)  # stands below the field, not in its place
        self._place.setContentsMargins(0, self._ctx.theme.px(12) if kept else 0, 0, 0)
        if card is not None:
            self._place.addWidget(card)
            card.show()
            for one, after in pairwise((self.go, *stops(card))):
                QWidget.setTabOrder(one, after)
        if here:
            self._focus()
