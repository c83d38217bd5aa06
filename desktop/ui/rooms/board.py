"""The board of questions beside a stage, and the same as a host's queue.

Laws: a question is asked, voted and answered by one call each; cards keep their order while the
pointer or the keyboard is among them, so that nobody answers another one than was meant.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop.core.errors import AsideError
from desktop.core.questions import Question, QuestionId, QuestionState
from desktop.core.requests import Purpose
from desktop.core.room_facade import Rooms
from desktop.core.rooms import Room
from desktop.ui import strings as common
from desktop.ui.context import Context, Knocker
from desktop.ui.rooms import board_words as words
from desktop.ui.rooms import strings
from desktop.ui.rooms.ask import AskBox
from desktop.ui.rooms.question_card import QuestionCard, QueueCard
from desktop.ui.rooms.reasons import AnswerDialog, DeclineDialog
from desktop.ui.widgets.busy import holds_focus
from desktop.ui.widgets.buttons import Button
from desktop.ui.widgets.layout import area, row
from desktop.ui.widgets.notes import Empty
from desktop.ui.widgets.plain import Plain
from desktop.ui.widgets.scrolled import Scrolled
from desktop.ui.widgets.states import States

MOST = 200
_OPEN = (QuestionState.QUEUED, QuestionState.ANSWERING)


class Board(QWidget):
    """Questions of one room."""

    counted = Signal(int)  # open ones
    moment_wanted = Signal(object)  # entry id

    def __init__(self, ctx: Context, rooms: Rooms) -> None:
        super().__init__()
        self._ctx, self._rooms = ctx, rooms
        theme, px = ctx.theme, ctx.theme.px
        self.room: Room | None = None
        self.questions: Sequence[Question] = ()
        self.cards: dict[QuestionId, QuestionCard | QueueCard] = {}
        self._order: list[QuestionId] = []
        self._head = QWidget()
        self.by_votes = Button(
            theme, words.BY_VOTES, "segment", compact=True, checkable=True, clicked=self._sort
        )
        self.by_time = Button(
            theme, words.BY_TIME, "segment", compact=True, checkable=True, clicked=self._sort
        )
        self.by_votes.setChecked(True)
        self._hint = Plain(theme, "", "caption", "text_2", wrap=True)
        head = row(
            self._hint,
            px(8),
            self.by_votes,
            px(4),
            self.by_time,
            margins=(px(16), px(10), px(12), 0),
        )
        head.setStretch(0, 1)
        self._head.setLayout(head)
        self._list = QVBoxLayout()
        self._list.setContentsMargins(px(12), px(12), px(12), px(12))
        self._list.setSpacing(px(8))
        self._list.addStretch(1)
        self.scrolled = Scrolled(area(self._list))
        self._empty = Empty(theme, "circle-help", words.EMPTY, words.EMPTY_TEXT)
        self.states = States(
            theme, self.scrolled, self._empty, loading=words.LOADING, not_read=words.NOT_READ
        )
        self.states.retry_wanted.connect(self.knock)
        self.ask = AskBox(ctx, rooms)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._head)
        layout.addWidget(self.states, 1)
        layout.addWidget(self.ask)
        self._knocker = Knocker(self._read, self)

    def show_room(self, room: Room) -> None:
        before = self.room
        self.room = room
        self.ask.show_room(room)
        self.ask.setVisible(not room.moderates and not room.ended)
        self._hint.say(words.hint(room))
        self._show_head()
        if before is None or before.room_id != room.room_id or before.moderates != room.moderates:
            self._clear()
            self.states.begin()
            self.knock()

    def knock(self) -> None:
        self._knocker.knock()

    def lit(self) -> Question | None:
        """The question whose card has the keyboard or the pointer."""
        for card in self.cards.values():
            if card.underMouse() or holds_focus(card):
                return card.question
        return None

    def take_aside(self, question: Question) -> None:
        """At once, without a word."""
        if self.room is None:
            return

        def asked(_: None) -> None:
            self._ctx.tell(strings.ASKED_HOST if question.mine else strings.ASKED_ASIDE)

        self._ctx.ask(
            self._rooms.question_aside,
            self.room.room_id,
            question.question_id,
            "",
            Purpose.SUPPORT,
            ok=asked,
            owner=self,
        )

    # inside

    def _read(self) -> None:
        if self.room is None:
            self._knocker.done()
            return
        self._ctx.ask(
            self._rooms.questions, self.room.room_id, ok=self._have, failed=self._failed, owner=self
        )

    def _have(self, questions: Sequence[Question]) -> None:
        self._knocker.done()
        self.questions = questions
        self.counted.emit(sum(one.state in _OPEN for one in questions))
        self._show()

    def _failed(self, error: AsideError) -> None:
        self._knocker.done()
        self.states.fail(common.sentence(error))

    def _sort(self) -> None:
        self._order = []
        self._show()

    def _show(self) -> None:
        helps = self.room is not None and self.room.moderates
        self._empty.title.say(words.EMPTY_QUEUE if helps else words.EMPTY)
        self._show_head()
        self.states.have(some=bool(self.questions))
        by_id = {one.question_id: one for one in self.questions}
        wanted = sorted(by_id, key=lambda one: self._rank(by_id[one], helps=helps))[:MOST]
        if self._order and (self.lit() is not None or self.scrolled.underMouse()):
            stay = [one for one in self._order if one in by_id]
            wanted = [*stay, *(one for one in wanted if one not in set(stay))]
        for gone in set(self.cards) - set(wanted):
            self.cards.pop(gone).deleteLater()
        for one in wanted:
            if one not in self.cards:
                self.cards[one] = self._made(helps=helps)
            self.cards[one].show_question(by_id[one])
        if wanted != self._order:
            for place, one in enumerate(wanted):
                self._list.insertWidget(place, self.cards[one])
                self.cards[one].show()
            self._order = wanted

    def _show_head(self) -> None:
        """What has to be said, and the way to sort where there is something to sort."""
        helps = self.room is not None and self.room.moderates
        sorts = bool(self.questions) and (helps or len(self.questions) > 1)
        for one in (self.by_votes, self.by_time):
            one.setVisible(sorts)
        urgent = self.room is not None and words.hint(self.room) not in ("", words.VOTES_HINT)
        self._head.setVisible(sorts or urgent)

    def _rank(self, one: Question, *, helps: bool) -> tuple[int, ...]:
        closed = helps and one.state not in _OPEN
        first = (one.state is not QuestionState.ANSWERING, closed, not (helps and one.starred))
        if self.by_time.isChecked():
            return (*map(int, first), one.asked_ms)
        return (*map(int, first), -one.votes, one.asked_ms)

    def _made(self, *, helps: bool) -> QuestionCard | QueueCard:
        card = (QueueCard if helps else QuestionCard)(self._ctx.theme)
        card.vote_wanted.connect(self._vote)
        card.star_wanted.connect(self._star)
        card.answer_wanted.connect(self._answer)
        card.done_wanted.connect(self._done)
        card.write_wanted.connect(self._write)
        card.decline_wanted.connect(self._decline)
        card.aside_wanted.connect(self.take_aside)
        card.moment_wanted.connect(self._go)
        return card

    def _clear(self) -> None:
        for card in self.cards.values():
            card.deleteLater()
        self.cards.clear()
        self._order = []
        self.questions = ()

    def _go(self, one: Question) -> None:
        self.moment_wanted.emit(one.moment)

    def _vote(self, one: Question) -> None:
        if self.room is not None:
            self._ctx.ask(self._rooms.room_vote, self.room.room_id, one.question_id)

    def _star(self, one: Question) -> None:
        if self.room is not None:
            self._ctx.ask(self._rooms.question_star, self.room.room_id, one.question_id)

    def _answer(self, one: Question) -> None:
        if self.room is not None:
            self._ctx.ask(self._rooms.question_answer, self.room.room_id, one.question_id)

    def _done(self, one: Question) -> None:
        if self.room is not None:
            self._ctx.ask(self._rooms.question_done, self.room.room_id, one.question_id)

    def _write(self, one: Question) -> None:
        if self.room is not None:
            dialog = AnswerDialog(self._ctx, self._rooms, self.room.room_id, one)
            dialog.open_dialog(dialog.text)

    def _decline(self, one: Question) -> None:
        if self.room is not None:
            dialog = DeclineDialog(self._ctx, self._rooms, self.room.room_id, one)
            dialog.open_dialog(dialog.field)
