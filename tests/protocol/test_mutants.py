"""The stories of handshake and bundle once more, each with one look left out: they must fail."""

from __future__ import annotations

import msgspec
import pytest

from protocol.e2e import bundle as bundles
from protocol.e2e.envelope import seal
from protocol.ids import Fingerprint
from protocol.keys import Rng, Secret
from protocol.wire import codec, handshake
from protocol.wire.frames import Side, Statement, Welcome
from protocol.wire.handshake import Agreed, agree
from tests.protocol import test_bundle as of_bundles
from tests.protocol import test_envelope as of_envelopes
from tests.protocol import test_handshake as of_handshakes

NOT_SEEN = "DID NOT RAISE"


def looks_at_nothing(*_: object) -> None:
    """In place of looking at a signature."""


def test_mutant_that_looks_at_no_signature_of_a_relay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handshake, "verify", looks_at_nothing)
    with pytest.raises(pytest.fail.Exception, match=NOT_SEEN):
        of_handshakes.test_a_relays_name_without_its_signature_is_seen()
    with pytest.raises(pytest.fail.Exception, match=NOT_SEEN):
        of_handshakes.test_a_hello_changed_on_its_way_is_seen()


def test_mutant_that_takes_any_key_for_the_pinned_one(monkeypatch: pytest.MonkeyPatch) -> None:
    def pinned(key: bytes) -> Fingerprint:
        return of_handshakes.PINNED

    monkeypatch.setattr(handshake, "fingerprint", pinned)
    with pytest.raises(pytest.fail.Exception, match=NOT_SEEN):
        of_handshakes.test_another_relays_key_is_seen()


def test_mutant_that_takes_any_certificate(monkeypatch: pytest.MonkeyPatch) -> None:
    def careless(said: bytes, heard: bytes, pinned: Fingerprint, certificate: bytes) -> Agreed:
        [welcome] = codec.load(heard, Side.RELAY, codec.MAX_BEFORE_HANDSHAKE)
        assert isinstance(welcome, Welcome)
        signed = msgspec.msgpack.decode(welcome.statement, type=Statement)
        return agree(said, heard, pinned, signed.certificate)

    monkeypatch.setattr(of_handshakes, "agree", careless)
    with pytest.raises(pytest.fail.Exception, match=NOT_SEEN):
        of_handshakes.test_another_certificate_is_seen(bytes(32))


def test_mutant_that_looks_at_no_signature_of_a_bundle(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundles, "verify", looks_at_nothing)
    with pytest.raises(pytest.fail.Exception, match=NOT_SEEN):
        of_bundles.test_a_bundle_signed_by_another_device()


def test_mutant_that_locks_no_bundle(monkeypatch: pytest.MonkeyPatch) -> None:
    def open_to_all(key: Secret, plain: bytes, bound: bytes, rng: Rng) -> bytes:
        return rng(24) + plain + bytes(16)

    monkeypatch.setattr(bundles, "lock", open_to_all)
    with pytest.raises(AssertionError):
        of_bundles.test_a_bundle_shows_a_relay_nothing()


def test_mutant_that_seals_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    sealed = seal(of_envelopes.SMALL, of_envelopes.RECIPIENT, of_envelopes.BOB.sealing.public)

    def open_to_all(inside: object, recipient: object, public: object) -> bytes:
        shown = bytes(of_envelopes.SMALL.sender) + of_envelopes.SMALL.olm.body
        return sealed[: -len(shown)] + shown

    monkeypatch.setattr(of_envelopes, "seal", open_to_all)
    with pytest.raises(AssertionError):
        of_envelopes.test_an_envelope_shows_neither_sender_nor_text()
