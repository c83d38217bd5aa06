"""Bundles: one for each who asks, then the last resort, within a quota."""

from __future__ import annotations

from protocol.ids import DrawerId
from protocol.wire.frames import (
    BundleTaken,
    DeleteMailbox,
    EmptyDrawer,
    Policy,
    Reason,
    Refused,
    Stock,
    TakeBundle,
)
from relay.rules.records import DIGEST_BYTES
from tests.relay.rules_cast import (
    ALICE,
    DRAWER,
    FROM_BOB,
    FROM_CAROL,
    KEPT,
    Office,
    call,
    deposit,
    grant,
)


def stock(office: Office, *bundles: bytes, last: bytes | None = None) -> int | Reason:
    asked = Stock(call=call(), mailbox=ALICE, drawer=DRAWER, bundles=bundles, last_resort=last)
    reply = office.ask(asked)
    return reply.reason if isinstance(reply, Refused) else reply.bundles


def take(office: Office, capability: bytes = FROM_BOB) -> tuple[bytes, bool] | Reason:
    reply = office.ask(TakeBundle(call=call(), capability=capability))
    if isinstance(reply, BundleTaken):
        return reply.body, reply.last_resort
    return reply.reason


def test_one_time_bundles_first_then_the_last_resort(office: Office) -> None:
    assert stock(office, b"one", b"two", last=b"last") == 2
    took = [take(office) for _ in range(4)]
    assert took == [(b"one", False), (b"two", False), (b"last", True), (b"last", True)]


def test_an_empty_drawer_says_so(office: Office) -> None:
    assert take(office) is Reason.QUOTA
    stock(office, b"one", last=b"last")
    office.ask(EmptyDrawer(call=call(), mailbox=ALICE, drawer=DRAWER))
    assert take(office) is Reason.QUOTA
    assert office.store.held_bytes == DIGEST_BYTES, "that there was one is remembered"


def test_a_capability_takes_so_many(office: Office) -> None:
    office.ask(grant(policy=Policy(bundles=2)))
    stock(office, *(bytes([n]) for n in range(5)))
    assert isinstance(take(office), tuple)
    assert isinstance(take(office), tuple)
    assert take(office) is Reason.QUOTA
    office.ask(grant(policy=Policy(bundles=3)))
    assert isinstance(take(office), tuple), "a new policy keeps the counts"
    assert take(office) is Reason.QUOTA
    assert take(office, FROM_CAROL) is Reason.UNKNOWN


def test_a_repeated_stock_brings_no_bundle_back(office: Office) -> None:
    assert stock(office, b"one", b"two") == 2
    assert stock(office, b"one", b"two") == 2
    assert take(office) == (b"one", False)
    assert stock(office, b"one", b"two") == 1
    assert take(office) == (b"two", False)
    assert take(office) is Reason.QUOTA


def test_a_new_last_resort_replaces_the_old(office: Office) -> None:
    stock(office, last=b"old")
    stock(office, last=b"newer")
    assert take(office) == (b"newer", True)
    assert office.store.held_bytes == len(b"newer") + DIGEST_BYTES


def test_bundles_are_bounded_and_cost_room(small_office: Office) -> None:
    office = small_office
    assert stock(office, *(bytes([n]) for n in range(4))) == 4
    assert stock(office, b"fifth") is Reason.QUOTA
    office.ask(EmptyDrawer(call=call(), mailbox=ALICE, drawer=DRAWER))
    assert stock(office, bytes(8192)) == 1
    assert stock(office, bytes(4096)) is Reason.QUOTA


def test_what_is_remembered_of_bundles_is_bounded_too(small_office: Office) -> None:
    office = small_office
    for number in range(200):
        if stock(office, bytes([number])) is Reason.QUOTA:
            break
        office.ask(EmptyDrawer(call=call(), mailbox=ALICE, drawer=DRAWER))
    owner = office.store.mailboxes.find(ALICE).owner  # type: ignore[union-attr]
    assert owner.stored_bytes - 2 * DIGEST_BYTES < owner.used_bytes <= owner.stored_bytes
    assert stock(office, b"one more") is Reason.QUOTA
    assert office.refused(deposit(1)) is Reason.QUOTA
    office.pass_days(91)
    office.keep_house()
    assert office.store.held_bytes == 0
    assert stock(office, b"one more") == 1


def test_a_last_resort_in_each_of_many_drawers_is_bounded(small_office: Office) -> None:
    office = small_office
    took = 0
    for number in range(200):
        drawer = DrawerId(bytes([number]) * 16)
        asked = Stock(call=call(), mailbox=ALICE, drawer=drawer, last_resort=b"x")
        took += not isinstance(office.ask(asked), Refused)
    assert took == 5 * KEPT // (DIGEST_BYTES + 1)


def test_a_deleted_mailbox_remembers_no_bundle(office: Office) -> None:
    stock(office, b"one", b"two", last=b"last")
    take(office)
    office.ask(DeleteMailbox(call=call(), mailbox=ALICE))
    assert office.store.held_bytes == 0
    office.create()
    assert stock(office, b"one") == 1
