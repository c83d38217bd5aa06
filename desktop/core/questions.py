"""Questions of a room: plain immutable data (law 5)."""

from __future__ import annotations

from enum import Enum
from typing import NewType

from msgspec import Struct

from protocol.ids import EntryId, SeatId

QuestionId = NewType("QuestionId", bytes)


class QuestionState(Enum):
    """How far a question has come; its asker always sees it."""

    QUEUED = "queued"
    ANSWERING = "answering"
    ANSWERED = "answered"
    ASIDE = "aside"
    DECLINED = "declined"
    MERGED = "merged"  # into another one


class Question(Struct, frozen=True):
    """One card of the board or the queue."""

    question_id: QuestionId
    text: str
    name: str  # empty: nameless on stage
    asked_ms: int
    votes: int
    state: QuestionState = QuestionState.QUEUED
    mine: bool = False
    voted: bool = False
    starred: bool = False  # by the host, for herself
    reason: str = ""  # why it was declined
    answer: str = ""  # in writing
    moment: EntryId | None = None  # where on the stage it was answered
    answered_ms: int | None = None
    seat_id: SeatId | None = None  # host and moderators see the seat also of nameless ones
    seat_name: str = ""
    asidable: bool = False
    held: bool = False  # host and moderators alone see it: the asker may not speak now
    imitates: bool = False  # the asker goes by a name that looks like the host's
