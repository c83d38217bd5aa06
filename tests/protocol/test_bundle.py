"""Bundles: readable with the drawer key alone, and nobody's but the one they name."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.e2e import bundle as bundles
from protocol.e2e.account import one_time_keys
from protocol.e2e.bundle import BUNDLE_BYTES, Bundle, make_bundle, open_bundle
from protocol.e2e.devices import MAX_DEVICES, SignedDeviceList, sign_list
from protocol.e2e.packing import pack
from protocol.e2e.sealing import sign_sealing_key
from protocol.errors import (
    BadPadding,
    BadSignature,
    LocalProtocolError,
    RemoteProtocolError,
    Unopenable,
)
from protocol.keys import Domain, Secret, lock, sign
from protocol.wire.frames import MAX_BUNDLE
from tests.protocol.cast import NOW_MS, dice, person

RNG = dice("bundles")
ALICE, BOB = person("alice"), person("bob")
KEY = Secret(RNG(32))
ACCOUNT, (ONE_TIME,) = one_time_keys(BOB.account, 1)
SEALING = sign_sealing_key(BOB.device, BOB.sealing)
MEMBER = BOB.member.member_id


def bobs(signed_list: SignedDeviceList = BOB.signed_list, **other: Any) -> bytes:
    fields: dict[str, Any] = {
        "device": BOB.device,
        "olm": BOB.olm,
        "one_time_key": ONE_TIME,
        "last_resort": False,
        "sealing_key": SEALING,
    }
    return make_bundle(
        **(fields | other), device_list=signed_list, drawer_key=KEY, now_ms=NOW_MS, rng=RNG
    )


def drawn(plain: bytes) -> bytes:
    """What the holder of a drawer key could put into a drawer."""
    return lock(KEY, plain, Domain.DRAWER.value, RNG)


def test_a_bundle_comes_back() -> None:
    opened = open_bundle(bobs(), KEY, MEMBER)
    assert opened.bundle == Bundle(
        device=BOB.device.device_id,
        olm=BOB.olm,
        one_time_key=ONE_TIME,
        last_resort=False,
        sealing_key=SEALING,
        made_ms=NOW_MS,
    )
    assert opened.sealing_key.public == BOB.sealing.public
    assert opened.signed_list == BOB.signed_list
    assert opened.device_list.devices == (BOB.entry(),)


def test_every_bundle_has_one_length_which_a_relay_takes() -> None:
    entries = [BOB.entry(), *(BOB.new_entry() for _ in range(MAX_DEVICES - 1))]
    longest = sign_list(BOB.member, entries, BOB.signed_list)
    assert {len(bobs()), len(bobs(last_resort=True)), len(bobs(longest))} == {BUNDLE_BYTES}
    assert BUNDLE_BYTES <= MAX_BUNDLE
    assert open_bundle(bobs(longest), KEY, MEMBER).device_list.version == 2


def test_a_bundle_shows_a_relay_nothing() -> None:
    stored = bobs()
    for hidden in (BOB.device.device_id, BOB.olm, ONE_TIME, MEMBER, BOB.sealing.public[:32]):
        assert stored.count(bytes(hidden)) == 0
    assert bobs()[24:] != bobs()[24:]


def test_a_drawer_opens_with_its_key_alone() -> None:
    with pytest.raises(Unopenable):
        open_bundle(bobs(), Secret(bytes(32)), MEMBER)


def test_a_bundle_speaks_for_its_member_alone() -> None:
    with pytest.raises(BadSignature):
        open_bundle(bobs(), KEY, ALICE.member.member_id)


def test_a_bundle_of_a_device_that_is_not_on_the_list() -> None:
    with pytest.raises(RemoteProtocolError):
        open_bundle(
            bobs(device=ALICE.device, sealing_key=sign_sealing_key(ALICE.device, ALICE.sealing)),
            KEY,
            MEMBER,
        )


def test_a_bundle_with_another_olm_key_than_the_list_says() -> None:
    with pytest.raises(RemoteProtocolError):
        open_bundle(bobs(olm=ALICE.olm), KEY, MEMBER)


def test_a_bundle_with_somebody_elses_sealing_key() -> None:
    theirs = sign_sealing_key(ALICE.device, ALICE.sealing)
    with pytest.raises(BadSignature):
        open_bundle(bobs(sealing_key=theirs), KEY, MEMBER)


def test_a_bundle_signed_by_another_device() -> None:
    """Somebody with the drawer key swaps the one-time key for one of their own."""
    body = pack(msgspec.structs.replace(open_bundle(bobs(), KEY, MEMBER).bundle, olm=BOB.olm))
    packed = msgspec.msgpack.encode(
        {
            "bundle": body,
            "signature": sign(ALICE.device.seed, Domain.BUNDLE, body),
            "device_list": BOB.signed_list,
        }
    )
    plain = len(packed).to_bytes(4, "big") + packed.ljust(BUNDLE_BYTES - 44, b"\0")
    with pytest.raises(BadSignature):
        open_bundle(drawn(plain), KEY, MEMBER)


@pytest.mark.parametrize(
    ("plain", "error"),
    [
        (bytes(BUNDLE_BYTES - 40), RemoteProtocolError),  # nothing inside
        ((2**32 - 1).to_bytes(4, "big") + bytes(BUNDLE_BYTES - 44), BadPadding),
        (bytes(BUNDLE_BYTES - 41) + b"\x01", BadPadding),
        (bytes(4), BadPadding),
        (b"", BadPadding),
    ],
)
def test_a_bundle_that_is_not_laid_out_as_it_must_be(plain: bytes, error: type[Exception]) -> None:
    with pytest.raises(error):
        open_bundle(drawn(plain), KEY, MEMBER)


def test_a_bundle_of_an_unknown_suite(monkeypatch: pytest.MonkeyPatch) -> None:
    stored = bobs()
    assert open_bundle(stored, KEY, MEMBER).bundle.suite == bundles.SUITE
    monkeypatch.setattr(bundles, "SUITE", 2)
    with pytest.raises(RemoteProtocolError):
        open_bundle(stored, KEY, MEMBER)


def test_a_list_too_long_for_a_bundle_is_this_sides_fault() -> None:
    huge = SignedDeviceList(body=bytes(4096), signature=bytes(64))
    with pytest.raises(LocalProtocolError):
        bobs(huge)


@given(st.binary(max_size=200))
def test_noise_is_no_bundle(noise: bytes) -> None:
    with pytest.raises(Unopenable):
        open_bundle(noise, KEY, MEMBER)
