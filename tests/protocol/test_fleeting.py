"""Presence and signals: they open for whom they are for, have one length, and use up no ratchet."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from protocol.e2e.envelope import Inside, open_envelope, seal
from protocol.e2e.olm_message import OlmBytes
from protocol.e2e.packing import pack
from protocol.e2e.presence import Here, Seen, open_presence, seal_presence
from protocol.e2e.signals import Sealed, Typing, open_signal, seal_signal, unseal
from protocol.errors import BadPadding, Damaged, RemoteProtocolError, Unopenable
from protocol.keys import Domain, Secret, derive, digest, lock
from protocol.wire.frames import BLOB_BYTES, SIGNAL_BYTES
from protocol.wire.slots import name_of, watch_of
from tests.protocol.cast import NOW_MS, dice, person

ALICE, BOB = person("alice"), person("bob")
FROM, TO = ALICE.device.device_id, BOB.device.device_id
KEY = b"k" * 32
WATCH = watch_of(b"w" * 32)
HERE = Seen(NOW_MS, Here.ONLINE, 300)
RNG = dice("fleeting")


@given(st.integers(0, 2**53), st.sampled_from(Here), st.integers(0, 600))
def test_a_blob_comes_back_and_has_one_length(made: int, state: Here, lasts: int) -> None:
    seen = Seen(made, state, lasts)
    blob = seal_presence(KEY, WATCH, seen, RNG)
    assert len(blob) == BLOB_BYTES
    assert open_presence(KEY, WATCH, blob) == seen


def test_a_blob_is_for_one_slot_and_one_contact() -> None:
    blob = seal_presence(KEY, WATCH, HERE, RNG)
    for key, watch in ((b"x" * 32, WATCH), (KEY, watch_of(b"x" * 32))):
        with pytest.raises(Damaged):
            open_presence(key, watch, blob)


@pytest.mark.parametrize("blob", [b"", b"\0" * 63, b"\0" * 64, b"\0" * 65])
def test_a_blob_that_is_none(blob: bytes) -> None:
    with pytest.raises(Damaged):
        open_presence(KEY, WATCH, blob)


@pytest.mark.parametrize(
    "plain", [b"\0" * 23 + b"\1", b"\0" * 9 + (601).to_bytes(2, "big") + b"\0" * 13]
)
def test_a_blob_hides_nothing_and_lasts_no_longer_than_a_slot(plain: bytes) -> None:
    forged = lock(derive(Domain.PRESENCE, KEY, WATCH), plain, b"", RNG)
    with pytest.raises(BadPadding):
        open_presence(KEY, WATCH, forged)


def test_a_newer_state_is_read_as_another() -> None:
    plain = (5).to_bytes(8, "big") + b"\x09" + (60).to_bytes(2, "big") + b"\0" * 13
    forged = lock(derive(Domain.PRESENCE, KEY, WATCH), plain, b"", RNG)
    assert open_presence(KEY, WATCH, forged) == Seen(5, Here.OTHER, 60)


def test_who_watches_cannot_write() -> None:
    write = Secret(b"w" * 32)
    assert len({write, watch_of(write), name_of(watch_of(write)), watch_of(watch_of(write))}) == 4


def signal(*, stopped: bool = False) -> bytes:
    said = Typing(made_ms=NOW_MS, stopped=stopped)
    return seal_signal(said, FROM, TO, BOB.sealing.public, KEY, RNG)


@pytest.mark.parametrize("stopped", [False, True])
def test_a_signal_comes_back_in_the_smallest_envelope(stopped: bool) -> None:
    envelope = signal(stopped=stopped)
    assert len(envelope) == SIGNAL_BYTES
    sealed = unseal(envelope, TO, [ALICE.sealing, BOB.sealing])
    assert sealed.sender == FROM
    assert open_signal(sealed, TO, KEY) == Typing(made_ms=NOW_MS, stopped=stopped)


def test_a_signal_is_no_envelope_and_an_envelope_no_signal() -> None:
    with pytest.raises(Unopenable):
        open_envelope(signal(), TO, [BOB.sealing])
    envelope = seal(Inside(FROM, OlmBytes(1, b"olm")), TO, BOB.sealing.public)
    assert len(envelope) == SIGNAL_BYTES
    with pytest.raises(Unopenable):
        unseal(envelope, TO, [BOB.sealing])


def test_a_signal_opens_with_the_key_of_its_two_devices_only() -> None:
    sealed = unseal(signal(), TO, [BOB.sealing])
    with pytest.raises(Damaged):
        open_signal(sealed, TO, b"x" * 32)
    with pytest.raises(Damaged):
        open_signal(replace(sealed, sender=TO), TO, KEY)
    with pytest.raises(Damaged):
        open_signal(sealed, FROM, KEY)


def locked(plain: bytes) -> Sealed:
    return Sealed(FROM, lock(derive(Domain.SIGNAL_KEY, KEY, FROM, TO), plain, b"", RNG))


def test_a_signal_of_a_newer_version_says_nothing() -> None:
    assert open_signal(locked(pack({"t": "waving", "strength": 9})), TO, KEY) is None


@settings(max_examples=50)
@given(st.binary(max_size=200) | st.just(pack({"t": "typing", "made_ms": "late"})))
def test_junk_under_the_right_key_is_the_other_sides_fault(plain: bytes) -> None:
    with suppress(RemoteProtocolError):
        open_signal(locked(plain), TO, KEY)
    with pytest.raises(Unopenable):
        unseal(plain.ljust(SIGNAL_BYTES, b"\0"), TO, [BOB.sealing])


def test_slots_are_known_by_what_the_specification_says() -> None:
    write = b"w" * 32
    assert watch_of(write) == derive(Domain.SLOT_WATCH, write)
    assert name_of(WATCH) == digest(Domain.SLOT, WATCH, size=16)
