"""What is read on the board of questions and in the host's queue. No Qt."""

from __future__ import annotations

from typing import Final

from desktop.core.questions import Question, QuestionState
from desktop.core.rooms import Line, Room, Way
from desktop.core.texts import harmless, harmless_name
from desktop.ui.messages.strings import clock
from desktop.ui.messages.when import local
from desktop.ui.rooms import stage_words

QUESTIONS: Final = "Questions"
QUEUE: Final = "Queue"
PEOPLE: Final = "People"
ASK_HERE: Final = "Ask a question"
ASK: Final = "Ask"
NAMELESS: Final = "Without my name on stage"
NAMELESS_HINT: Final = "Host and moderators still see it"
NO_NAME: Final = "Nameless"
LOADING: Final = "Loading the questions"
EMPTY: Final = "No questions yet"
EMPTY_TEXT: Final = "A question stays here until it is answered, however fast the chat is."
EMPTY_QUEUE: Final = "Nobody has asked yet"
NOT_READ: Final = "The questions could not be read"
OFFLINE: Final = "The room’s relay does not answer. What you ask or vote waits here."
NO_HOST: Final = "No host is here at the moment. Questions wait."
BY_VOTES: Final = "Votes"
BY_TIME: Final = "Time"
SORT: Final = "Sort"
VOTES_HINT: Final = "Votes are a hint: in an open room people can vote twice"
STAR: Final = "Star"
UNSTAR: Final = "Take the star away"
ANSWER: Final = "Answer"
ANSWER_LIVE: Final = "Answer it now, live"
ANSWER_WRITING: Final = "Answer in writing…"
ANSWERING: Final = "Answering"
DONE: Final = "Done"
DECLINE: Final = "Decline"
DECLINE_TITLE: Final = "Decline this question"
DECLINE_TEXT: Final = "Whoever asked reads the reason; on the board it stands in place of the name."
REASON: Final = "Reason"
ANSWER_TITLE: Final = "Answer in writing"
ANSWER_TEXT: Final = "Everybody reads it on the board and on the stage."
ANSWER_FIELD: Final = "Answer"
GO_THERE: Final = "Show where it was answered"

STATES: Final = {
    QuestionState.QUEUED: ("Waiting", "warn", ""),
    QuestionState.ANSWERING: ("Being answered", "accent", "dot"),
    QuestionState.ANSWERED: ("Answered", "ok", "check"),
    QuestionState.ASIDE: ("Taken aside", "neutral", "message-square-share"),
    QuestionState.DECLINED: ("Declined", "neutral", ""),
    QuestionState.MERGED: ("Asked already", "neutral", ""),
}


def hint(room: Room) -> str:
    """What has to be known of the questions of this room, the most urgent first."""
    if room.ended:
        return ""
    if room.line is Line.DOWN:
        return OFFLINE
    if room.live_since_ms is None:
        return NO_HOST
    return VOTES_HINT if room.way is Way.LINK else ""


def text(question: Question) -> str:
    return harmless(question.text)


def state(question: Question) -> tuple[str, str, str]:
    """Word, look and icon; nothing for somebody else's question that waits."""
    said, look, icon = STATES[question.state]
    if question.state is QuestionState.QUEUED and not question.mine:
        return "", look, icon
    if question.state is QuestionState.ANSWERED and question.answered_ms is not None:
        said = f"{said} {clock(local(question.answered_ms))}"
    return said, look, icon


def asker(question: Question) -> str:
    """Who asked, or why it was declined, which stands in that place."""
    if question.state is QuestionState.DECLINED and question.reason:
        return harmless_name(question.reason)
    if question.mine:
        return "Yours"
    return harmless_name(question.name) or NO_NAME


def asker_in_queue(question: Question) -> str:
    """Host and moderators see the seat of a nameless one as well, and what is not on the board."""
    held = f" · {HELD}" if question.held else ""
    if question.name:
        who = harmless_name(question.name)
        return f"{who} · {clock(local(question.asked_ms))}{held}"
    who = f"{NO_NAME} on stage · {harmless_name(question.seat_name)}".removesuffix(" · ")
    return f"{who}{held}"


HELD: Final = "Muted, not on the board"


def votes(count: int) -> str:
    return "vote" if count == 1 else "votes"


def vote_spoken(count: int, *, given: bool, free: bool) -> str:
    said = f"{count:,} {votes(count)}"
    if given:
        return f"{said}, yours is one of them"
    return f"{said}. Vote" if free else said


def spoken(question: Question) -> str:
    said = state(question)[0]
    who = asker(question)
    if question.held:
        who = f"{who}, {HELD}"
    if question.imitates:
        who = f"{who}, {stage_words.IMITATES}"
    parts = [text(question), who, f"{question.votes:,} {votes(question.votes)}", said]
    return ". ".join(part for part in parts if part)
