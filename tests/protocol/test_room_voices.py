"""A seat's chain: a relay that drops one voice, or says it in another order, is noticed."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from protocol.e2e.chain import Ahead, Forked, InOrder, Late, Repeated
from protocol.e2e.rooms import stage
from protocol.e2e.rooms.contents import Text
from protocol.e2e.rooms.epochs import EpochKey, new_epoch
from protocol.e2e.rooms.voices import (
    Restated,
    Voice,
    VoiceStep,
    dump_voice,
    first_heard,
    follow,
    load_voice,
    same_words,
)
from protocol.wire.rooms.items import EntryBody, entry_hash, parse_item
from tests.protocol.room_cast import CAROL, RNG, ROOM, chain

ITEMS = chain(CAROL, 6)
EARLIER, LATER = new_epoch(ROOM.room, 1, RNG), new_epoch(ROOM.room, 2, RNG)


def take(voice: Voice | None, item: bytes, *, start: bool = True) -> tuple[Voice, VoiceStep]:
    entry = parse_item(item)
    assert isinstance(entry, EntryBody)
    voice = voice or first_heard(entry, from_the_start=start)
    return follow(voice, entry, entry_hash(ROOM.room, item))


def heard(*items: bytes, start: bool = True) -> tuple[Voice, list[VoiceStep]]:
    voice, steps = None, list[VoiceStep]()
    for item in items:
        voice, step = take(voice, item, start=start)
        steps.append(step)
    assert voice is not None
    return voice, steps


def sealed(key: EpochKey, counter: int, before: bytes, text: str = "hello") -> bytes:
    content = Text(name="C", sent_ms=1, text=text)
    return stage.say(content, key, CAROL, counter, before and entry_hash(ROOM.room, before), RNG)


def test_one_after_the_other() -> None:
    voice, steps = heard(*ITEMS)
    assert steps == [InOrder()] * 6
    assert load_voice(dump_voice(voice)) == voice


def test_a_dropped_one_is_missed_and_may_still_come() -> None:
    _, steps = heard(ITEMS[0], ITEMS[3], ITEMS[1], ITEMS[2], ITEMS[2])
    assert steps == [InOrder(), Ahead(2, 3), Late(), Late(), Repeated()]


def test_a_newcomer_misses_nothing_from_before() -> None:
    assert heard(ITEMS[3], ITEMS[4], start=False)[1] == [InOrder(), InOrder()]
    assert heard(ITEMS[3], start=True)[1] == [Ahead(1, 3)]
    assert heard(ITEMS[3], ITEMS[5], start=False)[1] == [InOrder(), Ahead(5, 5)]


def test_two_entries_of_one_counter_are_a_fork() -> None:
    other = chain(CAROL, 2)
    voice, steps = heard(ITEMS[0], ITEMS[1], other[1])
    assert steps[-1] == Forked()
    assert take(voice, ITEMS[2])[1] == InOrder()
    assert heard(ITEMS[0], other[1])[1][-1] == Forked()


def test_what_was_lost_with_its_epoch_is_said_again_in_its_place() -> None:
    first = sealed(EARLIER, 1, b"")
    lost, last = sealed(EARLIER, 2, first), b""
    last = sealed(EARLIER, 3, lost)
    again = sealed(LATER, 2, first)
    after = sealed(LATER, 3, again)
    following = sealed(LATER, 4, after)
    _, steps = heard(first, lost, last, again, after, following)
    assert steps == [InOrder(), InOrder(), InOrder(), Repeated(), Restated(), InOrder()]


def test_nobody_goes_back_to_an_epoch_that_is_over() -> None:
    first = sealed(LATER, 1, b"")
    assert heard(first, sealed(EARLIER, 2, first))[1] == [InOrder(), Forked()]


def test_who_restates_other_words_is_seen() -> None:
    one, other = Text(name="C", sent_ms=1, text="yes"), Text(name="C", sent_ms=1, text="no")
    assert same_words(one, one)
    assert not same_words(one, other)


@given(st.permutations(range(6)))
def test_in_whatever_order_they_come_all_are_here_in_the_end(order: list[int]) -> None:
    voice, steps = heard(*(ITEMS[at] for at in order))
    assert not any(isinstance(step, Forked | Repeated | Restated) for step in steps)
    assert voice.seen.missing == ()
    assert voice.seen.highest == 6
