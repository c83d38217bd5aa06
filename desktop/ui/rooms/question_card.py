"""A question as a card: on the board with a vote, in the host's queue with what can be done."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QWidget

from desktop.core.questions import Question, QuestionState
from desktop.core.texts import harmless
from desktop.ui.rooms import board_words as words
from desktop.ui.rooms import stage_words, strings
from desktop.ui.rooms.tags import StateTag
from desktop.ui.rooms.vote import VoteButton
from desktop.ui.theme import Theme
from desktop.ui.widgets.buttons import Button, IconButton
from desktop.ui.widgets.layout import column, row
from desktop.ui.widgets.menu import Menu
from desktop.ui.widgets.plain import Plain

_OPEN = (QuestionState.QUEUED, QuestionState.ANSWERING)


class QuestionCard(QFrame):
    """As everybody sees it."""

    vote_wanted = Signal(object)  # each with the question
    moment_wanted = Signal(object)
    aside_wanted = Signal(object)
    star_wanted = Signal(object)
    answer_wanted = Signal(object)
    write_wanted = Signal(object)
    done_wanted = Signal(object)
    decline_wanted = Signal(object)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.question: Question | None = None
        self._theme = theme
        px = theme.px
        self.setProperty("card", "plain")
        self.vote = VoteButton(theme)
        self.vote.clicked.connect(lambda: self.vote_wanted.emit(self.question))
        self.text = Plain(theme, "", "control", wrap=True)
        self.answer = Plain(theme, "", "small", "text_2", wrap=True)
        self.answer.hide()
        self.who = Plain(theme, "", "caption", "text_2")
        self.state = StateTag(theme)
        self.moment = IconButton(
            theme,
            "arrow-right",
            words.GO_THERE,
            size=16,
            clicked=lambda: self.moment_wanted.emit(self.question),
        )
        self.aside = IconButton(
            theme,
            "message-square-share",
            strings.TAKE_ASIDE,
            keys="Ctrl+Shift+A",
            size=16,
            tone="accent",
            clicked=lambda: self.aside_wanted.emit(self.question),
        )
        for one in (self.moment, self.aside):
            one.setProperty("bar", True)
        self.mark = StateTag(theme, stage_words.IMITATES, "danger")
        below = row(self.who, px(8), self.mark, self.state, self.moment, self.aside)
        below.setStretch(0, 1)
        rest = column(self.text, px(4), self.answer, None, px(4), below)
        inner = row(column(self.vote, None), px(12), rest, margins=(px(12), px(10), px(12), px(10)))
        inner.setStretch(2, 1)
        self.setLayout(inner)

    def show_question(self, question: Question) -> None:
        if question == self.question:
            return
        self.question = question
        free = question.state in _OPEN and not question.mine
        self.vote.show_votes(question.votes, given=question.voted, free=free)
        self.text.say(words.text(question))
        self.answer.say(harmless(question.answer))
        self.answer.setVisible(bool(question.answer))
        self.who.say(words.asker(question), tone="accent" if question.mine else "text_2")
        said, look, icon = words.state(question)
        self.state.say(said, look, icon)
        self.state.setVisible(bool(said))
        self.mark.setVisible(question.imitates)
        self.moment.setVisible(question.moment is not None)
        self.aside.setVisible(question.asidable and question.state in _OPEN)
        self.setAccessibleName(words.spoken(question))


class QueueCard(QFrame):
    """As host and moderators see it: star, answer, take aside, decline."""

    vote_wanted = Signal(object)
    moment_wanted = Signal(object)
    aside_wanted = Signal(object)
    star_wanted = Signal(object)
    answer_wanted = Signal(object)
    write_wanted = Signal(object)
    done_wanted = Signal(object)
    decline_wanted = Signal(object)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.question: Question | None = None
        self._theme = theme
        px = theme.px
        self.setProperty("card", "plain")
        self._count = Plain(theme, "", "title", align="center")
        self._votes = Plain(theme, "", "caption", "text_2", align="center")
        self.text = Plain(theme, "", "control", wrap=True)
        self.who = Plain(theme, "", "caption", "text_2", wrap=True)
        self.mark = StateTag(theme, stage_words.IMITATES, "danger")
        self.star = IconButton(theme, "star", words.STAR, size=20, clicked=self._say_star)
        self.state = StateTag(theme)
        self.answer = Button(
            theme, words.ANSWER, "tinted", compact=True, clicked=self._offer_answers
        )
        self.aside = Button(
            theme,
            strings.TAKE_ASIDE,
            "outline",
            icon="message-square-share",
            compact=True,
            clicked=lambda: self.aside_wanted.emit(self.question),
        )
        self.decline = Button(
            theme,
            words.DECLINE,
            "quiet",
            compact=True,
            clicked=lambda: self.decline_wanted.emit(self.question),
        )
        self.done = Button(
            theme,
            words.DONE,
            "filled",
            compact=True,
            clicked=lambda: self.done_wanted.emit(self.question),
        )
        left = column(self._count, self._votes, None)
        side = QWidget()
        side.setFixedWidth(px(36))
        side.setLayout(left)
        head = row(
            side,
            px(8),
            column(self.text, px(4), self.who, row(self.mark, None), None),
            px(4),
            column(self.star, None),
        )
        head.setStretch(2, 1)
        acts = row(self.state, self.answer, px(8), self.aside, None, self.decline, self.done)
        inner = column(head, px(8), acts, margins=(px(10), px(8), px(8), px(10)))
        self.setLayout(inner)

    def show_question(self, question: Question) -> None:
        if question == self.question:
            return
        self.question = question
        answering = question.state is QuestionState.ANSWERING
        free = question.state is QuestionState.QUEUED
        self._count.say(f"{question.votes:,}")
        self._votes.say(words.votes(question.votes))
        self.text.say(words.text(question))
        self.who.say(words.asker_in_queue(question))
        self.mark.setVisible(question.imitates)
        self.star.show_icon("star-filled" if question.starred else "star", _star(question))
        self.star.rename(words.UNSTAR if question.starred else words.STAR)
        said, look, icon = words.state(question)
        self.state.say(words.ANSWERING if answering else said, look, icon)
        self.state.setVisible(not free)
        self.answer.setVisible(free)
        self.decline.setVisible(free)
        self.done.setVisible(answering)
        self.aside.setVisible(question.asidable and (free or answering))
        self.setProperty("card", "lit" if answering else "plain")
        self.style().unpolish(self)
        self.style().polish(self)
        self.setAccessibleName(words.spoken(question))

    def _say_star(self) -> None:
        self.star_wanted.emit(self.question)

    def _offer_answers(self) -> None:
        menu = Menu(self._theme, self)
        live = partial(self.answer_wanted.emit, self.question)
        menu.offer("megaphone", words.ANSWER_LIVE, live)
        menu.offer("pencil", words.ANSWER_WRITING, partial(self.write_wanted.emit, self.question))
        menu.setActiveAction(menu.actions()[0])
        menu.popup(self.answer.mapToGlobal(self.answer.rect().bottomLeft()))


def _star(question: Question) -> str:
    return "warn" if question.starred else "text_2"
