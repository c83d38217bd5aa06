"""Addresses and the links that carry them."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.errors import MalformedLink
from protocol.ids import Fingerprint
from protocol.keys import Secret
from protocol.wire.address import (
    RelayAddress,
    RelayInvitation,
    bytes_of,
    is_loopback,
    parse_address,
    parse_link,
    parse_relay_invitation,
    text_of,
)

PRINT = Fingerprint(bytes(range(32)))
NAME = text_of(PRINT)

HOSTS = st.one_of(
    st.from_regex(r"[a-z]([a-z0-9-]{0,10}[a-z0-9])?(\.[a-z]{2,6}){0,3}", fullmatch=True),
    st.ip_addresses(v=4).map(str),
    st.ip_addresses(v=6).map(str),
)
ADDRESSES = st.builds(
    RelayAddress,
    HOSTS,
    st.integers(1, 65535),
    st.binary(min_size=32, max_size=32).map(Fingerprint),
)


@given(ADDRESSES)
def test_an_address_comes_back(address: RelayAddress) -> None:
    assert parse_address(str(address)) == address
    assert parse_link(address.link("abc")) == (address, "abc")


@given(ADDRESSES, st.binary(min_size=16, max_size=32).map(Secret))
def test_a_relays_invitation_comes_back(address: RelayAddress, code: Secret) -> None:
    invitation = RelayInvitation(address, code)
    assert parse_relay_invitation(str(invitation)) == invitation


def test_an_address_looks_as_the_specification_says() -> None:
    assert str(RelayAddress("relay.example", 7443, PRINT)) == f"wss://relay.example:7443#{NAME}"
    assert str(RelayAddress("::1", 80, PRINT, tls=False)) == f"ws://[::1]:80#{NAME}"
    assert RelayAddress("h", 1, PRINT).link("x") == f"aside://h:1/{NAME}#x"
    assert RelayAddress("localhost", 1, PRINT, tls=False).link("x") == (
        f"aside://localhost:1/{NAME}?ws#x"
    )


def test_no_secret_stands_before_the_fragment() -> None:
    code = Secret(b"sixteen secrets!")
    before, _, _ = str(RelayInvitation(RelayAddress("h", 1, PRINT), code)).partition("#")
    assert text_of(code) not in before


def test_an_invitations_code_stays_out_of_logs() -> None:
    invitation = RelayInvitation(RelayAddress("h", 1, PRINT), Secret(b"sixteen secrets!"))
    assert "sixteen" not in repr(invitation)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.9.9.9", "::1"])
def test_plain_connections_are_for_this_machine(host: str) -> None:
    assert is_loopback(host)
    address = RelayAddress(host, 8000, PRINT, tls=False)
    assert parse_address(str(address)) == address


@pytest.mark.parametrize(
    "text",
    [
        "",
        "relay.example:7443",
        f"wss://relay.example#{NAME}",  # no port
        f"wss://relay.example:0#{NAME}",
        f"wss://relay.example:70000#{NAME}",
        f"wss://relay.example:x#{NAME}",
        f"wss://:7443#{NAME}",
        f"wss://user@relay.example:7443#{NAME}",
        f"wss://relay.example:7443/path#{NAME}",
        f"wss://relay.example:7443?x=1#{NAME}",
        f"wss://relay example:7443#{NAME}",
        f"wss://a..b:7443#{NAME}",  # what no resolver takes
        f"wss://.:7443#{NAME}",
        f"wss://relay.example.:7443#{NAME}",
        f"wss://{'x' * 64}.example:7443#{NAME}",
        f"wss://{'x.' * 126}xx:7443#{NAME}",
        f"wss://127.1:7443#{NAME}",  # what some take for an address
        f"wss://2130706433:7443#{NAME}",
        f"wss://relay.0x7f000001:7443#{NAME}",
        f"wss://010.0.0.1:7443#{NAME}",
        f"wss://[fe80::1%25eth0]:7443#{NAME}",
        f"wss://[1.2.3.4]:7443#{NAME}",
        f"wss://rel\u0430y.example:7443#{NAME}",  # a Cyrillic letter that looks Latin
        f"https://relay.example:7443#{NAME}",
        f"ws://relay.example:7443#{NAME}",  # plain to another machine
        f"ws://127.0.0.1.example:7443#{NAME}",
        "wss://relay.example:7443",
        "wss://relay.example:7443#AAAA",
        f"wss://relay.example:7443#{NAME}A",
        f"wss://relay.example:7443#{NAME}=",
        f"wss://relay.example:7443#{NAME[:-1]}~",
        f"wss://[::1:7443#{NAME}",
        f"wss://relay.example:7443#{NAME}" + " " * 3000,
    ],
)
def test_what_is_no_address_is_said_to_be_none(text: str) -> None:
    with pytest.raises(MalformedLink):
        parse_address(text)


@pytest.mark.parametrize(
    "text",
    [
        f"aside://h:1/{NAME}#join.",
        f"aside://h:1/{NAME}#join.AAAA",
        f"aside://h:1/{NAME}#join." + text_of(bytes(33)),
        f"aside://h:1/{NAME}#" + text_of(bytes(16)),
        f"aside://h:1/{NAME}?tls#join." + text_of(bytes(16)),
        f"aside://h:1/{NAME}?ws#join." + text_of(bytes(16)),
        f"aside://h:1/x/{NAME}#join." + text_of(bytes(16)),
        "aside://h:1/#join." + text_of(bytes(16)),
    ],
)
def test_what_is_no_invitation_is_said_to_be_none(text: str) -> None:
    with pytest.raises(MalformedLink):
        parse_relay_invitation(text)


@given(st.text(max_size=200))
def test_any_text_is_an_address_or_is_not(text: str) -> None:
    for parse in (parse_address, parse_link, parse_relay_invitation):
        with suppress(MalformedLink):
            parse(text)


@given(st.text(max_size=60))
def test_base64_has_one_spelling(text: str) -> None:
    try:
        raw = bytes_of(text)
    except MalformedLink:
        return
    assert text_of(raw) == text
