"""Capabilities: a quota for somebody whose name is not known here."""

from __future__ import annotations

import pytest

from protocol.wire.frames import DeleteMailbox, Done, Policy, Reason, Refused, Revoke
from relay.rules.clock import DAY_MS
from relay.rules.office import AnyRequest
from relay.rules.records import ID_BYTES
from relay.rules.room import Room
from tests.relay.rules_cast import (
    ALICE,
    BOB,
    FROM_BOB,
    FROM_CAROL,
    KEPT,
    START,
    Office,
    call,
    deposit,
    grant,
    hashed,
    held_by,
)
from tests.whole.mutant import the_story_fails


def revoke(capability: bytes = FROM_BOB) -> Revoke:
    return Revoke(call=call(), mailbox=ALICE, capability=hashed(capability))


def test_a_deposit_rings_its_mailbox(office: Office) -> None:
    office.office.rung()
    assert office.stored(deposit(1))
    assert office.office.rung() == {ALICE}
    assert office.stored(deposit(1))
    assert office.office.rung() == frozenset(), "nothing new came"


def test_a_repeat_is_stored_and_kept_once(office: Office) -> None:
    assert all(office.stored(deposit(1)) for _ in range(3))
    assert office.ids() == [1]


def test_one_id_twice_in_one_batch_is_kept_once(office: Office) -> None:
    office.store.begin()
    replies = office.office.answer_all([(deposit(n), office.now) for n in (1, 1, 2)])
    office.store.commit()
    assert [type(reply).__name__ for reply in replies] == ["Stored"] * 3
    assert office.ids() == [1, 2]


def test_one_id_again_behind_something_else_is_kept_once(office: Office) -> None:
    office.store.begin()
    asked: list[AnyRequest] = [deposit(1), grant(), deposit(1), deposit(2)]
    office.office.answer_all([(each, office.now) for each in asked])
    office.store.commit()
    assert office.ids() == [1, 2]


def test_a_batch_keeps_the_order_of_what_was_asked(office: Office) -> None:
    office.store.begin()
    asked: list[AnyRequest] = [deposit(1), revoke(), deposit(2), grant(), deposit(3)]
    replies = office.office.answer_all([(each, office.now) for each in asked])
    office.store.commit()
    said = [type(reply).__name__ for reply in replies]
    assert said == ["Stored", "Done", "Refused", "Done", "Stored"]
    assert office.ids() == [1, 3]


def test_unknown_expired_and_revoked_are_told_alike(office: Office) -> None:
    assert office.refused(deposit(1, capability=FROM_CAROL)) is Reason.UNKNOWN
    office.ask(grant(FROM_CAROL, policy=Policy(expires_ms=START.wall_ms + DAY_MS)))
    assert office.stored(deposit(1, capability=FROM_CAROL))
    office.pass_days(1)
    assert office.refused(deposit(2, capability=FROM_CAROL)) is Reason.UNKNOWN
    assert isinstance(office.ask(revoke()), Done)
    assert office.refused(deposit(3)) is Reason.UNKNOWN


def test_what_came_before_a_revocation_stays_and_names_its_capability(office: Office) -> None:
    office.ask(deposit(1))
    office.ask(revoke())
    office.keep_house()
    (waiting,) = office.store.envelopes.waiting(ALICE, 0, 10, 1 << 20)
    assert waiting.capability == hashed(FROM_BOB)


def test_a_revoked_capability_is_forgotten_once_it_holds_nothing(office: Office) -> None:
    office.ask(revoke())
    office.pass_days(2)
    office.keep_house()
    assert held_by(office.store) is None
    assert isinstance(office.ask(grant()), Done)
    assert office.stored(deposit(1))


@pytest.mark.parametrize(
    ("policy", "fits"),
    [(Policy(pending=3), 3), (Policy(pending_bytes=3 * 2048 + 2047), 3), (Policy(deposits=3), 3)],
)
def test_a_quota_is_exact(office: Office, policy: Policy, fits: int) -> None:
    office.ask(grant(policy=policy))
    took = [office.stored(deposit(number)) for number in range(1, 6)]
    assert took == [True] * fits + [False] * (5 - fits)
    assert office.refused(deposit(9)) is Reason.QUOTA
    assert office.stored(deposit(1)), "what is stored is stored, however full"


