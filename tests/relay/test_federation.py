"""Whom a relay speaks with, and where it never calls."""

from __future__ import annotations

import pytest

from protocol.ids import Fingerprint
from protocol.wire.address import RelayAddress
from relay.rules.federation import Federation, Openness, is_public

OWN, BOBS, CAROLS = (Fingerprint(bytes([number]) * 32) for number in (1, 2, 3))


@pytest.mark.parametrize(
    ("openness", "meets_bobs", "meets_carols"),
    [
        (Openness.OPEN, True, True),
        (Openness.ALLOW, True, False),
        (Openness.BLOCK, False, True),
    ],
)
def test_open_allowed_or_blocked(openness: Openness, meets_bobs: bool, meets_carols: bool) -> None:
    federation = Federation(openness, frozenset({BOBS, OWN}), own=OWN)
    assert federation.meets(BOBS) is meets_bobs
    assert federation.meets(CAROLS) is meets_carols
    assert not federation.meets(OWN)


@pytest.mark.parametrize(
    ("host", "public"),
    [
        ("relay.example", True),
        ("93.184.215.14", True),
        ("2606:2800:21f:cb07:6820:80da:af6b:8b2c", True),
        ("localhost", False),
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("192.168.1.1", False),
        ("172.16.0.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("255.255.255.255", False),
        ("::1", False),
        ("::", False),
        ("fe80::1", False),
        ("fd00::1", False),
        ("ff02::1", False),
        ("::ffff:10.0.0.1", False),
        ("2002:0a00:0001::", False),
        ("64:ff9b::10.0.0.1", False),
    ],
)
def test_what_only_this_network_reaches_is_no_destination(host: str, public: bool) -> None:
    assert is_public(host) is public
    text = str(RelayAddress(host, 7443, BOBS))
    assert (Federation().destination(text) is not None) is public
    assert Federation(private=True).destination(text) is not None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "relay.example:7443",
        "wss://relay.example:7443",
        "https://relay.example:7443#" + "A" * 43,
    ],
)
def test_what_is_no_address_is_no_destination(text: str) -> None:
    assert Federation(private=True).destination(text) is None


def test_a_relay_is_not_its_own_destination() -> None:
    text = str(RelayAddress("relay.example", 7443, OWN))
    assert Federation(own=BOBS).destination(text) is not None
    assert Federation(own=OWN).destination(text) is None
