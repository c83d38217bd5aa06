"""Queues: numbers without holes, read from a cursor, forgotten when acknowledged or too old."""

from __future__ import annotations

import pytest

from protocol.ids import MailboxId
from protocol.wire.frames import DeleteMailbox, Done, Opened, Policy, Reason
from relay.rules import forgetting
from relay.rules.clock import Now
from relay.rules.records import ID_BYTES
from tests.relay.rules_cast import (
    ALICE,
    BOB,
    BOB_PASS,
    Office,
    call,
    deposit,
    grant,
)


def opened(office: Office, after: int = 0) -> tuple[int, int]:
    reply = office.open(after=after)
    assert isinstance(reply, Opened)
    return reply.waiting, reply.after


def test_a_pass_is_good_for_so_many_mailboxes(office: Office) -> None:
    assert isinstance(office.create(), Done), "safe to repeat"
    assert isinstance(office.create(BOB), Done)
    third = MailboxId(b"third".ljust(32))
    reply = office.create(third)
    assert getattr(reply, "reason", None) is Reason.QUOTA
    office.ask(DeleteMailbox(call=call(), mailbox=BOB))
    assert isinstance(office.create(third), Done)


def test_nobody_without_a_pass_has_a_mailbox(office: Office) -> None:
    assert getattr(office.create(BOB, BOB_PASS), "reason", None) is Reason.UNKNOWN


def test_deliveries_are_in_order_and_from_the_cursor(office: Office) -> None:
    for number in (7, 3, 9):
        office.ask(deposit(number))
    assert office.ids() == [7, 3, 9]
    assert office.numbers() == [1, 2, 3]
    assert office.numbers(after=2) == [3]
    assert opened(office) == (3, 0)
    assert opened(office, after=2) == (1, 2)


def test_acknowledged_is_gone_and_numbers_go_on(office: Office) -> None:
    for number in range(4):
        office.ask(deposit(number))
    assert isinstance(office.acknowledge(3), Done)
    assert office.numbers() == [4]
    office.acknowledge(4)
    assert office.numbers() == []
    office.ask(deposit(99))
    assert office.numbers() == [5]
    assert isinstance(office.acknowledge(2), Done), "safe to repeat"
    assert office.numbers() == [5]


def test_what_never_was_cannot_be_acknowledged(office: Office) -> None:
    office.ask(deposit(1))
    reply = office.acknowledge(2)
    assert getattr(reply, "reason", None) is Reason.WRONG_STATE
    assert office.numbers() == [1]


def test_a_cursor_from_before_a_restore_skips_nothing(office: Office) -> None:
    office.ask(deposit(1))
    assert opened(office, after=500) == (1, 0)


def test_a_page_is_bounded_but_never_empty(office: Office) -> None:
    office.ask(deposit(1, body=bytes(65_536)))
    office.ask(deposit(2))
    office.ask(deposit(3))
    waiting = office.store.envelopes.waiting
    assert [w.number for w in waiting(ALICE, 0, 10, 100)] == [1]
    assert [w.number for w in waiting(ALICE, 0, 10, 65_536 + 2048)] == [1, 2]
    assert [w.number for w in waiting(ALICE, 0, 1, 1 << 20)] == [1]
    assert [w.number for w in waiting(ALICE, 1, 10, 1 << 20)] == [2, 3]


def test_a_deleted_mailbox_is_gone_with_all_that_was_its(office: Office) -> None:
    office.ask(deposit(1))
    office.ask(DeleteMailbox(call=call(), mailbox=ALICE))
    assert office.refused(deposit(2)) is Reason.UNKNOWN
    assert getattr(office.open(), "reason", None) is Reason.UNKNOWN
    totals = office.store.totals()
    assert (totals.mailboxes, totals.capabilities, totals.envelopes) == (0, 0, 0)
    assert office.store.held_bytes == 0
    office.create()
    office.ask(grant())
    assert office.stored(deposit(1)), "its ids are forgotten with it"
    assert office.numbers() == [1]


def test_envelopes_wait_thirty_days(office: Office) -> None:
    office.ask(deposit(1))
    office.pass_days(10)
    office.ask(deposit(2))
    office.pass_days(19.9)
    office.keep_house()
    assert office.numbers() == [1, 2]
    office.pass_days(0.2)
    office.keep_house()
    assert office.numbers() == [2]
    assert office.stored(deposit(1)), "an expired one is not deposited again"
    assert office.numbers() == [2]


def test_more_than_one_round_of_expiry(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    office.ask(grant(policy=Policy(pending=10_000)))
    monkeypatch.setattr(forgetting, "EXPIRE_AT_ONCE", 50)
    for number in range(1, 112):
        office.ask(deposit(number))
    office.pass_days(31)
    office.keep_house()
    assert office.numbers() == []
    assert office.store.held_bytes == 111 * ID_BYTES, "their ids are remembered"


def test_a_wall_clock_off_by_years_expires_nothing(office: Office) -> None:
    office.ask(deposit(1))
    office.now = Now(office.now.wall_ms + 10 * 365 * 86_400_000, office.now.age_ms + 1000)
    office.keep_house()
    assert office.numbers() == [1]


def test_ids_are_remembered_sixty_days_beyond_the_envelope(office: Office) -> None:
    office.ask(deposit(1))
    office.acknowledge(1)
    office.pass_days(89)
    office.keep_house()
    office.ask(deposit(1))
    assert office.numbers() == []
    office.pass_days(2)
    office.keep_house()
    office.ask(deposit(1))
    assert office.numbers() == [2]


def test_the_moment_is_written_down(office: Office) -> None:
    office.pass_days(3)
    office.keep_house()
    assert office.store.last_moment() == office.now


def test_ids_of_one_mailbox_mean_nothing_in_another(office: Office) -> None:
    office.create(BOB)
    office.ask(grant(b"to bob".ljust(32), mailbox=BOB))
    office.ask(deposit(1))
    office.ask(deposit(1, capability=b"to bob".ljust(32)))
    assert office.ids() == [1]
    assert office.ids(BOB) == [1]
