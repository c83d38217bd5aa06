"""Packets for other relays: who may hand in how many, where to, and what becomes of them."""

from __future__ import annotations

import pytest

from protocol.ids import Fingerprint
from protocol.wire import codec, frames
from protocol.wire.address import RelayAddress
from protocol.wire.frames import (
    ANSWER_SIZES,
    PACKET_SIZES,
    Accepted,
    Answer,
    Answers,
    Done,
    Outcome,
    Reason,
    Redeem,
    Redeemed,
)
from protocol.wire.packet import ticket_of
from relay.rules.federation import Federation, Openness
from relay.rules.limits import House, Limits, Terms
from relay.rules.records import TICKET_BYTES, Settle
from relay.rules.store import Store
from tests.relay.rules_cast import ALICE, ALICE_PASS, BOB_PASS, Office, call

SIZE = 3584
PACKET = bytes(SIZE)
HELD = SIZE + TICKET_BYTES
SEALED = bytes(512)
OWN = Fingerprint(b"o" * 32)


def address(number: int = 1, host: str = "relay.example") -> str:
    return str(RelayAddress(host, 7443, Fingerprint(bytes([number]) * 32)))


def secret(number: int) -> bytes:
    return number.to_bytes(32, "big")


def forward(
    number: int, to: str | None = None, *, by: bytes = ALICE_PASS, packet: bytes = PACKET
) -> frames.Forward:
    return frames.Forward(
        call=call(),
        pass_secret=by,
        destination=address() if to is None else to,
        ticket=ticket_of(secret(number)),
        packet=packet,
    )


def find(to: str, *, by: bytes = ALICE_PASS) -> frames.FindCard:
    return frames.FindCard(call=call(), pass_secret=by, destination=to)


def settle(
    office: Office, number: int, outcome: Outcome = Outcome.ANSWERED, answer: bytes = SEALED
) -> None:
    answer = answer if outcome is Outcome.ANSWERED else b""
    asked = Settle(call(), ticket_of(secret(number)), outcome, answer)
    assert isinstance(office.answer(asked), Done)


def fetch(office: Office, *numbers: int) -> Answers:
    asked = frames.FetchAnswers(call=call(), secrets=tuple(map(secret, numbers)))
    reply = office.ask(asked)
    assert isinstance(reply, Answers)
    return reply


def waiting(office: Office, to: str | None = None) -> list[bytes]:
    found = office.store.packets.waiting(to or address(), 0, 100, 1 << 30)
    return [packet.ticket for packet in found]


def tickets(*numbers: int) -> list[bytes]:
    return [ticket_of(secret(number)) for number in numbers]


def accepted(office: Office, asked: frames.Forward) -> bool:
    return isinstance(office.ask(asked), Accepted)


@pytest.fixture
def bounded(store: Store) -> Office:
    """Alice has a mailbox; all bounds are reached by hand."""
    office = Office(
        store,
        House(
            open=True,
            terms=Terms(forwards=5, forward_bytes=4 * HELD),
            limits=Limits(new_destinations=2, destination_packets=3),
            federation=Federation(own=OWN),
        ),
    )
    office.admit()
    office.create()
    return office


def test_packets_wait_in_their_order(office: Office) -> None:
    for number in (3, 1, 2):
        assert accepted(office, forward(number))
    assert waiting(office) == tickets(3, 1, 2)
    found = office.store.packets.waiting(address(), 0, 2, 1 << 30)
    assert [packet.ticket for packet in found] == tickets(3, 1)
    after = office.store.packets.waiting(address(), found[0].number, 100, 1)
    assert [packet.ticket for packet in after] == tickets(1)
    assert office.store.packets.destinations() == [address()]


def test_a_ticket_is_one_packet_until_its_answer_is_forgotten(office: Office) -> None:
    assert accepted(office, forward(1))
    assert accepted(office, forward(1))
    assert waiting(office) == tickets(1)
    settle(office, 1)
    assert accepted(office, forward(1))
    assert waiting(office) == []


