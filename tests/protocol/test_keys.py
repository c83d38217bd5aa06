"""The smallest cryptographic words, and the traps in the parts they are made from."""

from __future__ import annotations

import logging
import traceback

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.errors import BadSignature, Unopenable
from protocol.keys import (
    Domain,
    Secret,
    derive,
    digest,
    digest_of,
    joined,
    lock,
    public_key,
    sign,
    unlock,
    verify,
)
from tests.protocol.cast import dice

SEED = Secret(bytes(range(32)))
PUBLIC = public_key(SEED)
ORDER = 2**252 + 27742317777372353535851937790883648493  # of the Ed25519 group

PARTS = st.lists(st.binary(max_size=8), max_size=4)


@given(PARTS, PARTS)
def test_no_two_lists_of_parts_join_to_the_same_bytes(one: list[bytes], two: list[bytes]) -> None:
    assert (joined(*one) == joined(*two)) == (one == two)


def test_every_domain_is_said_once() -> None:
    assert len({domain.value for domain in Domain}) == len(list(Domain.__members__))
    assert all(domain.value.startswith(b"aside/1 ") for domain in Domain)


@given(st.sampled_from(list(Domain)), st.sampled_from(list(Domain)), st.binary(max_size=40))
def test_a_domain_keeps_its_hashes_apart(one: Domain, two: Domain, part: bytes) -> None:
    assert (digest(one, part) == digest(two, part)) == (one is two)
    assert (derive(one, SEED, part) == derive(two, SEED, part)) == (one is two)
    assert digest_of(one)(part) == digest(one, part)


@given(PARTS)
def test_a_signature_is_for_its_domain_parts_and_key(parts: list[bytes]) -> None:
    signature = sign(SEED, Domain.BUNDLE, *parts)
    verify(PUBLIC, signature, Domain.BUNDLE, *parts)
    with pytest.raises(BadSignature):
        verify(PUBLIC, signature, Domain.DEVICE_LIST, *parts)
    with pytest.raises(BadSignature):
        verify(PUBLIC, signature, Domain.BUNDLE, *parts, b"")
    with pytest.raises(BadSignature):
        verify(public_key(Secret(bytes(32))), signature, Domain.BUNDLE, *parts)


@given(st.integers(0, 511))
def test_no_bit_of_a_signature_can_be_changed(bit: int) -> None:
    signature = bytearray(sign(SEED, Domain.BUNDLE, b"x"))
    signature[bit // 8] ^= 1 << bit % 8
    with pytest.raises(BadSignature):
        verify(PUBLIC, bytes(signature), Domain.BUNDLE, b"x")


def test_a_signature_has_one_spelling() -> None:
    """Adding the group's order to the second half is the classical second spelling."""
    signature = sign(SEED, Domain.BUNDLE, b"x")
    second = int.from_bytes(signature[32:], "little") + ORDER
    respelt = signature[:32] + second.to_bytes(32, "little")
    with pytest.raises(BadSignature):
        verify(PUBLIC, respelt, Domain.BUNDLE, b"x")


@pytest.mark.parametrize("key", [b"\x01" + bytes(31), bytes(32), b"\xff" * 32, b"", bytes(31)])
def test_a_key_that_signs_for_everything_signs_for_nothing(key: bytes) -> None:
    with pytest.raises(BadSignature):
        verify(key, b"\x01" + bytes(63), Domain.BUNDLE, b"x")


@pytest.mark.parametrize("signature", [b"", bytes(63), bytes(65), bytes(64)])
def test_a_signature_of_another_length_is_none(signature: bytes) -> None:
    with pytest.raises(BadSignature):
        verify(PUBLIC, signature, Domain.BUNDLE, b"x")


@given(st.binary(max_size=100), st.binary(max_size=20))
def test_what_is_locked_opens_with_its_key_and_bound(plain: bytes, bound: bytes) -> None:
    locked = lock(SEED, plain, bound, dice("lock"))
    assert unlock(SEED, locked, bound) == plain
    with pytest.raises(Unopenable):
        unlock(SEED, locked, bound + b"x")
    with pytest.raises(Unopenable):
        unlock(bytes(32), locked, bound)


@given(st.data())
def test_no_bit_of_what_is_locked_can_be_changed(data: st.DataObject) -> None:
    locked = bytearray(lock(SEED, b"plain", b"bound", dice("lock")))
    locked[data.draw(st.integers(0, len(locked) - 1))] ^= data.draw(st.integers(1, 255))
    with pytest.raises(Unopenable):
        unlock(SEED, bytes(locked), b"bound")


@given(st.binary(max_size=60))
def test_noise_cannot_be_unlocked(noise: bytes) -> None:
    with pytest.raises(Unopenable):
        unlock(SEED, noise, b"")


def test_a_secret_never_shows_itself(caplog: pytest.LogCaptureFixture) -> None:
    secret = Secret(b"the quick brown fox")
    logging.getLogger("test").warning("%s %r %s", secret, secret, [secret])
    shown = "".join(traceback.format_exception(ValueError(secret)))
    shown += caplog.text + f"{secret}{secret!r}{secret:>40}" + str({"key": secret})
    assert "quick" not in shown
    assert "<secret>" in shown


def test_derived_keys_are_secret() -> None:
    assert isinstance(derive(Domain.LINK_DRAWER, SEED), Secret)
