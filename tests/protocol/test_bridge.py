"""Bridge cards: what is proven of a quote, what is only claimed, and what is false."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from protocol.e2e.packing import pack
from protocol.e2e.rooms import stage
from protocol.e2e.rooms.bridge import (
    MAX_AROUND,
    MAX_CARD,
    BridgeCard,
    CheckedCard,
    FalseQuote,
    Purpose,
    Quote,
    Witness,
    Worth,
    check_card,
    make_card,
)
from protocol.e2e.rooms.contents import Pinned, StageContent, Text
from protocol.e2e.rooms.epochs import EpochKey, new_epoch
from protocol.e2e.rooms.front import Front
from protocol.wire.frames.room_entries import Lane
from protocol.wire.rooms.items import entry_hash, sign_order
from protocol.wire.rooms.orders import What
from tests.protocol.cast import NOW_MS
from tests.protocol.room_cast import ALICE, CAROL, OTHER_ROOM, RNG, ROOM, chain, order

KEY = new_epoch(ROOM.room, 1, RNG)
FRONT = Front(title="Making things", where="javascript:alert(1)")


def items(key: EpochKey = KEY) -> list[bytes]:
    made: list[bytes] = []
    for number in range(1, 8):
        before = entry_hash(ROOM.room, made[-1]) if made else b""
        said = Text(name="Carol", sent_ms=NOW_MS, text=f"words {number}")
        made.append(stage.say(said, key, CAROL, number, before, RNG))
    return made


ITEMS = items()
QUOTES = [
    Quote(run=1, number=number, item=item, said=f"words {number}")
    for number, item in enumerate(ITEMS, 1)
]
CARD = make_card(ROOM.room, FRONT, QUOTES[3], QUOTES[:3] + QUOTES[4:], Purpose.FEEDBACK, "", NOW_MS)


def nothing(*_: Any) -> None:
    """In place of what a vault would have."""


def in_vault(lane: Lane, run: int, number: int) -> bytes | None:
    return ITEMS[number - 1] if run == 1 else None


def held(epoch: int) -> EpochKey | None:
    return KEY if epoch == KEY.epoch else None


STRANGER = Witness(ROOM.room, nothing, nothing, nothing)
WAS_THERE = Witness(ROOM.room, in_vault, held, nothing)


def checked(card: BridgeCard = CARD, witness: Witness = WAS_THERE) -> CheckedCard:
    return check_card(card, witness)


def quoting(**changed: Any) -> BridgeCard:
    return replace(CARD, quoted=replace(CARD.quoted, **changed))


def test_who_was_there_can_prove_all_of_it() -> None:
    card = checked()
    assert (card.quoted.seat, card.quoted.text, card.quoted.number) == (CAROL.seat, "words 4", 4)
    assert [one.text for one in card.around] == [f"words {n}" for n in (1, 2, 3, 5, 6, 7)]
    assert {one.worth for one in (card.quoted, *card.around)} == {Worth.PROVEN}
    assert all(one.placed for one in (card.quoted, *card.around))
    assert card.purpose is Purpose.FEEDBACK


def test_who_was_not_sees_what_is_only_claimed() -> None:
    quoted = checked(witness=STRANGER).quoted
    assert (quoted.text, quoted.worth, quoted.placed) == ("words 4", Worth.CLAIMED, False)
    lying = checked(quoting(said="something else"), STRANGER).quoted
    assert (lying.text, lying.worth) == ("something else", Worth.CLAIMED)


FOREIGN = stage.say(
    Text(name="C", sent_ms=1, text="words 4"),
    new_epoch(OTHER_ROOM.room, 1, RNG),
    CAROL,
    1,
    b"",
    RNG,
)


@pytest.mark.parametrize(
    "card",
    [
        quoting(said="something else"),
        quoting(item=bytes(64) + ITEMS[3][64:]),  # nobody signed it
        quoting(item=ITEMS[3][:-1] + b"x"),
        quoting(item=ITEMS[4], said="words 5"),  # what stood elsewhere
        quoting(item=FOREIGN),  # said in another room
        quoting(item=chain(CAROL, 1)[0], run=2),  # sealed under no key there was
        quoting(item=sign_order(ROOM, ROOM.room, order(What.END)), run=2),
        quoting(item=bytes(100)),
        replace(CARD, room=OTHER_ROOM.room),
        replace(CARD, around=(QUOTES[1], QUOTES[0])),
        replace(CARD, around=(QUOTES[3],)),
        replace(CARD, around=(QUOTES[0], replace(QUOTES[1], said="never"))),
        replace(quoting(item=ITEMS[4], said="words 5"), around=()),  # another one stood there
    ],
    ids=range(13),
)
def test_a_false_quote_is_known_for_it(card: BridgeCard) -> None:
    with pytest.raises(FalseQuote):
        checked(card)


def test_an_author_knows_their_own_words_to_the_desk() -> None:
    """A question was sealed to the desk: its asker cannot open it, and has what they said."""
    asked = chain(CAROL, 1, Lane.DESK)[0]
    card = quoting(item=asked, said="How?", number=99)

    def own_words(item: bytes) -> str | None:
        return "How?" if item == asked else None

    own = replace(STRANGER, own_words=own_words)
    assert checked(card, own).quoted.worth is Worth.PROVEN
    assert checked(card, STRANGER).quoted.worth is Worth.CLAIMED
    with pytest.raises(FalseQuote):
        checked(replace(card, quoted=replace(card.quoted, said="Why not?")), own)


def test_what_is_quoted_without_words_has_none() -> None:
    pinned: StageContent = Pinned(name="A", sent_ms=1)
    item = stage.say(pinned, KEY, ALICE, 1, b"", RNG)
    assert checked(quoting(item=item, run=2, said="")).quoted.text == ""
    with pytest.raises(FalseQuote):
        checked(quoting(item=item, run=2, said="words"))


def test_strangers_words_in_a_card_are_harmless() -> None:
    card = replace(CARD, own_word="\u202eword\x07", purpose=Purpose.OWN)
    shown = checked(card)
    assert (shown.own_word, shown.front.where) == ("word", "")
    hidden = checked(quoting(said="a\u2066b"), STRANGER)
    assert hidden.quoted.text == "ab"


def test_a_card_takes_the_nearest_entries_that_fit() -> None:
    far = [replace(one, number=one.number + 100) for one in QUOTES[:2]]
    card = make_card(
        ROOM.room, FRONT, QUOTES[3], [*far, *QUOTES[:3], *QUOTES[4:]], Purpose.OWN, "", 1
    )
    assert [one.number for one in card.around] == [1, 2, 3, 5, 6, 7]
    long = [replace(one, item=bytes(2500)) for one in QUOTES]
    fitting = make_card(ROOM.room, FRONT, long[3], long[:3] + long[4:], Purpose.OWN, "", 1)
    assert [one.number for one in fitting.around] == [3]
    assert len(pack(fitting)) <= MAX_CARD
    assert len(CARD.around) == MAX_AROUND
