"""What a relay says of itself is believed by its key, and stays the same while nothing changes."""

from __future__ import annotations

import msgspec
import pytest

from protocol.errors import RemoteProtocolError, WrongRelay
from protocol.keys import Domain, Secret, public_key, sign
from protocol.wire.frames import MAX_PRACTICES, Practice, PracticesBody
from protocol.wire.handshake import fingerprint
from protocol.wire.practices import make_practices, read_practices

SEED = Secret(b"r" * 32)
PINNED = fingerprint(public_key(SEED))
KEPT = (
    Practice(what="envelope", on_disk=True, sealed=True, longest_s=86_400),
    Practice(what="mailbox", on_disk=True, sealed=False),
)


def test_it_is_what_the_relay_signed() -> None:
    said = read_practices(*make_practices(SEED, "Choir", "We sing.", False, KEPT), PINNED)
    assert (said.name, said.about, said.open, said.kept) == ("Choir", "We sing.", False, KEPT)
    assert said.relay == public_key(SEED)


def test_the_same_practices_are_the_same_bytes() -> None:
    first = make_practices(SEED, "Choir", "", True, KEPT)
    assert make_practices(SEED, "Choir", "", True, KEPT) == first
    assert make_practices(SEED, "Choir", "", True, KEPT[:1]) != first


def test_another_relay_s_words_are_not_believed() -> None:
    with pytest.raises(WrongRelay):
        read_practices(*make_practices(Secret(b"m" * 32), "Choir", "", True, KEPT), PINNED)


def test_what_was_changed_is_not_believed() -> None:
    body, signature = make_practices(SEED, "Choir", "", True, KEPT)
    with pytest.raises(WrongRelay):
        read_practices(body.replace(b"Choir", b"Quire"), signature, PINNED)


def test_a_signature_for_something_else_is_not_believed() -> None:
    body, _ = make_practices(SEED, "Choir", "", True, KEPT)
    with pytest.raises(WrongRelay):
        read_practices(body, sign(SEED, Domain.RELAY_CARD, body), PINNED)


@pytest.mark.parametrize("body", [b"", b"\xc1", b"\x80", b"\x91" * 600])
def test_what_is_none_is_the_peers_fault(body: bytes) -> None:
    with pytest.raises(RemoteProtocolError):
        read_practices(body, sign(SEED, Domain.PRACTICES, body), PINNED)


def test_the_fullest_still_fits_into_its_frame() -> None:
    longest = Practice(what="w" * 64, on_disk=True, sealed=False, longest_s=2**53 - 1)
    body, _ = make_practices(SEED, "\U0001f600" * 100, "\U0001f600" * 2000, True, (longest,) * 64)
    assert msgspec.msgpack.decode(body, type=PracticesBody).kept
    assert len(body) <= MAX_PRACTICES
