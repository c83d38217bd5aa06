"""What is said to the desk: host and moderators read it, and the asker's room does not.

The id of what is asked or reported is the id of its desk entry. The host sees the seat behind
everything; ``nameless`` keeps it off the stage only.
"""

from __future__ import annotations

from typing import Annotated, TypeAlias

from msgspec import Meta, Struct

from protocol.e2e.contents import Hidden
from protocol.e2e.packing import pack
from protocol.e2e.rooms.contents import MAX_QUESTION, MAX_SAID, APseudonym, ASign
from protocol.e2e.rooms.tagged import Tagged, Unknown
from protocol.ids import AKey, AnEntryId, ASeatId, ATime
from protocol.wire.frames.room_entries import MAX_STAGE_SEALED

MAX_WORDS = 500
MAX_REPORTED = MAX_STAGE_SEALED + 256
MAX_TABLE = 180


class DeskContent(Hidden, frozen=True, tag_field="t"):
    """What is inside an entry of the desk."""

    name: APseudonym
    sent_ms: ATime


class Ask(DeskContent, frozen=True, tag="ask"):
    """A question for the board."""

    text: Annotated[str, Meta(max_length=MAX_QUESTION)]
    nameless: bool = False


class Vote(DeskContent, frozen=True, tag="vote"):
    """For a question; one of each seat counts, and it can be taken back."""

    question: AnEntryId
    taken_back: bool = False


class React(DeskContent, frozen=True, tag="react"):
    """To an entry of the stage; one of each seat and sign counts."""

    entry: AnEntryId
    sign: ASign
    taken_back: bool = False


class Hand(DeskContent, frozen=True, tag="hand"):
    """Somebody would like to speak, or not any more."""

    raised: bool


class Report(DeskContent, frozen=True, tag="report"):
    """Something a moderator should look at, in the bytes it was said in."""

    item: Annotated[bytes, Meta(max_length=MAX_REPORTED)]
    words: Annotated[str, Meta(max_length=MAX_WORDS)] = ""


class Held(DeskContent, frozen=True, tag="held"):
    """Chat that waits for somebody to let it onto the stage."""

    text: Annotated[str, Meta(max_length=MAX_SAID)]
    reply_to: AnEntryId | None = None


class Join(DeskContent, frozen=True, tag="join"):
    """Somebody asks to be let in, and says once more under each new desk key what keys for them
    are locked with.

    ``proof`` shows that an invitation is theirs; ``rules`` is the digest of the front whose rules
    they accepted.
    """

    wrap_key: AKey
    proof: Annotated[bytes, Meta(max_length=32)] = b""
    rules: Annotated[bytes, Meta(max_length=32)] = b""
    words: Annotated[str, Meta(max_length=MAX_WORDS)] = ""


class Rename(DeskContent, frozen=True, tag="rename"):
    """Another pseudonym from now on: ``name`` is the new one."""

    before: APseudonym


class TableRow(Struct, frozen=True, array_like=True):
    """A seat and what keys for it are locked with."""

    seat: ASeatId
    wrap_key: AKey


class Table(DeskContent, frozen=True, tag="table"):
    """A part of the wrapping table, from the host for those who may admit."""

    rows: Annotated[tuple[TableRow, ...], Meta(max_length=MAX_TABLE)]


DESK = Tagged(DeskContent)
Heard: TypeAlias = DeskContent | Unknown


def dump(content: DeskContent) -> bytes:
    """The bytes that are sealed."""
    return pack(content)


def load(data: bytes) -> Heard:
    """What was said. Raises RemoteProtocolError."""
    return DESK.load(data)
