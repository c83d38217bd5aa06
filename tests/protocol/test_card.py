"""A relay's card and its introduction are believed by its key alone, whoever brought them."""

from __future__ import annotations

import pytest

from protocol.errors import BadSignature, RemoteProtocolError, WrongRelay
from protocol.ids import SEALING_PUBLIC_BYTES, RelayKey
from protocol.keys import Domain, Secret, public_key, sign
from protocol.wire.card import check_introduction, introduction, make_card, read_card
from protocol.wire.handshake import fingerprint

SEED = Secret(b"r" * 32)
RELAY = RelayKey(public_key(SEED))
PINNED = fingerprint(RELAY)
SEALING = b"s" * SEALING_PUBLIC_BYTES
TRANSCRIPT = b"t" * 32


def test_a_card_says_what_its_relay_signed() -> None:
    body, signature = make_card(SEED, SEALING, 7)
    card = read_card(body, signature, PINNED)
    assert (card.relay, card.sealing, card.made_ms) == (RELAY, SEALING, 7)


def test_a_card_of_another_relay_is_not_believed() -> None:
    body, signature = make_card(Secret(b"m" * 32), SEALING, 7)
    with pytest.raises(WrongRelay):
        read_card(body, signature, PINNED)


def test_a_card_that_was_changed_is_not_believed() -> None:
    body, signature = make_card(SEED, SEALING, 7)
    with pytest.raises(WrongRelay):
        read_card(body.replace(SEALING, b"x" * SEALING_PUBLIC_BYTES), signature, PINNED)


@pytest.mark.parametrize("body", [b"", b"\xc1", b"\x80", b"\x91" * 600])
def test_a_card_that_is_none_is_the_peers_fault(body: bytes) -> None:
    with pytest.raises(RemoteProtocolError):
        read_card(body, sign(SEED, Domain.RELAY_CARD, body), PINNED)


def test_an_introduction_is_good_on_its_own_connection_only() -> None:
    signature = introduction(SEED, TRANSCRIPT)
    assert check_introduction(RELAY, signature, TRANSCRIPT) == PINNED
    with pytest.raises(BadSignature):
        check_introduction(RELAY, signature, b"u" * 32)
    with pytest.raises(BadSignature):
        check_introduction(RelayKey(public_key(Secret(b"m" * 32))), signature, TRANSCRIPT)
