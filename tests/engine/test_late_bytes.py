"""Bytes that come late, twice or never open: where their text stands, and which rows go with it."""

from __future__ import annotations

import msgspec
import pytest

from desktop.core.events import ConversationChanged
from desktop.store import wishes
from protocol.ids import ConversationId, DeviceId, MemberId
from tests.engine.letters import ALICE, Reader, Writer, bytes_of

CAROL = Writer(MemberId(b"c" * 32), DeviceId(b"k" * 32), ConversationId(b"d" * 16))


@pytest.fixture
def bob() -> Reader:
    reader = Reader()
    for writer in (ALICE, CAROL):
        reader.knows(writer)
    return reader


def say(bob: Reader, *numbers: int, repairs: str = "") -> None:
    for number in numbers:
        again = bytes_of(repairs) if repairs else b""
        assert bob.opens(f"{number} {repairs}", ALICE.text(number, again))


def test_what_is_said_again_stands_where_it_was_missing_and_not_where_its_bytes_came(
    bob: Reader,
) -> None:
    say(bob, 1)
    bob.cannot_open("4")
    say(bob, 2, 3, 5)
    say(bob, 4, repairs="4")
    assert bob.reads() == ["1", "2", "3", "4", "5"]


def test_bytes_that_came_before_what_was_written_before_them(bob: Reader) -> None:
    say(bob, 1)
    bob.cannot_open("3")
    say(bob, 2)
    say(bob, 3, repairs="3")
    assert bob.reads() == ["1", "2", "3"]
    assert not bob.wishes()


def test_bytes_that_came_in_their_place_keep_it(bob: Reader) -> None:
    say(bob, 1)
    bob.cannot_open("2")
    bob.cannot_open("whatever")
    say(bob, 2, repairs="2")
    assert bob.reads() == ["1", "2", "<unreadable>"]
    assert bob.rows()[1].late


def test_the_same_bytes_by_both_mailboxes_have_one_row(bob: Reader) -> None:
    bob.cannot_open("1")
    bob.cannot_open("1")
    assert bob.reads() == ["<unreadable>"]
    say(bob, 1, repairs="1")
    bob.cannot_open("1")
    assert bob.reads() == ["1"]


def test_what_fills_a_wide_gap_stands_in_its_order(bob: Reader) -> None:
    say(bob, 1, 200)
    assert bob.reads() == ["1", "<missing 198>", "200"]
    say(bob, 201)
    for number in (150, 3, 199, 2, 151):
        say(bob, number)
    assert bob.reads() == ["1", "<missing 193>", "2", "3", "150", "151", "199", "200", "201"]
    say(bob, *(each for each in range(4, 199) if each not in (150, 151)))
    assert bob.reads() == [f"{each}" for each in range(1, 202)]
    late = [int(row.text) for row in bob.rows() if row.late]
    assert late == list(range(2, 200))


def test_bytes_that_are_gone_go_when_nothing_is_missing(bob: Reader) -> None:
    say(bob, 1, 2)
    bob.cannot_open("a receipt")
    bob.hears("a receipt", written=2)
    assert bob.reads() == ["1", "2"]
    assert not bob.wishes()
    assert bob.said.events[-1] == ConversationChanged(ALICE.conversation)


def test_bytes_that_are_gone_stay_until_all_that_was_written_is_here(bob: Reader) -> None:
    say(bob, 1, 3)
    bob.cannot_open("a receipt")
    bob.hears("a receipt", written=4)
    assert bob.reads() == ["1", "<missing>", "3", "<unreadable>"]
    say(bob, 4)
    assert bob.reads() == ["1", "<missing>", "3", "<unreadable>", "4"]
    say(bob, 2)
    assert bob.reads() == ["1", "2", "3", "4"]


def test_the_last_words_of_somebody_who_lost_them_are_seen_to_have_been(bob: Reader) -> None:
    """Nothing came behind them, so no hole tells of them: their row is all there is."""
    say(bob, 1)
    bob.cannot_open("2")
    bob.hears("2", written=2)
    assert bob.reads() == ["1", "<unreadable>"]


def test_an_author_who_says_nothing_of_how_much_was_written_makes_no_row_go(bob: Reader) -> None:
    say(bob, 1)
    bob.cannot_open("2")
    bob.hears("2", written=None)
    assert bob.reads() == ["1", "<unreadable>"]
    assert not bob.wishes(), "and yet is not asked for ever"


