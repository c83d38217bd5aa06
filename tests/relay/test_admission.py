"""Codes and passes: who is let in, how often, and what that is good for."""

from __future__ import annotations

import pytest

from protocol.wire.frames import DeleteMailbox, Done, Invite, Reason, Redeem, Redeemed, Refused
from relay.rules.admission import code_hash
from relay.rules.clock import DAY_MS
from relay.rules.limits import House, Limits, Terms
from relay.rules.records import Code
from relay.rules.store import Store
from tests.relay.rules_cast import ALICE, ALICE_PASS, BOB, BOB_PASS, START, Office, call

CODE = b"a code of 16 b.."
BOBS_CODE = b"bob's own code.."
CAROL_PASS = b"carol's pass".ljust(32)


@pytest.fixture
def office(store: Store) -> Office:
    house = House(
        terms=Terms(mailboxes=3, stored_bytes=4096, invites=2, forwards=50, rooms=1, blob_bytes=7)
    )
    made = Office(store, house)
    store.begin()
    code = Code(code_hash(CODE), uses=2, expires_ms=START.wall_ms + DAY_MS, invites=2)
    store.passes.save_code(code)
    store.commit()
    return made


def redeem(secret: bytes, code: bytes = CODE) -> Redeem:
    return Redeem(call=call(), code=code, pass_secret=secret)


def invite(secret: bytes, uses: int = 1, code: bytes = BOBS_CODE, days: int = 7) -> Invite:
    expires_ms = START.wall_ms + days * DAY_MS
    return Invite(
        call=call(),
        pass_secret=secret,
        code_hash=code_hash(code),
        uses=uses,
        expires_ms=expires_ms,
    )


def test_a_code_makes_a_pass_with_the_house_s_terms(office: Office) -> None:
    reply = office.ask(redeem(ALICE_PASS))
    assert isinstance(reply, Redeemed)
    assert (reply.mailboxes, reply.stored_bytes, reply.may_invite) == (3, 4096, True)
    assert (reply.forwards, reply.rooms, reply.blob_bytes) == (50, 1, 7)
    again = office.ask(redeem(ALICE_PASS))
    assert isinstance(again, Redeemed)
    assert again.blob_bytes == 7
    assert (again.forwards, again.rooms) == (50, 1), "the same pass, the same terms"


def test_the_same_redemption_again_is_one_use(office: Office) -> None:
    for _ in range(5):
        assert isinstance(office.ask(redeem(ALICE_PASS)), Redeemed)
    assert isinstance(office.ask(redeem(BOB_PASS)), Redeemed)
    assert office.refused(redeem(CAROL_PASS)) is Reason.SPENT


def test_repeating_works_after_the_code_is_used_up_or_expired(office: Office) -> None:
    office.ask(redeem(ALICE_PASS))
    office.pass_days(2)
    assert isinstance(office.ask(redeem(ALICE_PASS)), Redeemed)


def test_who_holds_a_code_is_told_whether_it_is_unknown_spent_or_expired(office: Office) -> None:
    assert office.refused(redeem(CAROL_PASS, b"not a code")) is Reason.UNKNOWN
    assert office.refused(redeem(CAROL_PASS, b"")) is Reason.UNKNOWN
    office.ask(redeem(ALICE_PASS))
    office.pass_days(1)
    assert office.refused(redeem(CAROL_PASS)) is Reason.EXPIRED


def test_a_spent_code_is_told_as_spent_for_good_and_not_counted(office: Office) -> None:
    for secret in (ALICE_PASS, BOB_PASS):
        office.ask(redeem(secret))
    assert office.refused(redeem(CAROL_PASS)) is Reason.SPENT
    office.pass_days(400)
    office.keep_house()
    assert office.refused(redeem(CAROL_PASS)) is Reason.SPENT
    assert office.store.totals().codes == 0


