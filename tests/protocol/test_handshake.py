"""The first two messages of a connection, with everybody who might stand in between."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.errors import (
    BadSignature,
    NoCommonVersion,
    RemoteProtocolError,
    WrongRelay,
)
from protocol.ids import CallId
from protocol.keys import Domain, Secret, public_key, sign, verify
from protocol.wire import codec
from protocol.wire.frames import Farewell, Hello, Ping, Reason, Side, Statement, Welcome
from protocol.wire.handshake import Agreed, agree, fingerprint, hello, welcome
from tests.protocol.cast import NOW_MS, dice

RNG = dice("handshake")
RELAY = Secret(RNG(32))
MALLORY = Secret(RNG(32))
PINNED = fingerprint(public_key(RELAY))
CERTIFICATE = RNG(32)


def greet(
    said: bytes, seed: Secret = RELAY, certificate: bytes = CERTIFICATE
) -> tuple[bytes, Agreed]:
    return welcome(said, seed, certificate, NOW_MS, RNG)


def test_both_sides_agree() -> None:
    said = hello(RNG)
    answer, at_relay = greet(said)
    at_desktop = agree(said, answer, PINNED, CERTIFICATE)
    assert at_desktop == at_relay
    assert at_desktop.version == 1
    assert at_desktop.relay == public_key(RELAY)
    assert at_desktop.clock_ms == NOW_MS


def test_a_plain_connection_has_no_certificate() -> None:
    said = hello(RNG)
    answer, _ = greet(said, certificate=b"")
    assert agree(said, answer, PINNED, b"").version == 1


def test_no_two_connections_share_a_transcript() -> None:
    said = hello(RNG)
    (_, one), (_, two) = greet(said), greet(said)
    _, three = greet(hello(RNG))
    assert len({one.transcript, two.transcript, three.transcript}) == 3


def test_a_signature_over_one_transcript_opens_no_mailbox_on_another() -> None:
    said = hello(RNG)
    (_, here), (_, there) = greet(said), greet(said)
    owner = Secret(RNG(32))
    signature = sign(owner, Domain.OPEN_MAILBOX, here.transcript)
    verify(public_key(owner), signature, Domain.OPEN_MAILBOX, here.transcript)
    with pytest.raises(BadSignature):
        verify(public_key(owner), signature, Domain.OPEN_MAILBOX, there.transcript)
    with pytest.raises(BadSignature):
        verify(public_key(owner), signature, Domain.CREATE_MAILBOX, here.transcript)


def test_another_relays_key_is_seen() -> None:
    said = hello(RNG)
    answer, _ = greet(said, seed=MALLORY)
    with pytest.raises(WrongRelay):
        agree(said, answer, PINNED, CERTIFICATE)


@pytest.mark.parametrize("received", [b"", RNG(32)], ids=["none", "another"])
def test_another_certificate_is_seen(received: bytes) -> None:
    """A middleman passes the relay's words on, but serves a certificate of his own."""
    said = hello(RNG)
    answer, _ = greet(said)
    with pytest.raises(WrongRelay):
        agree(said, answer, PINNED, received)


def test_a_hello_changed_on_its_way_is_seen() -> None:
    """Otherwise a middleman could strike the newer versions out of it."""
    said = hello(RNG, versions=(1, 2))
    changed = hello(RNG, versions=(1,))
    answer, _ = greet(changed)
    with pytest.raises(WrongRelay):
        agree(said, answer, PINNED, CERTIFICATE)


def test_an_answer_to_another_hello_is_seen() -> None:
    answer, _ = greet(hello(RNG))
    with pytest.raises(WrongRelay):
        agree(hello(RNG), answer, PINNED, CERTIFICATE)


def forged(statement: Statement, seed: Secret, said: bytes) -> bytes:
    body = msgspec.msgpack.encode(statement)
    return codec.dump([Welcome(statement=body, signature=sign(seed, Domain.HANDSHAKE, said, body))])