def test_a_pass_is_needed_and_one_with_a_mailbox(office: Office) -> None:
    stranger = b"nobody's pass".ljust(32)
    assert office.refused(forward(1, by=stranger)) is Reason.UNKNOWN
    assert office.refused(find(address(), by=stranger)) is Reason.UNKNOWN
    assert isinstance(office.ask(Redeem(call=call(), code=b"", pass_secret=BOB_PASS)), Redeemed)
    assert office.refused(forward(1, by=BOB_PASS)) is Reason.NOT_ALLOWED
    assert office.refused(find(address(), by=BOB_PASS)) is Reason.NOT_ALLOWED


@pytest.mark.parametrize(
    "to",
    [
        "relay.example:7443",
        str(RelayAddress("relay.example", 7443, OWN)),
        address(host="127.0.0.1"),
        address(host="10.0.0.7"),
        address(host="localhost"),
    ],
)
def test_some_places_are_no_destination(bounded: Office, to: str) -> None:
    assert bounded.refused(forward(1, to)) is Reason.NOT_ALLOWED
    assert bounded.refused(find(to)) is Reason.NOT_ALLOWED


def test_nothing_is_taken_for_a_relay_that_is_shut_out(store: Store) -> None:
    blocked = Federation(Openness.BLOCK, frozenset({Fingerprint(bytes([1]) * 32)}))
    office = Office(store, House(open=True, federation=blocked))
    office.admit()
    office.create()
    assert office.refused(forward(1, address(1))) is Reason.NOT_ALLOWED
    assert accepted(office, forward(1, address(2)))


def test_two_spellings_are_one_destination(bounded: Office) -> None:
    assert accepted(bounded, forward(1, address(host="Relay.EXAMPLE")))
    assert accepted(bounded, forward(2))
    assert waiting(bounded) == tickets(1, 2)


def test_a_packet_has_one_of_the_known_lengths(office: Office) -> None:
    assert office.refused(forward(1, packet=bytes(SIZE + 1))) is Reason.NOT_ALLOWED


def test_a_day_s_forwards_are_bounded(bounded: Office) -> None:
    for number in range(5):
        assert accepted(bounded, forward(number))
        settle(bounded, number)
        bounded.ask(frames.ForgetAnswers(call=call(), secrets=(secret(number),)))
    assert bounded.refused(forward(5)) is Reason.QUOTA
    bounded.pass_days(1)
    assert accepted(bounded, forward(5))


def test_what_waits_for_one_pass_is_bounded_in_bytes(bounded: Office) -> None:
    for number in range(2):
        assert accepted(bounded, forward(number, address(number)))
    assert bounded.refused(forward(2, packet=bytes(9728))) is Reason.QUOTA
    settle(bounded, 0)
    assert accepted(bounded, forward(2))
    settle(bounded, 1, Outcome.EXPIRED)
    bounded.ask(frames.ForgetAnswers(call=call(), secrets=(secret(0), secret(1), secret(2))))
    assert accepted(bounded, forward(3, packet=bytes(9728)))
    held = bounded.store.passes
    assert held.count() == 1


def test_a_question_takes_the_room_of_its_answer_from_the_beginning(office: Office) -> None:
    question = bytes(PACKET_SIZES[1])
    assert accepted(office, forward(1, packet=question))
    assert office.store.held_bytes == ANSWER_SIZES[-1] + TICKET_BYTES
    settle(office, 1, answer=bytes(ANSWER_SIZES[-1]))
    assert office.store.held_bytes == ANSWER_SIZES[-1] + TICKET_BYTES
    office.ask(frames.ForgetAnswers(call=call(), secrets=(secret(1),)))
    assert office.store.held_bytes == 0


def test_answers_are_fetched_as_far_as_a_message_holds_them(office: Office) -> None:
    for number in range(5):
        assert accepted(office, forward(number, packet=bytes(PACKET_SIZES[1])))
        settle(office, number, answer=bytes(ANSWER_SIZES[-1]))
    asked = frames.FetchAnswers(call=call(), secrets=tuple(map(secret, range(5))))
    found = office.ask(asked)
    assert isinstance(found, Answers)
    assert len(codec.dump([found])) < codec.MAX_MESSAGE
    assert [each.ticket for each in found.found] == tickets(0, 1, 2)
    assert found.unknown == ()  # the others are still to come


