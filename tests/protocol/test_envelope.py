"""Envelopes: they open for their recipient alone, and their lengths tell nothing."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from protocol.e2e.envelope import MAX_INSIDE, Inside, olm_hash, open_envelope, seal, size_for
from protocol.e2e.olm_message import OlmBytes
from protocol.e2e.sealing import (
    SealingKey,
    key_id_of,
    new_sealing_key,
    open_with,
    read_sealing_key,
    seal_to,
    sign_sealing_key,
)
from protocol.errors import (
    BadPadding,
    BadSignature,
    Damaged,
    LocalProtocolError,
    NewerEnvelope,
    RemoteProtocolError,
    UnknownKey,
    Unopenable,
)
from protocol.ids import SEALING_ENCAPSULATED, SEALING_OVERHEAD, SEALING_PUBLIC_BYTES, DeviceId
from protocol.keys import Domain, digest, joined
from protocol.wire.frames import ENVELOPE_SIZES
from tests.protocol.cast import NOW_MS, dice, person

ALICE, BOB, CAROL = person("alice"), person("bob"), person("carol")
RECIPIENT = BOB.device.device_id
SMALL = Inside(ALICE.device.device_id, OlmBytes(0, b"olm bytes"))
FEW = settings(max_examples=30)


def opened(envelope: bytes, recipient: DeviceId = RECIPIENT) -> Inside:
    return open_envelope(envelope, recipient, [CAROL.sealing, BOB.sealing])


def forged(plain: bytes, size: int = ENVELOPE_SIZES[0]) -> bytes:
    """An envelope around anything, as a modified desktop could seal it."""
    key_id = BOB.sealing.key_id
    padded = plain.ljust(size - 9 - SEALING_OVERHEAD, b"\0")
    info = joined(Domain.ENVELOPE.value, b"\x01", RECIPIENT, key_id)
    sealed = seal_to(BOB.sealing.public, padded, info)
    hint = digest(Domain.ENVELOPE_HINT, key_id, sealed[:SEALING_ENCAPSULATED], size=8)
    return b"\x01" + hint + sealed


@FEW
@given(st.integers(0, 1), st.integers(0, MAX_INSIDE))
def test_an_envelope_comes_back_and_has_one_of_the_sizes(kind: int, length: int) -> None:
    inside = Inside(ALICE.device.device_id, OlmBytes(kind, b"\x07" * length))
    envelope = seal(inside, RECIPIENT, BOB.sealing.public)
    assert len(envelope) in ENVELOPE_SIZES
    assert len(envelope) == size_for(length)
    assert opened(envelope) == inside


@pytest.mark.parametrize("size", ENVELOPE_SIZES)
def test_each_size_is_filled_to_the_last_byte(size: int) -> None:
    most = size - (ENVELOPE_SIZES[-1] - MAX_INSIDE)
    for length, expected in ((most, size), (most + 1, 2 * size)):
        inside = Inside(ALICE.device.device_id, OlmBytes(1, bytes(length)))
        if length > MAX_INSIDE:
            with pytest.raises(LocalProtocolError):
                seal(inside, RECIPIENT, BOB.sealing.public)
        else:
            envelope = seal(inside, RECIPIENT, BOB.sealing.public)
            assert len(envelope) == expected
            assert opened(envelope) == inside


def test_two_seals_of_one_message_have_nothing_in_common() -> None:
    """Copies for two mailboxes must not be matched by the relays."""
    one, two = (seal(SMALL, RECIPIENT, BOB.sealing.public) for _ in range(2))
    assert one[:1] == two[:1]
    assert one[1:9] != two[1:9]
    same = sum(a == b for a, b in zip(one, two, strict=True))
    assert same < len(one) // 64


def test_an_envelope_shows_neither_sender_nor_text() -> None:
    envelope = seal(SMALL, RECIPIENT, BOB.sealing.public)
    for hidden in (SMALL.sender, RECIPIENT, BOB.sealing.key_id, SMALL.olm.body):
        assert envelope.count(bytes(hidden)) == 0


def test_an_envelope_opens_for_its_device_and_key_alone() -> None:
    envelope = seal(SMALL, RECIPIENT, BOB.sealing.public)
    with pytest.raises(Damaged):
        opened(envelope, CAROL.device.device_id)
    with pytest.raises(UnknownKey):
        open_envelope(envelope, RECIPIENT, [CAROL.sealing])
    disguised = SealingKey(BOB.sealing.key_id, b"", CAROL.sealing.private, NOW_MS)
    with pytest.raises(Damaged):
        open_envelope(envelope, RECIPIENT, [disguised])


@given(st.data())
def test_no_bit_of_an_envelope_can_be_changed(data: st.DataObject) -> None:
    envelope = bytearray(seal(SMALL, RECIPIENT, BOB.sealing.public))
    envelope[data.draw(st.integers(0, len(envelope) - 1))] ^= data.draw(st.integers(1, 255))
    with pytest.raises(Unopenable):
        opened(bytes(envelope))


@given(st.one_of(st.binary(max_size=100), st.sampled_from(ENVELOPE_SIZES).map(bytes)))
def test_noise_cannot_be_opened(noise: bytes) -> None:
    with pytest.raises(Unopenable):
        opened(noise)


def test_an_envelope_of_a_newer_version_is_told_from_a_damaged_one() -> None:
    with pytest.raises(NewerEnvelope):
        opened(b"\x02" + bytes(2047))
    with pytest.raises(Damaged):
        opened(b"\x00" + bytes(2047))
    with pytest.raises(Damaged):
        opened(b"")


def test_an_envelope_of_another_length_is_damaged() -> None:
    with pytest.raises(Damaged):
        opened(seal(SMALL, RECIPIENT, BOB.sealing.public)[:-1])


@pytest.mark.parametrize(
    "plain",
    [
        bytes(32) + b"\x02" + (4).to_bytes(4, "big") + b"abcd",  # no such kind
        bytes(32) + b"\x01" + (2**32 - 1).to_bytes(4, "big"),  # longer than the envelope
        bytes(32) + b"\x01" + (2).to_bytes(4, "big") + b"ab" + b"hidden",  # a channel in the zeros
        bytes(32) + b"\x01" + (4).to_bytes(4, "big") + b"abcd" + bytes(20) + b"\x01",
    ],
    ids=range(4),
)
def test_an_inside_that_is_not_laid_out_as_it_must_be(plain: bytes) -> None:
    with pytest.raises(BadPadding):
        opened(forged(plain))


def test_padding_up_to_a_larger_size_than_needed_is_refused() -> None:
    """Otherwise a modified desktop could mark envelopes for the relays by their size."""
    plain = bytes(32) + b"\x01" + (4).to_bytes(4, "big") + b"abcd"
    assert opened(forged(plain)).olm == OlmBytes(1, b"abcd")
    with pytest.raises(BadPadding):
        opened(forged(plain, size=ENVELOPE_SIZES[1]))


def test_an_olm_message_is_known_again_whoever_relays_it() -> None:
    olm = SMALL.olm
    one, two = (opened(seal(SMALL, RECIPIENT, BOB.sealing.public)) for _ in range(2))
    assert olm_hash(one.sender, one.olm) == olm_hash(two.sender, two.olm)
    alice, bob = ALICE.device.device_id, BOB.device.device_id
    assert olm_hash(alice, olm) != olm_hash(bob, olm)
    assert olm_hash(alice, olm) != olm_hash(alice, OlmBytes(1, olm.body))


def test_a_new_sealing_key_opens_what_is_sealed_to_it() -> None:
    key = new_sealing_key(NOW_MS)
    assert key.key_id == key_id_of(key.public)
    assert (len(key.public), len(key.private), key.made_ms) == (SEALING_PUBLIC_BYTES, 96, NOW_MS)
    sealed = seal_to(key.public, b"plain", b"info")
    assert len(sealed) == 5 + SEALING_OVERHEAD
    assert open_with(key.private, sealed, b"info") == b"plain"
    with pytest.raises(Damaged):
        open_with(key.private, sealed, b"other")


def test_a_sealing_key_travels_signed() -> None:
    signed = sign_sealing_key(BOB.device, BOB.sealing)
    card = read_sealing_key(signed, BOB.device.device_id)
    assert (card.public, card.made_ms) == (BOB.sealing.public, NOW_MS)
    with pytest.raises(BadSignature):
        read_sealing_key(signed, CAROL.device.device_id)


@pytest.mark.parametrize(
    "public",
    [
        bytes(SEALING_PUBLIC_BYTES),  # the X25519 half is of small order
        BOB.sealing.public[:-32] + bytes(32),
        BOB.sealing.public[:-32] + b"\x01" + bytes(31),
        b"\xff" * SEALING_PUBLIC_BYTES,  # the ML-KEM half is not reduced
        b"short",
    ],
    ids=range(5),
)
def test_a_sealing_key_that_is_none_is_the_peers_fault(public: bytes) -> None:
    with pytest.raises(RemoteProtocolError):
        seal(SMALL, RECIPIENT, public)


def test_a_signed_key_of_another_length_is_refused() -> None:
    broken = SealingKey(BOB.sealing.key_id, BOB.sealing.public[:-1], BOB.sealing.private, 0)
    with pytest.raises(RemoteProtocolError):
        read_sealing_key(sign_sealing_key(BOB.device, broken), BOB.device.device_id)


def test_keys_stay_out_of_logs() -> None:
    assert repr(dice("x")(4)) not in repr(BOB.sealing)
    assert "private=<secret>" in repr(BOB.sealing)


def test_a_sealing_key_that_agrees_on_nothing_is_none() -> None:
    mlkem = BOB.sealing.public[:1184]
    for x25519 in (bytes(32), b"\x01" + bytes(31), b"\xec" + b"\xff" * 30 + b"\x7f"):
        public = mlkem + x25519
        bad = SealingKey(key_id_of(public), public, BOB.sealing.private, NOW_MS)
        with pytest.raises(RemoteProtocolError):
            read_sealing_key(sign_sealing_key(BOB.device, bad), RECIPIENT)
        with pytest.raises(RemoteProtocolError):
            seal(SMALL, RECIPIENT, public)