def test_bytes_that_are_gone_and_come_once_more_are_nothing_new(bob: Reader) -> None:
    say(bob, 1)
    bob.cannot_open("a receipt")
    bob.hears("a receipt", written=1)
    bob.cannot_open("a receipt")
    assert bob.reads() == ["1"]
    assert not bob.wishes()


def test_what_will_never_come_stays_missing_and_may_come_for_all_that(bob: Reader) -> None:
    say(bob, 1, 3)
    bob.cannot_open("2")
    bob.hears("2", written=3, never=((2, 2),))
    assert bob.reads() == ["1", "<missing>", "3"]
    assert not bob.holes()
    say(bob, 2)  # it had failed, and is sent again
    assert bob.reads() == ["1", "2", "3"]
    assert bob.rows()[1].late
    assert bob.opens("2 anew", ALICE.text(2)), "known, and its author is told so"
    assert bob.reads() == ["1", "2", "3"]


def test_a_number_that_came_with_another_text_is_a_fork_for_all_that(bob: Reader) -> None:
    say(bob, 1, 2)
    other = ALICE.text(1)
    header = ALICE.header(1)
    header = msgspec.structs.replace(header, message_id=b"one of 16 bytes ")
    other = msgspec.structs.replace(other, header=header)
    assert not bob.opens("1 anew", other)
    assert bob.reads() == ["1", "2", "<unreadable>"]


def test_nobody_makes_anothers_rows_go(bob: Reader) -> None:
    bob.cannot_open("1")
    bob.cannot_open("hers", CAROL)
    bob.hears("1", written=0, writer=CAROL)
    bob.opens("x", CAROL.text(1, repairs=bytes_of("1")), CAROL)
    assert bob.reads() == ["<unreadable>"]
    assert bob.wishes() == {bytes_of("1")}
    say(bob, 1, repairs="1")
    assert bob.reads() == ["1"]


def test_an_answer_to_nothing_that_was_asked_shuts_no_ear(bob: Reader) -> None:
    bob.hears("1", written=0)
    assert bob.opens("1", ALICE.text(1))
    assert bob.reads() == ["1"]


@pytest.fixture
def two_names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wishes, "MOST", 2)


def lose(bob: Reader, *numbers: int) -> None:
    for number in numbers:
        bob.cannot_open(f"{number}")


def test_bytes_beyond_those_named_share_a_row_that_goes_with_the_last(
    bob: Reader, two_names: None
) -> None:
    lose(bob, 1, 2, 3, 4)
    assert bob.reads() == ["<unreadable>", "<unreadable>", "<unreadable 2>"]
    assert bob.wishes() == {bytes_of("1"), bytes_of("2"), wishes.MORE}
    say(bob, 1, repairs="1")
    say(bob, 2, repairs="2")
    say(bob, 3, repairs="3")
    bob.hears(written=4, never=((5, 500),))
    assert bob.reads() == ["1", "2", "<unreadable 2>", "3"]
    say(bob, 4, repairs="4")
    assert bob.reads() == ["1", "2", "3", "4"]
    assert not bob.wishes()


def test_what_fails_after_the_answer_is_asked_for_as_well(bob: Reader, two_names: None) -> None:
    lose(bob, 1, 2, 3)
    bob.hears(written=3)
    lose(bob, 4)
    for number in (1, 2, 3):
        say(bob, number, repairs=f"{number}")
    assert bob.reads() == ["1", "2", "<unreadable 2>", "3"]
    assert wishes.MORE in bob.wishes()
    say(bob, 4, repairs="4")
    bob.hears(written=4)
    assert bob.reads() == ["1", "2", "3", "4"]
    assert not bob.wishes()


def test_a_row_is_shared_by_bytes_of_one_device_alone(bob: Reader, two_names: None) -> None:
    """Otherwise those of one would go with what another of hers says."""
    hers = Writer(ALICE.member, DeviceId(b"2" * 32), ALICE.conversation)
    lose(bob, 1, 2, 3)
    for name in ("a", "b", "c"):
        bob.cannot_open(name, hers)
    assert bob.reads()[-1] == "<unreadable>"
    bob.hears(written=0)
    assert bob.reads() == ["<unreadable>"] * 5
