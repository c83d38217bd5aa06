"""How near a host is, by its name or its address."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.core.nearness import Nearness, nearness


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("relay.example", Nearness.FAR),
        ("8.8.8.8", Nearness.FAR),
        ("2606:4700::1111", Nearness.FAR),
        ("notlocalhost.example", Nearness.FAR),
        ("mylocal.example", Nearness.FAR),
        ("10.1.2.3", Nearness.HOME),
        ("172.16.0.1", Nearness.HOME),
        ("192.168.178.1", Nearness.HOME),
        ("169.254.169.254", Nearness.HOME),
        ("100.64.0.7", Nearness.HOME),
        ("fe80::1", Nearness.HOME),
        ("fe80::1%eth0", Nearness.HOME),
        ("fd00::5", Nearness.HOME),
        ("::ffff:192.168.1.1", Nearness.HOME),
        ("2002:c0a8:0101::1", Nearness.HOME),
        ("nas.local", Nearness.HOME),
        ("NAS.Local.", Nearness.HOME),
        ("box.home.arpa", Nearness.HOME),
        ("router", Nearness.HOME),
        ("127.0.0.1", Nearness.HERE),
        ("127.9.9.9", Nearness.HERE),
        ("::1", Nearness.HERE),
        ("::ffff:127.0.0.1", Nearness.HERE),
        ("0.0.0.0", Nearness.HERE),
        ("::", Nearness.HERE),
        ("localhost", Nearness.HERE),
        ("LOCALHOST.", Nearness.HERE),
        ("relay.localhost", Nearness.HERE),
    ],
)
def test_every_kind_of_host_is_known_for_how_near_it_is(host: str, expected: Nearness) -> None:
    assert nearness(host) is expected


@given(st.ip_addresses())
def test_what_no_public_network_carries_is_never_far(ip: object) -> None:
    if getattr(ip, "sixtofour", None) is not None:
        return  # Pythons disagree whether a public address in 6to4's clothes is private
    far = nearness(str(ip)) is Nearness.FAR
    assert not (far and (getattr(ip, "is_private", False) or getattr(ip, "is_loopback", False)))
