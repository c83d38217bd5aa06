"""A SOCKS5 proxy that every relay is reached through: how its address is written.

Its host is an IP address, since a name would have to be asked for in the open.
"""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address

from msgspec import Struct

from desktop.core.errors import ProxyMalformed

MOST_LETTERS = 255  # of a name or password, by SOCKS5
_SCHEMES = ("socks5://", "socks5h://")


class Proxy(Struct, frozen=True):
    """Where it is, and what it wants to hear first, if anything."""

    host: str
    port: int
    name: str = ""
    password: str = ""

    def __repr__(self) -> str:
        """Without the password: nothing that is printed may hold it."""
        return f"Proxy({self.address!r}, name={self.name!r})"

    @property
    def address(self) -> str:
        """As a person writes it."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


class ProxyShown(Struct, frozen=True):
    """What a client is shown of it: everything but the password."""

    address: str
    name: str


def parse_proxy(address: str, name: str = "", password: str = "") -> Proxy:
    """Raises ProxyMalformed."""
    text = address.strip()
    for scheme in _SCHEMES:
        text = text.removeprefix(scheme)
    host, colon, port = text.rpartition(":")
    if not colon or not (port.isascii() and port.isdigit()) or not 0 < int(port) < 1 << 16:
        raise ProxyMalformed
    bare = host.removeprefix("[").removesuffix("]")
    try:
        ip = ip_address("127.0.0.1" if bare.lower() == "localhost" else bare)
    except ValueError as exc:
        raise ProxyMalformed from exc
    if isinstance(ip, IPv6Address) is not host.startswith("[") or getattr(ip, "scope_id", None):
        raise ProxyMalformed
    if bool(name) is not bool(password) or not (_fits(name) and _fits(password)):
        raise ProxyMalformed
    return Proxy(str(ip), int(port), name, password)


def _fits(word: str) -> bool:
    return len(word) <= MOST_LETTERS and word.isascii() and word.isprintable()