def test_a_relays_name_without_its_signature_is_seen() -> None:
    said = hello(RNG)
    statement = Statement(
        version=1, relay=public_key(RELAY), nonce=RNG(32), certificate=CERTIFICATE, clock_ms=0
    )
    with pytest.raises(WrongRelay):
        agree(said, forged(statement, MALLORY, said), PINNED, CERTIFICATE)


def test_a_version_that_was_never_offered_is_refused() -> None:
    said = hello(RNG)
    statement = Statement(
        version=9, relay=public_key(RELAY), nonce=RNG(32), certificate=CERTIFICATE, clock_ms=0
    )
    with pytest.raises(NoCommonVersion):
        agree(said, forged(statement, RELAY, said), PINNED, CERTIFICATE)


def test_a_desktop_of_another_version_is_told() -> None:
    with pytest.raises(NoCommonVersion):
        greet(hello(RNG, versions=(2, 3)))
    bye = codec.dump([Farewell(reason=Reason.UNSUPPORTED, retry_ms=0)])
    with pytest.raises(NoCommonVersion):
        agree(hello(RNG), bye, PINNED, CERTIFICATE)


def test_a_newer_desktop_meets_an_older_relay() -> None:
    _, agreed = greet(hello(RNG, versions=(7, 1)))
    assert agreed.version == 1


@pytest.mark.parametrize(
    "first",
    [
        codec.dump([]),
        codec.dump([Ping(call=CallId(1))]),
        codec.dump([Hello(versions=(1,), nonce=bytes(32))] * 2),
        codec.dump([Hello(versions=(1,), nonce=bytes(32))]) + bytes(5000),
        msgspec.msgpack.encode([{"t": "dance"}]),
        msgspec.msgpack.encode([{"t": "hello", "versions": [], "nonce": bytes(32)}]),
        msgspec.msgpack.encode([{"t": "hello", "versions": [1], "nonce": bytes(31)}]),
    ],
    ids=range(7),
)
def test_anything_else_first_is_the_peers_fault(first: bytes) -> None:
    with pytest.raises(RemoteProtocolError):
        greet(first)


@pytest.mark.parametrize(
    "first",
    [
        codec.dump([]),
        codec.dump([Welcome(statement=b"\xc1", signature=bytes(64))]),
        codec.dump([Welcome(statement=b"\x91" * 1000, signature=bytes(64))]),
        msgspec.msgpack.encode([{"t": "dance"}]),
    ],
    ids=range(4),
)
def test_any_other_answer_is_the_peers_fault(first: bytes) -> None:
    with pytest.raises(RemoteProtocolError):
        agree(hello(RNG), first, PINNED, CERTIFICATE)


@given(st.binary(max_size=200))
def test_noise_is_the_peers_fault(noise: bytes) -> None:
    with pytest.raises(RemoteProtocolError):
        greet(noise)
    with pytest.raises(RemoteProtocolError):
        agree(b"", noise, PINNED, CERTIFICATE)


@given(st.data())
def test_no_bit_of_the_answer_can_be_changed(data: st.DataObject) -> None:
    said = hello(dice("said"))
    heard, _ = welcome(said, RELAY, CERTIFICATE, NOW_MS, dice("heard"))
    changed = bytearray(heard)
    at = data.draw(st.integers(0, len(heard) - 1))
    changed[at] ^= data.draw(st.integers(1, 255))
    with pytest.raises(RemoteProtocolError):
        agree(said, bytes(changed), PINNED, CERTIFICATE)


def test_the_handshake_fits_its_bounds() -> None:
    said = hello(RNG, versions=tuple(range(1, 17)))
    answer, _ = greet(said)
    assert len(said) <= codec.MAX_BEFORE_HANDSHAKE
    assert len(answer) <= codec.MAX_BEFORE_HANDSHAKE
    assert codec.load(answer, Side.RELAY)
