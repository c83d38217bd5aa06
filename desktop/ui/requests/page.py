"""One request: what it is about, the first words, and the three answers, one key each.

Laws: nothing is told to whoever asks before *Accept*; a stranger's words are plain text, and
nothing in them can be clicked; an answer is one call, and is not asked for twice.
"""

from __future__ import annotations

from datetime import datetime
from itertools import pairwise

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLayout, QVBoxLayout, QWidget

from desktop.core.requests import Request
from desktop.ui.requests import strings
from desktop.ui.requests.card import WIDE, BridgeCardView
from desktop.ui.requests.words import FirstWords
from desktop.ui.rooms.stage_words import IMITATES
from desktop.ui.rooms.tags import StateTag
from desktop.ui.theme import Theme
from desktop.ui.widgets.avatar import Avatar
from desktop.ui.widgets.busy import Busy
from desktop.ui.widgets.buttons import IconButton
from desktop.ui.widgets.fields import announce
from desktop.ui.widgets.keycap import KeyButton
from desktop.ui.widgets.layout import area, column, row
from desktop.ui.widgets.notes import Note
from desktop.ui.widgets.plain import Picture, Plain
from desktop.ui.widgets.scrolled import Scrolled


class RequestView(QWidget):
    """Header and a column of 600."""

    accept_wanted = Signal()
    decline_wanted = Signal()
    block_wanted = Signal()
    back_wanted = Signal()
    moment_wanted = Signal(object, object)  # RoomId, EntryId

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        px = theme.px
        self.request: Request | None = None
        self._me = ""
        self.card: BridgeCardView | Note | None = None
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setProperty("ground", "bg")
        self._header = self._make_header()
        self.about = Plain(theme, "", "caption-strong", "text_2")
        self._card_place = QVBoxLayout()
        self.words = FirstWords(theme)
        self.accept = KeyButton(theme, strings.ACCEPT, "A", "filled", self.accept_wanted.emit)
        self.decline = KeyButton(theme, strings.DECLINE, "D", "outline", self.decline_wanted.emit)
        self.block = KeyButton(theme, strings.BLOCK, "B", "quiet-danger", self.block_wanted.emit)
        self.trouble = Plain(theme, "", "small", "danger", wrap=True)
        self.trouble.hide()
        self.consequence = Plain(theme, "", "small", "text_2", wrap=True)
        note = row(column(px(1), Picture(theme, "info", 16), None), px(12), self.consequence)
        note.setStretch(2, 1)
        self.answers = self._make_answers()
        inner = column(
            px(30),
            self.about,
            px(8),
            self._card_place,
            px(24),
            Plain(theme, strings.FIRST_WORDS, "caption-strong", "text_2"),
            px(8),
            row(self.words, None),
            px(20),
            note,
            px(24),
            None,
        )
        self.scrolled = Scrolled(area(self._narrow(inner)))
        layout = column(self._header, self.scrolled, self.answers)
        layout.setStretch(1, 1)
        self.setLayout(layout)
        self._busy = Busy(self, self.accept, self.decline, self.block)

    def _make_answers(self) -> QWidget:
        """A bar of their own: however much was written above, they are in view."""
        buttons = row(self.accept, self._theme.px(8), self.decline, None, self.block)
        high = self._theme.px(10)
        inner = column(high, self.trouble, buttons, high)
        return area(self._narrow(inner), ground="bg", line="top")

    def _narrow(self, inner: QLayout) -> QHBoxLayout:
        """In the middle, 600 wide at most."""
        middle = area(inner)
        middle.setMaximumWidth(self._theme.px(WIDE))
        around = row(margins=(self._theme.px(24), 0, self._theme.px(24), 0))
        around.addStretch(1)
        around.addWidget(middle, 1000)
        around.addStretch(1)
        return around

    def _make_header(self) -> QWidget:
        theme, px = self._theme, self._theme.px
        self.back = IconButton(theme, "arrow-left", strings.BACK, clicked=self.back_wanted.emit)
        self.back.hide()
        self._avatar = Avatar(theme, 36)
        self.name = Plain(theme, "", "title")
        self.role = StateTag(theme)
        self.mark = StateTag(theme, IMITATES, "danger")
        self.mark.hide()
        who = column(
            None,
            row(self.name, px(8), self.role, self.mark, None),
            Plain(theme, strings.WANTS, "small", "text_2"),
            None,
        )
        inner = row(self.back, self._avatar, px(12), who, margins=(px(20), 0, px(12), 0))
        inner.setStretch(3, 1)
        made = area(inner, ground="bg", line="bottom")
        made.setFixedHeight(px(60))
        return made

    def show_me(self, name: str) -> None:
        self._me = name

    def show_request(self, request: Request, now: datetime) -> None:
        """Another one; the same again changes nothing."""
        if request == self.request:
            return
        self.request = request
        name = strings.asker(request)
        self._avatar.show_person(name, request.seat_id)
        self.name.say(name)
        role = strings.ROLES.get(request.role, "")
        self.role.setVisible(bool(role))
        self.role.say(role, "accent" if role == "Host" else "outline")
        self.mark.setVisible(request.imitates)
        self.accept.turn("outline" if strings.is_doubtful(request) else "filled")
        self.about.say(strings.about(request))
        self._show_card(request)
        self.words.show_request(request)
        waits = request.accepted_ms is None
        self.answers.setVisible(waits)
        if request.accepted_ms is None:
            said = strings.consequence(name, self._me)
        else:
            said = strings.on_its_way(name, request.accepted_ms, now)
        self.consequence.say(f"{said} {strings.kept_until(request.until_ms)}")
        self.say_trouble("")
        self._busy.end()
        self.scrolled.verticalScrollBar().setValue(0)

    def answering(self) -> None:
        """An answer is on its way."""
        self.say_trouble("")
        self._busy.begin()

    def not_answered(self, sentence: str) -> None:
        self._busy.end()
        self.say_trouble(sentence)
        announce(self.accept, sentence)

    def say_trouble(self, sentence: str) -> None:
        self.trouble.say(sentence)
        self.trouble.setVisible(bool(sentence))

    def set_folded(self, folded: bool) -> None:
        self.back.setVisible(folded)

    def _show_card(self, request: Request) -> None:
        if self.card is not None:
            self._card_place.removeWidget(self.card)
            self.card.hide()
            self.card.deleteLater()
        if request.card is None:
            self.card = Note(
                self._theme, "triangle-alert", strings.NO_CARD, strings.NO_CARD_TEXT, "danger"
            )
        else:
            known_as = strings.known_as(request.card)
            self.card = BridgeCardView(self._theme, request.card, known_as)
            self.card.moment_wanted.connect(self.moment_wanted)
        self._card_place.addWidget(self.card)

    def follow(self, row: QWidget) -> None:
        """By Tab from its row: what it is about, then what follows from it. Cards are made later
        than the answers, and would come after them."""
        card = self.card
        about = [card.more, card.show_moment] if isinstance(card, BridgeCardView) else []
        answers = [self.accept, self.decline, self.block]
        order = [row, *about, *answers]
        for one, then in pairwise(order):
            QWidget.setTabOrder(one, then)
