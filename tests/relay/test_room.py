"""Full queues, and when there is room again: over both stores."""

from __future__ import annotations

import pytest

from protocol.wire.frames import DeleteMailbox, Policy, Reason, Revoke
from relay.rules import room
from relay.rules.clock import Now
from relay.rules.records import Bell
from tests.relay.rules_cast import (
    ALICE,
    BOB,
    FROM_BOB,
    FROM_CAROL,
    KEPT,
    Office,
    call,
    deposit,
    grant,
    hashed,
)

SECOND = b"second".ljust(32)


def rung(office: Office) -> set[Bell]:
    return set(office.office.rung()) - {ALICE, BOB}


def turned_away(office: Office, number: int, capability: bytes = FROM_BOB) -> None:
    assert office.refused(deposit(number, capability=capability)) is Reason.QUOTA


def test_room_after_an_acknowledgement_rings_once(office: Office) -> None:
    office.ask(grant(policy=Policy(pending=8)))
    assert all(office.stored(deposit(number)) for number in range(8))
    assert rung(office) == set()
    turned_away(office, 8)
    turned_away(office, 9)
    assert rung(office) == set()
    office.acknowledge(1)
    assert rung(office) == {hashed(FROM_BOB)}
    office.acknowledge(2)
    assert rung(office) == set()


def test_an_eighth_is_free_before_anybody_is_called(office: Office) -> None:
    office.ask(grant(policy=Policy(pending=16)))
    assert all(office.stored(deposit(number)) for number in range(16))
    turned_away(office, 16)
    office.acknowledge(1)
    assert rung(office) == set()
    office.acknowledge(2)
    assert rung(office) == {hashed(FROM_BOB)}


def test_another_s_queue_calls_nobody(office: Office) -> None:
    office.ask(grant(policy=Policy(pending=1)))
    office.ask(grant(FROM_CAROL, policy=Policy(pending=2)))
    office.stored(deposit(1))
    turned_away(office, 2)
    office.stored(deposit(3, capability=FROM_CAROL))
    office.acknowledge(1)
    assert rung(office) == {hashed(FROM_BOB)}


def test_all_mailboxes_of_a_pass_share_its_room(small_office: Office) -> None:
    office = small_office
    office.create(BOB)
    office.ask(grant(FROM_CAROL, mailbox=BOB))
    assert all(office.stored(deposit(number)) for number in range(5))
    turned_away(office, 9, FROM_CAROL)
    office.acknowledge(2)
    assert rung(office) == {hashed(FROM_CAROL)}


def test_a_mailbox_that_goes_gives_room(small_office: Office) -> None:
    office = small_office
    office.create(BOB)
    office.ask(grant(FROM_CAROL, mailbox=BOB))
    assert all(office.stored(deposit(number)) for number in range(5))
    turned_away(office, 9, FROM_CAROL)
    office.ask(DeleteMailbox(call=call(), mailbox=ALICE))
    assert rung(office) == {hashed(FROM_CAROL)}


def test_room_in_the_house_is_looked_for_by_and_by(small_office: Office) -> None:
    office = small_office
    office.admit(SECOND)
    office.create(BOB, SECOND)
    office.ask(grant(FROM_CAROL, mailbox=BOB))
    assert all(office.stored(deposit(number)) for number in range(5))
    assert all(office.stored(deposit(n, capability=FROM_CAROL)) for n in range(3))
    assert office.store.held_bytes == 8 * KEPT
    turned_away(office, 9, FROM_CAROL)
    office.acknowledge(5)
    assert rung(office) == set()
    office.keep_house()
    assert rung(office) == {hashed(FROM_CAROL)}


def test_time_gives_room_as_well(office: Office) -> None:
    office.ask(grant(policy=Policy(burst=1, each_ms=60_000)))
    assert office.stored(deposit(1))
    turned_away(office, 2)
    office.keep_house()
    assert rung(office) == set()
    office.now = Now(office.now.wall_ms + 60_000, office.now.age_ms + 60_000)
    office.keep_house()
    assert rung(office) == {hashed(FROM_BOB)}


def test_what_never_comes_back_is_not_waited_for(office: Office) -> None:
    office.ask(grant(policy=Policy(pending=1)))
    office.stored(deposit(1))
    turned_away(office, 2)
    office.ask(Revoke(call=call(), mailbox=ALICE, capability=hashed(FROM_BOB)))
    office.acknowledge(1)
    assert rung(office) == set()
    office.ask(grant(policy=Policy(pending=1)))
    office.pass_days(1)
    office.keep_house()
    assert rung(office) == set(), "whoever still wants to has asked again"


def test_what_is_remembered_of_it_is_bounded(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "MOST_OF_ONE", 2)
    names = [bytes([number]) * 32 for number in range(4)]
    for name in names:
        office.ask(grant(name, policy=Policy(pending=0)))
        turned_away(office, 1, name)
    for name in names:
        office.ask(grant(name, policy=Policy(pending=1)))
    office.keep_house()
    assert rung(office) == {hashed(name) for name in names[:2]}


def test_of_few_it_is_remembered_at_a_time(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "MOST_OWNERS", 1)
    office.admit(SECOND)
    office.create(BOB, SECOND)
    for capability, mailbox in ((FROM_BOB, ALICE), (FROM_CAROL, BOB)):
        office.ask(grant(capability, mailbox=mailbox, policy=Policy(pending=0)))
        turned_away(office, 1, capability)
        office.ask(grant(capability, mailbox=mailbox, policy=Policy(pending=1)))
    office.keep_house()
    assert rung(office) == {hashed(FROM_BOB)}