def test_a_member_lets_in_as_many_as_the_house_allows(office: Office) -> None:
    office.ask(redeem(ALICE_PASS))
    assert office.refused(invite(ALICE_PASS, uses=3)) is Reason.NOT_ALLOWED
    assert isinstance(office.ask(invite(ALICE_PASS, uses=2)), Done)
    again = office.ask(invite(ALICE_PASS, uses=2))
    assert isinstance(again, Done), "a repeated invite costs nothing"
    assert office.refused(invite(ALICE_PASS, code=b"another")) is Reason.NOT_ALLOWED
    assert isinstance(office.ask(redeem(BOB_PASS, BOBS_CODE)), Redeemed)


def test_who_comes_by_a_member_s_code_may_not_invite(office: Office) -> None:
    office.ask(redeem(ALICE_PASS))
    office.ask(invite(ALICE_PASS))
    reply = office.ask(redeem(BOB_PASS, BOBS_CODE))
    assert isinstance(reply, Redeemed)
    assert not reply.may_invite
    assert office.refused(invite(BOB_PASS, code=b"bob's")) is Reason.NOT_ALLOWED


def test_a_member_s_code_expires(office: Office) -> None:
    office.ask(redeem(ALICE_PASS))
    office.ask(invite(ALICE_PASS, days=10_000))
    office.pass_days(91)
    assert office.refused(redeem(BOB_PASS, BOBS_CODE)) is Reason.EXPIRED


def test_without_a_pass_nobody_invites(office: Office) -> None:
    assert office.refused(invite(BOB_PASS)) is Reason.UNKNOWN


def test_an_open_relay_asks_for_no_code(store: Store) -> None:
    office = Office(store, House(open=True))
    assert isinstance(office.ask(redeem(ALICE_PASS, b"")), Redeemed)


def test_passes_are_bounded_in_all(store: Store) -> None:
    office = Office(store, House(open=True, limits=Limits(passes=1)))
    assert isinstance(office.ask(redeem(ALICE_PASS, b"")), Redeemed)
    assert office.refused(redeem(BOB_PASS, b"")) is Reason.QUOTA
    assert not isinstance(office.ask(redeem(ALICE_PASS, b"")), Refused)


def test_a_pass_without_code_and_mailbox_lapses_after_a_day(store: Store) -> None:
    office = Office(store, House(open=True, limits=Limits(passes=2)))
    for secret in (ALICE_PASS, BOB_PASS):
        office.ask(redeem(secret, b""))
    office.create(ALICE, ALICE_PASS)
    assert office.refused(redeem(CAROL_PASS, b"")) is Reason.QUOTA
    office.pass_days(0.9)
    office.keep_house()
    assert office.refused(redeem(CAROL_PASS, b"")) is Reason.QUOTA
    office.pass_days(0.2)
    office.keep_house()
    assert isinstance(office.ask(redeem(CAROL_PASS, b"")), Redeemed), "bob's has lapsed"
    assert isinstance(office.create(ALICE, ALICE_PASS), Done), "alice's has not"
    assert getattr(office.create(BOB, BOB_PASS), "reason", None) is Reason.UNKNOWN


def test_a_pass_got_by_a_code_does_not_lapse(office: Office) -> None:
    office.ask(redeem(ALICE_PASS))
    office.pass_days(400)
    office.keep_house()
    assert isinstance(office.create(ALICE, ALICE_PASS), Done)


def test_who_came_without_a_code_invites_once_there_is_a_mailbox(store: Store) -> None:
    office = Office(store, House(open=True))
    office.ask(redeem(ALICE_PASS, b""))
    assert office.refused(invite(ALICE_PASS)) is Reason.NOT_ALLOWED
    office.create(ALICE, ALICE_PASS)
    assert isinstance(office.ask(invite(ALICE_PASS)), Done)


def test_a_mailbox_that_was_there_keeps_its_pass(store: Store) -> None:
    office = Office(store, House(open=True))
    office.ask(redeem(ALICE_PASS, b""))
    office.create(ALICE, ALICE_PASS)
    office.ask(DeleteMailbox(call=call(), mailbox=ALICE))
    office.pass_days(3)
    office.keep_house()
    assert isinstance(office.create(BOB, ALICE_PASS), Done)
