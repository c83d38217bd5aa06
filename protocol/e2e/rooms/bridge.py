"""Bridge cards: why two people talk aside. A quote that anybody who was there can check.

A card carries the quoted entry in the bytes it was said in, some entries around it, and the words
the writer says are in it. Whoever gets it checks the signatures, holds the numbers against what the
own vault has, and opens the bytes with the keys it has. What can be checked and is wrong makes the
whole card a false one; what cannot be checked is shown as claimed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import Enum, StrEnum
from typing import Annotated, Final

from msgspec import Meta, Struct

from protocol.e2e.contents import Hidden
from protocol.e2e.packing import pack
from protocol.e2e.rooms import front as fronts
from protocol.e2e.rooms import words
from protocol.e2e.rooms.contents import Question, Text
from protocol.e2e.rooms.epochs import EpochKey
from protocol.e2e.rooms.front import Front
from protocol.e2e.rooms.stage import hear
from protocol.e2e.rooms.tagged import Unknown
from protocol.errors import BadSignature, RemoteProtocolError, Unopenable
from protocol.ids import ARoomId, ATime, RoomId, SeatId
from protocol.wire.frames.room_entries import MAX_STAGE_SEALED, MIN_ITEM, Lane
from protocol.wire.rooms.items import EntryBody, read_item

MAX_AROUND: Final = 6
MAX_QUOTED: Final = MAX_STAGE_SEALED + 256
MAX_EXCERPT: Final = 300
MAX_CARD: Final = 6_000
MAX_PURPOSE: Final = 60


class FalseQuote(RemoteProtocolError):
    """A card that quotes what was not said so: its writer's doing."""


class Purpose(StrEnum):
    """What the talk shall be for."""

    MENTORING = "mentoring"
    COLLABORATION = "collaboration"
    FEEDBACK = "feedback"
    SUPPORT = "support"
    OWN = "own"  # in one's own word
    OTHER = "other"  # a purpose of a newer version

    @classmethod
    def _missing_(cls, value: object) -> Purpose:
        return cls.OTHER


class Quote(Hidden, frozen=True):
    """An entry in the bytes it was said in, where it stood, and what its writer says it says."""

    run: Annotated[int, Meta(ge=1, lt=2**31)]
    number: Annotated[int, Meta(ge=1, lt=2**53)]
    item: Annotated[bytes, Meta(min_length=MIN_ITEM, max_length=MAX_QUOTED)]
    said: Annotated[str, Meta(max_length=MAX_EXCERPT)] = ""


class BridgeCard(Hidden, frozen=True):
    """What a request to talk aside is about."""

    room: ARoomId
    front: Front
    quoted: Quote
    made_ms: ATime
    around: Annotated[tuple[Quote, ...], Meta(max_length=MAX_AROUND)] = ()
    purpose: Purpose = Purpose.OWN
    own_word: Annotated[str, Meta(max_length=MAX_PURPOSE)] = ""


class Worth(Enum):
    """What is known of the words of a quote."""

    PROVEN = "proven"  # opened here: these words, of this seat
    CLAIMED = "claimed"  # of this seat, and what it says is the writer's word


class Checked(Struct, frozen=True):
    """A quote that was looked at. ``placed``: the own vault has it under this number."""

    seat: SeatId
    text: str
    worth: Worth
    placed: bool
    number: int


class CheckedCard(Struct, frozen=True):
    """A card that says nothing false, as it may be shown."""

    quoted: Checked
    around: tuple[Checked, ...]
    front: Front
    purpose: Purpose
    own_word: str


class Witness(Struct, frozen=True):
    """What the reader knows of the room without believing anybody."""

    room: RoomId
    item_at: Callable[[Lane, int, int], bytes | None]  # in the own vault, by run and number
    key_of: Callable[[int], EpochKey | None]  # of an epoch
    own_words: Callable[[bytes], str | None]  # what this desktop itself said in these bytes


def make_card(
    room: RoomId,
    front: Front,
    quoted: Quote,
    around: Iterable[Quote],
    purpose: Purpose,
    own_word: str,
    made_ms: int,
) -> BridgeCard:
    """A card that fits a letter: of the entries around it the nearest that have room."""
    kept: list[Quote] = []
    near = sorted(around, key=lambda one: (abs(one.number - quoted.number), one.number))
    for one in near[:MAX_AROUND]:
        card = _card(room, front, quoted, [*kept, one], purpose, own_word, made_ms)
        if len(pack(card)) <= MAX_CARD:
            kept.append(one)
    return _card(room, front, quoted, kept, purpose, own_word, made_ms)


def excerpt(text: str) -> str:
    """What of an entry's words stands beside its bytes."""
    return words.line(text, MAX_EXCERPT)


def check_card(card: BridgeCard, witness: Witness) -> CheckedCard:
    """What of a card is proven, and what only claimed. Raises FalseQuote."""
    if card.room != witness.room:
        raise FalseQuote("another room's card")
    places = [(one.run, one.number) for one in card.around]
    if places != sorted(set(places)) or (card.quoted.run, card.quoted.number) in places:
        raise FalseQuote("entries out of their order")
    quoted = _checked(card.quoted, witness)
    around = tuple(_checked(one, witness) for one in card.around)
    word = words.line(card.own_word, MAX_PURPOSE)
    return CheckedCard(quoted, around, fronts.shown(card.front), card.purpose, word)


def _checked(quote: Quote, witness: Witness) -> Checked:
    try:
        entry = read_item(quote.item, witness.room)
    except (BadSignature, RemoteProtocolError) as exc:
        raise FalseQuote("an entry that nobody signed") from exc
    if not isinstance(entry, EntryBody):
        raise FalseQuote("a quote of what is no entry")
    known = witness.item_at(entry.lane, quote.run, quote.number)
    if known is not None and known != quote.item:
        raise FalseQuote("another entry stands under this number")
    claimed = excerpt(quote.said)
    text = _opened(quote, entry, witness)
    if text is None:
        return Checked(entry.seat, claimed, Worth.CLAIMED, known is not None, quote.number)
    proven = excerpt(text)
    if claimed and claimed != proven:
        raise FalseQuote("other words than were said")
    return Checked(entry.seat, proven, Worth.PROVEN, known is not None, quote.number)


def _opened(quote: Quote, entry: EntryBody, witness: Witness) -> str | None:
    own = witness.own_words(quote.item)
    if own is not None or entry.lane is not Lane.STAGE:
        return own
    key = witness.key_of(entry.epoch)
    if key is None:
        return None
    try:
        said = hear(entry, key)
    except (Unopenable, RemoteProtocolError) as exc:
        raise FalseQuote("an entry that does not open") from exc
    match said:
        case Text() | Question():
            return said.text
        case Unknown():
            return None
        case _:
            return ""


def _card(
    room: RoomId,
    front: Front,
    quoted: Quote,
    around: list[Quote],
    purpose: Purpose,
    own_word: str,
    made_ms: int,
) -> BridgeCard:
    return BridgeCard(
        room=room,
        front=front,
        quoted=quoted,
        around=tuple(sorted(around, key=lambda one: (one.run, one.number))),
        purpose=purpose,
        own_word=words.line(own_word, MAX_PURPOSE),
        made_ms=made_ms,
    )
