"""What is said on the stage, declared once: what stands inside an entry that everybody can open.

Like the contents of envelopes: a map whose key ``t`` names it; unknown keys are ignored, defaults
are left out, and one of an unknown name is a value. Who said it is the entry's seat; ``name`` is
the pseudonym it goes by. The room's relay reads none of it.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, TypeAlias

from msgspec import Meta, Struct

from protocol.e2e.contents import Hidden
from protocol.e2e.packing import pack
from protocol.e2e.rooms.pseudonyms import MAX_PSEUDONYM
from protocol.e2e.rooms.tagged import Tagged, Unknown
from protocol.ids import AnEntryId, ASeatId, ATime
from protocol.wire.rooms.orders import Scope

MAX_SAID = 3000
MAX_QUESTION = 600
MAX_ANSWER = 2000
MAX_MENTIONS = 16
MAX_TALLIES = 48

APseudonym = Annotated[str, Meta(max_length=MAX_PSEUDONYM)]
ASign = Annotated[str, Meta(max_length=16)]
AText = Annotated[str, Meta(max_length=MAX_SAID)]
ATally = Annotated[int, Meta(ge=0, lt=2**31)]


class StageContent(Hidden, frozen=True, tag_field="t"):
    """What is inside an entry of the stage."""

    name: APseudonym
    sent_ms: ATime


class Text(StageContent, frozen=True, tag="text"):
    """Chat. Those who are mentioned are named by their seats."""

    text: AText
    reply_to: AnEntryId | None = None
    mentions: Annotated[tuple[ASeatId, ...], Meta(max_length=MAX_MENTIONS)] = ()


class Pinned(StageContent, frozen=True, tag="pinned"):
    """What stands on top from now on; nothing: nothing."""

    entry: AnEntryId | None = None


class QuestionState(StrEnum):
    """Where a question stands."""

    QUEUED = "queued"
    ANSWERING = "answering"
    ANSWERED = "answered"
    ASIDE = "aside"
    DECLINED = "declined"
    MERGED = "merged"
    OTHER = "other"  # a state of a newer version

    @classmethod
    def _missing_(cls, value: object) -> QuestionState:
        return cls.OTHER


class Question(StageContent, frozen=True, tag="question"):
    """A question on the board, as it stands from now on.

    ``question`` is the id of the desk entry it was asked in. Without ``asker`` it is nameless on
    the stage. ``words`` are the answer in writing, or why it was declined; ``merged`` is the
    question that it became part of.
    """

    question: AnEntryId
    text: Annotated[str, Meta(max_length=MAX_QUESTION)]
    state: QuestionState
    asker: ASeatId | None = None
    votes: ATally = 0
    words: Annotated[str, Meta(max_length=MAX_ANSWER)] = ""
    merged: AnEntryId | None = None


class Votes(Struct, frozen=True, array_like=True):
    """How many want this question answered."""

    question: AnEntryId
    votes: ATally


class Reactions(Struct, frozen=True, array_like=True):
    """How many reacted to this entry with this sign."""

    entry: AnEntryId
    sign: ASign
    count: ATally


class Counted(StageContent, frozen=True, tag="counted"):
    """What the host's app counted of what came to the desk, at most once a second."""

    votes: Annotated[tuple[Votes, ...], Meta(max_length=MAX_TALLIES)] = ()
    reactions: Annotated[tuple[Reactions, ...], Meta(max_length=MAX_TALLIES)] = ()


class ModeChanged(StageContent, frozen=True, tag="mode_changed"):
    """What is different from now on, in words for people."""

    text: Annotated[str, Meta(max_length=200)]


STAGE = Tagged(StageContent)
Heard: TypeAlias = StageContent | Unknown

NEEDS: dict[type[StageContent], Scope] = {
    Pinned: Scope.MODERATE,
    Question: Scope.MODERATE,
    Counted: Scope.DESK,
    ModeChanged: Scope.SETTINGS,
}
"""What only somebody with a grant may say; from others it counts as an attempt, and is shown as
that or not at all."""


def may_say(content: StageContent, scopes: Scope) -> bool:
    """Whether a seat with these scopes may say it at all. How many may chat is the policy's."""
    return NEEDS.get(type(content), Scope(0)) in scopes


def dump(content: StageContent) -> bytes:
    """The bytes that are sealed."""
    return pack(content)


def load(data: bytes) -> Heard:
    """What was said. Raises RemoteProtocolError."""
    return STAGE.load(data)