def test_one_destination_s_queue_is_bounded(bounded: Office) -> None:
    for number in range(3):
        assert accepted(bounded, forward(number))
    assert bounded.refused(forward(3)) is Reason.QUOTA
    assert accepted(bounded, forward(3, address(2)))
    settle(bounded, 0)
    bounded.ask(frames.ForgetAnswers(call=call(), secrets=(secret(0),)))
    assert accepted(bounded, forward(4))


def test_new_destinations_of_a_pass_are_bounded_each_day(bounded: Office) -> None:
    assert accepted(bounded, forward(1, address(1)))
    assert isinstance(bounded.answer(find(address(2))), Done)
    assert bounded.refused(forward(3, address(3))) is Reason.QUOTA
    assert bounded.refused(find(address(3))) is Reason.QUOTA
    assert accepted(bounded, forward(4, address(2)))
    bounded.pass_days(1)
    assert accepted(bounded, forward(3, address(3)))


def test_a_destination_nobody_uses_is_forgotten(bounded: Office) -> None:
    assert accepted(bounded, forward(1, address(1)))
    assert isinstance(bounded.answer(find(address(2))), Done)
    bounded.pass_days(31)
    bounded.keep_house()
    assert bounded.store.packets.destination(address(2)) is None
    assert bounded.store.packets.destination(address(1)) is not None
    settle(bounded, 1)
    bounded.pass_days(1)
    bounded.keep_house()
    assert bounded.store.packets.destination(address(1)) is None


def test_answers_wait_for_who_has_the_secret(office: Office) -> None:
    for number in range(3):
        assert accepted(office, forward(number))
    settle(office, 0)
    settle(office, 1, Outcome.UNREADABLE)
    found = fetch(office, 0, 1, 2, 9)
    assert found.found == (
        Answer(ticket=tickets(0)[0], outcome=Outcome.ANSWERED, answer=SEALED),
        Answer(ticket=tickets(1)[0], outcome=Outcome.UNREADABLE),
    )
    assert found.unknown == (tickets(9)[0],)
    assert fetch(office, 0).found == found.found[:1]
    for _ in range(2):
        forget = frames.ForgetAnswers(call=call(), secrets=(secret(0), secret(2)))
        assert isinstance(office.ask(forget), Done)
    assert fetch(office, 0).unknown == (tickets(0)[0],)
    assert waiting(office) == tickets(2)


def test_the_first_answer_counts(office: Office) -> None:
    assert accepted(office, forward(1))
    settle(office, 1)
    settle(office, 1, Outcome.EXPIRED)
    settle(office, 2)
    assert [each.outcome for each in fetch(office, 1).found] == [Outcome.ANSWERED]
    assert fetch(office, 2).unknown == (tickets(2)[0],)


def test_answers_are_kept_for_seven_days(office: Office) -> None:
    assert accepted(office, forward(1))
    settle(office, 1)
    office.pass_days(6.9)
    office.keep_house()
    assert len(fetch(office, 1).found) == 1
    office.pass_days(0.2)
    office.keep_house()
    assert fetch(office, 1).unknown == (tickets(1)[0],)
    assert office.store.held_bytes == 0


def test_all_of_it_is_counted_and_given_back(office: Office) -> None:
    assert accepted(office, forward(1))
    assert office.store.held_bytes == HELD
    settle(office, 1)
    assert office.store.held_bytes == len(SEALED) + TICKET_BYTES
    totals = office.store.totals()
    assert (totals.packets, totals.packet_bytes, totals.answers) == (0, 0, 1)
    office.ask(frames.ForgetAnswers(call=call(), secrets=(secret(1),)))
    assert office.store.held_bytes == 0


def test_the_relay_s_own_bound_counts_packets(store: Store) -> None:
    office = Office(store, House(open=True, limits=Limits(stored_bytes=HELD)))
    office.admit()
    office.create(ALICE)
    assert accepted(office, forward(1))
    assert office.refused(forward(2)) is Reason.QUOTA


def test_a_destination_is_known_for_as_long_as_it_is_used(store: Store) -> None:
    store.begin()
    store.packets.add_destination(address(1), 1_000)
    store.packets.add_destination(address(2), 5_000)
    store.commit()
    store.begin()
    store.packets.forget_destinations(5_000, 10)
    store.commit()
    assert store.packets.destination(address(1)) is None
    assert store.packets.destination(address(2)) is not None
