"""Device lists: signed, chained, never two of one version."""

from __future__ import annotations

import msgspec
import pytest

from protocol.e2e.devices import (
    MAX_DEVICES,
    DeviceList,
    SignedDeviceList,
    Succession,
    enlist,
    read_list,
    sign_list,
    succeeds,
)
from protocol.e2e.identity import new_device
from protocol.e2e.packing import pack
from protocol.errors import BadSignature, LocalProtocolError, RemoteProtocolError
from protocol.keys import Domain, sign
from tests.protocol.cast import NOW_MS, Person, person

ALICE = person("alice")
BOB = person("bob")


def forge(who: Person, said: DeviceList) -> SignedDeviceList:
    """What a modified desktop could sign."""
    body = pack(said)
    return SignedDeviceList(body=body, signature=sign(who.member.seed, Domain.DEVICE_LIST, body))


FIRST = sign_list(ALICE.member, [ALICE.new_entry()], None)
SECOND = sign_list(ALICE.member, [ALICE.new_entry(), ALICE.new_entry()], FIRST)
THIRD = sign_list(ALICE.member, [ALICE.new_entry()], SECOND)
OTHER_SECOND = sign_list(ALICE.member, [ALICE.new_entry()], FIRST)


def test_a_list_says_what_it_follows() -> None:
    first = read_list(FIRST, ALICE.member.member_id)
    second = read_list(SECOND, ALICE.member.member_id)
    assert (first.version, first.previous) == (1, b"")
    assert (second.version, len(second.previous), len(second.devices)) == (2, 32, 2)


def test_a_list_speaks_for_its_signer_only() -> None:
    with pytest.raises(BadSignature):
        read_list(FIRST, BOB.member.member_id)


def test_a_list_that_names_another_member_is_refused() -> None:
    stolen = read_list(FIRST, ALICE.member.member_id)
    with pytest.raises(RemoteProtocolError):
        read_list(forge(BOB, stolen), BOB.member.member_id)


def test_a_signature_covers_the_bytes_that_were_sent() -> None:
    respelt = msgspec.structs.replace(FIRST, body=FIRST.body + b"\x00")
    with pytest.raises(BadSignature):
        read_list(respelt, ALICE.member.member_id)


@pytest.mark.parametrize(
    ("older", "newer", "expected"),
    [
        (None, FIRST, Succession.NEWER),
        (None, THIRD, Succession.NEWER),
        (FIRST, FIRST, Succession.SAME),
        (FIRST, SECOND, Succession.NEWER),
        (FIRST, THIRD, Succession.NEWER),  # the signature vouches for the gap
        (SECOND, FIRST, Succession.OLDER),
        (THIRD, FIRST, Succession.OLDER),
        (SECOND, OTHER_SECOND, Succession.FORK),
        (OTHER_SECOND, THIRD, Succession.FORK),  # a successor of another list
        (THIRD, OTHER_SECOND, Succession.FORK),  # the same seen from the other end
    ],
)
def test_succession(
    older: SignedDeviceList | None, newer: SignedDeviceList, expected: Succession
) -> None:
    assert succeeds(older, newer, ALICE.member.member_id) is expected


def test_a_strangers_list_succeeds_nothing() -> None:
    with pytest.raises(BadSignature):
        succeeds(FIRST, BOB.signed_list, ALICE.member.member_id)


def test_malformed_lists_are_the_signers_fault() -> None:
    twice, one_key = ALICE.new_entry(), ALICE.new_entry()
    alice = ALICE.member.member_id
    other = enlist(new_device(ALICE.rng), alice, one_key.olm, NOW_MS)
    for said in (
        DeviceList(member=alice, version=1, previous=bytes(32), devices=(ALICE.new_entry(),)),
        DeviceList(member=alice, version=2, previous=b"", devices=(ALICE.new_entry(),)),
        DeviceList(member=alice, version=2, previous=bytes(31), devices=(ALICE.new_entry(),)),
        DeviceList(member=alice, version=0, previous=b"", devices=(ALICE.new_entry(),)),
        DeviceList(member=alice, version=1, previous=b"", devices=()),
        DeviceList(member=alice, version=1, previous=b"", devices=(twice, twice)),
        DeviceList(member=alice, version=1, previous=b"", devices=(one_key, other)),
        DeviceList(
            member=alice,
            version=1,
            previous=b"",
            devices=tuple(ALICE.new_entry() for _ in range(MAX_DEVICES + 1)),
        ),
    ):
        with pytest.raises(RemoteProtocolError):
            read_list(forge(ALICE, said), alice)


def test_nobody_can_put_somebody_elses_device_on_a_list() -> None:
    """Mallory would collect bob's mail, or have bob's words blamed on herself."""
    mallory = person("mallory")
    for stolen in (
        BOB.entry(),
        enlist(mallory.device, BOB.member.member_id, mallory.olm, NOW_MS),
        msgspec.structs.replace(mallory.entry(), olm=BOB.olm),
        msgspec.structs.replace(mallory.entry(), device=BOB.device.device_id),
    ):
        said = DeviceList(
            member=mallory.member.member_id, version=1, previous=b"", devices=(stolen,)
        )
        with pytest.raises(BadSignature):
            read_list(forge(mallory, said), mallory.member.member_id)
        with pytest.raises(LocalProtocolError):
            sign_list(mallory.member, [stolen], None)


@pytest.mark.parametrize("count", [0, MAX_DEVICES + 1])
def test_this_side_signs_no_malformed_list(count: int) -> None:
    with pytest.raises(LocalProtocolError):
        sign_list(ALICE.member, [ALICE.new_entry() for _ in range(count)], None)