def test_mutant_that_always_has_room(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    def roomy(*_: object) -> bool:
        return True

    monkeypatch.setattr(Room, "fits", roomy)
    with the_story_fails():
        test_a_quota_is_exact(office, Policy(pending=3), 3)


def test_room_comes_back_with_the_acknowledgement(office: Office) -> None:
    office.ask(grant(policy=Policy(pending=2)))
    office.ask(deposit(1))
    office.ask(deposit(2))
    assert office.refused(deposit(3)) is Reason.QUOTA
    office.acknowledge(1)
    assert office.stored(deposit(3))
    assert office.refused(deposit(4)) is Reason.QUOTA


def test_deposits_in_all_do_not_come_back(office: Office) -> None:
    office.ask(grant(policy=Policy(deposits=2)))
    office.ask(deposit(1))
    office.ask(deposit(2))
    office.acknowledge(2)
    assert office.refused(deposit(3)) is Reason.QUOTA
    office.ask(grant(policy=Policy(deposits=3)))
    assert office.stored(deposit(3)), "a new policy keeps the counts"
    assert office.refused(deposit(4)) is Reason.QUOTA


def test_a_pass_has_room_for_so_much(small_office: Office) -> None:
    office = small_office
    took = [office.stored(deposit(number)) for number in range(7)]
    assert took == [True] * 5 + [False] * 2
    office.create(BOB)
    office.ask(grant(FROM_CAROL, mailbox=BOB))
    assert office.refused(deposit(1, capability=FROM_CAROL)) is Reason.QUOTA
    office.acknowledge(5)
    assert office.stored(deposit(1, capability=FROM_CAROL))


def test_what_was_collected_is_remembered_within_the_pass_s_room(small_office: Office) -> None:
    office, took = small_office, 0
    for number in range(200):
        if not office.stored(deposit(number)):
            break
        took += 1
        office.acknowledge(took)
    # The last one found room for itself beside the ids of all before it.
    assert took == (5 * KEPT - KEPT) // ID_BYTES + 1
    assert office.stored(deposit(0)), "and each of them is still known"
    office.pass_days(91)
    office.keep_house()
    assert office.store.held_bytes == 0
    assert office.stored(deposit(1_000))


def test_the_relay_has_room_for_so_much(small_office: Office) -> None:
    office = small_office
    second = b"second".ljust(32)
    office.admit(second)
    office.create(BOB, second)
    office.ask(grant(FROM_CAROL, mailbox=BOB))
    took = [office.stored(deposit(number)) for number in range(5)]
    took += [office.stored(deposit(number, capability=FROM_CAROL)) for number in range(5)]
    assert took == [True] * 8 + [False] * 2


def test_capabilities_of_a_mailbox_are_bounded(small_office: Office) -> None:
    office = small_office
    office.ask(grant(b"2".ljust(32)))
    office.ask(grant(b"3".ljust(32)))
    assert office.refused(grant(b"4".ljust(32))) is Reason.QUOTA


def test_nobody_takes_another_s_capability(office: Office) -> None:
    office.create(BOB)
    assert office.refused(grant(FROM_BOB, mailbox=BOB)) is Reason.NOT_ALLOWED
    theirs = Revoke(call=call(), mailbox=BOB, capability=hashed(FROM_BOB))
    office.ask(theirs)
    assert office.stored(deposit(1))


@pytest.mark.parametrize("how", ["revoked", "expired"])
def test_what_is_good_no_more_is_unknown_to_whoever_grants_it(office: Office, how: str) -> None:
    office.create(BOB)
    assert office.stored(deposit(1))
    if how == "revoked":
        office.ask(revoke())
    else:
        office.ask(grant(policy=Policy(expires_ms=office.now.wall_ms)))
    assert isinstance(office.ask(grant(mailbox=BOB)), Done)
    assert office.stored(deposit(2))
    assert (office.ids(ALICE), office.ids(BOB)) == ([1], [2])
    (first,) = office.store.envelopes.waiting(ALICE, 0, 10, 1 << 20)
    assert first.capability == hashed(FROM_BOB), "what came by it is named by it"
    assert office.refused(grant()) is Reason.NOT_ALLOWED, "it is good for bob"
    office.ask(revoke())
    assert office.stored(deposit(3)), "nor is it alice's to revoke"
    office.acknowledge(1)
    office.pass_days(2)
    office.keep_house()
    mailbox = office.store.mailboxes.find(ALICE)
    assert mailbox is not None and mailbox.capabilities == {}, "and the old one is forgotten"


def test_what_was_ended_ends_again_and_counts_as_one_of_its_mailbox(small_office: Office) -> None:
    office = small_office
    office.create(BOB)
    for number, mailbox in enumerate((BOB, ALICE, BOB, ALICE)):
        assert office.stored(deposit(number))
        office.ask(Revoke(call=call(), mailbox=ALICE, capability=hashed(FROM_BOB)))
        office.ask(Revoke(call=call(), mailbox=BOB, capability=hashed(FROM_BOB)))
        assert isinstance(office.ask(grant(mailbox=mailbox)), Done)
    assert (office.ids(ALICE), office.ids(BOB)) == ([0, 2], [1, 3])
    assert office.refused(grant(FROM_CAROL)) is Reason.QUOTA, "three are remembered"
    office.ask(DeleteMailbox(call=call(), mailbox=ALICE))
    assert isinstance(office.ask(grant(mailbox=BOB)), Done)
    assert office.store.totals().capabilities == 1


@pytest.mark.parametrize("size", [2049, 3000, 65535])
def test_an_envelope_of_no_known_size_is_refused(office: Office, size: int) -> None:
    asked = deposit(1, body=bytes(size))
    assert office.ask(asked) == Refused(call=asked.call, reason=Reason.NOT_ALLOWED)
    assert office.ids() == []
