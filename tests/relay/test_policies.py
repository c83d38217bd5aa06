"""Rate, burst and the first day: what an owner allows somebody in a time, whoever restarts what."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.engine.relays.mailbox import CONTACT
from protocol.ids import CapabilityHash, DrawerId, MailboxId
from protocol.wire.frames import Policy, Reason
from relay.rules.clock import DAY_MS, Now
from relay.rules.limits import House
from relay.rules.policies import count_one, good, set_policy, takes_one_more
from relay.rules.records import Capability, Mailbox, Pass
from relay.store import database
from relay.store.sqlite import SqliteStore
from tests.relay.rules_cast import BODY, Office, deposit, grant


def later(office: Office, passed_ms: int) -> None:
    now = office.now
    office.now = Now(now.wall_ms + passed_ms, now.age_ms + passed_ms)


def taken(office: Office, numbers: range) -> list[bool]:
    return [office.stored(deposit(number)) for number in numbers]


def test_a_burst_and_then_one_at_a_time(office: Office) -> None:
    office.ask(grant(policy=Policy(burst=3, each_ms=1_000)))
    assert taken(office, range(1, 6)) == [True, True, True, False, False]
    assert office.refused(deposit(6)) is Reason.QUOTA
    later(office, 999)
    assert not office.stored(deposit(6))
    later(office, 1)
    assert taken(office, range(6, 8)) == [True, False]
    later(office, 60_000)
    assert taken(office, range(10, 15)) == [True, True, True, False, False]


def test_what_is_stored_is_stored_however_fast_it_is_repeated(office: Office) -> None:
    office.ask(grant(policy=Policy(burst=2, each_ms=1_000)))
    assert taken(office, range(1, 3)) == [True, True]
    assert all(office.stored(deposit(1)) for _ in range(5))
    later(office, 1_000)
    assert all(office.stored(deposit(1)) for _ in range(5))
    assert office.stored(deposit(3)), "repeats used nothing up"


def test_a_first_day_is_kept_after_the_first_grant(office: Office) -> None:
    policy = Policy(first_day=3)
    office.ask(grant(b"a stranger".ljust(32), policy=policy))

    def says(number: int) -> bool:
        return office.stored(deposit(number, capability=b"a stranger".ljust(32)))

    assert [says(number) for number in range(5)] == [True, True, True, False, False]
    later(office, DAY_MS - 1)
    assert not says(5)
    office.ask(grant(b"a stranger".ljust(32), policy=policy))
    assert not says(5), "granting again begins no new day, and forgives nothing"
    later(office, 1)
    assert [says(number) for number in range(5, 30)] == [True] * 25


def test_after_the_first_day_the_rate_still_holds(office: Office) -> None:
    office.ask(grant(policy=Policy(burst=2, each_ms=1_000, first_day=2)))
    assert taken(office, range(1, 4)) == [True, True, False]
    later(office, DAY_MS)
    assert taken(office, range(4, 7)) == [True, True, False]
    later(office, 1_000)
    assert taken(office, range(7, 9)) == [True, False]


def test_a_friend_of_the_first_evening_is_not_stopped(office: Office) -> None:
    """Whom the member invited is no stranger: what Aside grants a contact has no first day."""
    assert CONTACT.first_day is None
    office.ask(grant(policy=CONTACT))
    assert all(taken(office, range(300)))


def test_a_jump_of_the_wall_clock_gives_nothing_back(office: Office) -> None:
    office.ask(grant(policy=Policy(burst=1, each_ms=60_000, first_day=1)))
    assert office.stored(deposit(1))
    office.now = Now(office.now.wall_ms + 365 * DAY_MS, office.now.age_ms)
    assert not office.stored(deposit(2))


def test_a_wider_policy_counts_at_once(office: Office) -> None:
    office.ask(grant(policy=Policy(burst=1, each_ms=DAY_MS)))
    assert taken(office, range(1, 3)) == [True, False]
    office.ask(grant(policy=Policy(burst=2, each_ms=1_000)))
    assert not office.stored(deposit(2)), "nothing is given"
    later(office, 1_000)
    assert office.stored(deposit(2)), "but what the slower one asked is not owed any more"
    office.ask(grant(policy=Policy()))
    assert all(taken(office, range(3, 40)))


def test_a_restart_refills_nothing(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    database.create(path)
    store = SqliteStore(path)
    office = Office(store, HOUSE)
    office.admit()
    office.create()
    office.ask(grant(policy=Policy(burst=2, each_ms=10_000, first_day=3)))
    for number in (1, 2):
        assert office.stored(deposit(number))
        store.close()
        store = SqliteStore(path)
        office = Office(store, HOUSE)
    assert not office.stored(deposit(3))
    later(office, 10_000)
    assert office.stored(deposit(3))
    store.close()
    store = SqliteStore(path)
    office = Office(store, HOUSE)
    later(office, DAY_MS - 1)
    assert not office.stored(deposit(4))
    later(office, 1)
    assert office.stored(deposit(4))
    store.close()


HOUSE = House(open=True)


def held(policy: Policy) -> Capability:
    mailbox = Mailbox(MailboxId(bytes(32)), Pass(b"", 1, 1 << 40, 0))
    return Capability(CapabilityHash(bytes(32)), mailbox, DrawerId(bytes(16)), policy)


@given(
    burst=st.integers(0, 20),
    each_ms=st.integers(1, 5_000),
    pauses=st.lists(st.integers(0, 9_000), min_size=1, max_size=60),
)
def test_no_stretch_of_time_takes_more_than_its_share(
    burst: int, each_ms: int, pauses: list[int]
) -> None:
    capability, age_ms = held(Policy(burst=burst, each_ms=each_ms)), 0
    kept: list[int] = []
    for pause in pauses:
        age_ms += pause
        now = Now(0, age_ms)
        if takes_one_more(capability, len(BODY), now):
            count_one(capability, now)
            kept.append(age_ms)
    for number, first in enumerate(kept):
        for behind, last in enumerate(kept[number:], 1):
            assert behind <= burst + (last - first) // each_ms
    assert not burst or kept, "the first one always has its place"


@given(burst=st.integers(1, 5), each_ms=st.integers(1, 100), used=st.integers(0, 40))
def test_a_new_policy_leaves_a_bucket_empty_at_most(burst: int, each_ms: int, used: int) -> None:
    capability, now = held(Policy(burst=100, each_ms=5_000)), Now(0, 10)
    for _ in range(used):
        count_one(capability, now)
    set_policy(capability, Policy(burst=burst, each_ms=each_ms), now)
    assert takes_one_more(capability, len(BODY), Now(0, 10 + each_ms))


@pytest.mark.parametrize(
    ("policy", "revoked", "wall_ms", "expected"),
    [
        (Policy(), False, 5, True),
        (Policy(), True, 5, False),
        (Policy(expires_ms=6), False, 5, True),
        (Policy(expires_ms=5), False, 5, False),
    ],
)
def test_good(policy: Policy, revoked: bool, wall_ms: int, expected: bool) -> None:
    assert good(policy, revoked, wall_ms) is expected
