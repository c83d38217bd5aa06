"""How a proxy's address is written, and what is none."""

from __future__ import annotations

import pytest

from desktop.core.errors import ProxyMalformed
from desktop.core.proxy import parse_proxy


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("127.0.0.1:9050", "127.0.0.1:9050"),
        (" localhost:9050\n", "127.0.0.1:9050"),
        ("socks5://10.0.0.3:1080", "10.0.0.3:1080"),
        ("socks5h://[::1]:9150", "[::1]:9150"),
    ],
)
def test_addresses(written: str, read: str) -> None:
    proxy = parse_proxy(written, "alice", "four kilns")
    assert proxy.address == read
    assert "kilns" not in repr(proxy)


@pytest.mark.parametrize(
    "written",
    [
        *("", "127.0.0.1", ":9050", "127.0.0.1:", "127.0.0.1:0", "127.0.0.1:65536", "x:y:9050"),
        *("proxy.example:9050", "http://127.0.0.1:9050", "::1:9050", "[127.0.0.1]:9050"),
        *("127.0.0.1:9050/", "127.0.0.1:९०५०", "[fe80::1%eth0]:9050", "socks4://127.0.0.1:9050"),
    ],
)
def test_what_is_none(written: str) -> None:
    with pytest.raises(ProxyMalformed):
        parse_proxy(written)


@pytest.mark.parametrize(
    ("name", "word"), [("alice", ""), ("", "x"), ("ä", "x"), ("a" * 256, "x"), ("a", "x\n")]
)
def test_names_that_no_proxy_takes(name: str, word: str) -> None:
    with pytest.raises(ProxyMalformed):
        parse_proxy("127.0.0.1:9050", name, word)
