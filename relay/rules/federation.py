"""Which other relays this one speaks with, and which addresses it calls.

The same answer in both directions: from a relay that is shut out nothing is taken, and nothing is
carried to it. Where to is checked twice: the address as it was asked for here, what it resolves to
when it is called.
"""

from __future__ import annotations

from enum import StrEnum
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

from msgspec import Struct

from protocol.errors import MalformedLink
from protocol.ids import Fingerprint
from protocol.wire.address import RelayAddress, is_loopback, parse_address

_TRANSLATED = IPv6Network("64:ff9b::/96")


class Openness(StrEnum):
    """Who is spoken with."""

    OPEN = "open"  # every relay
    ALLOW = "allow"  # those that are listed
    BLOCK = "block"  # all but those that are listed


class Federation(Struct, frozen=True):
    """``own`` is this relay, which never calls itself; ``private`` allows its own network."""

    openness: Openness = Openness.OPEN
    relays: frozenset[Fingerprint] = frozenset()
    private: bool = False
    own: Fingerprint | None = None

    def meets(self, relay: Fingerprint) -> bool:
        """Whether packets are taken from, and carried to, this one."""
        match self.openness:
            case Openness.OPEN:
                welcome = True
            case Openness.ALLOW:
                welcome = relay in self.relays
            case Openness.BLOCK:
                welcome = relay not in self.relays
        return welcome and relay != self.own

    @property
    def meets_any(self) -> bool:
        """Whether packets are carried anywhere at all."""
        return self.openness is not Openness.ALLOW or bool(self.relays - {self.own})

    def destination(self, text: str) -> RelayAddress | None:
        """The address, where packets may go there."""
        address = read_destination(text)
        if address is None or not self.meets(address.fingerprint):
            return None
        return address if self.private or is_public(address.host) else None


@lru_cache(maxsize=4096)
def read_destination(text: str) -> RelayAddress | None:
    """An address, or nothing."""
    try:
        return parse_address(text)
    except MalformedLink:
        return None


def is_public(host: str) -> bool:
    """Whether everybody reaches the same machine by it; of a name only its address tells."""
    try:
        found = ip_address(host)
    except ValueError:
        return not is_loopback(host)
    return all(one.is_global and not one.is_multicast for one in (found, *_inside(found)))


def _inside(found: IPv4Address | IPv6Address) -> tuple[IPv4Address, ...]:
    """The IPv4 addresses that ways into IPv4 carry in an IPv6 one."""
    if isinstance(found, IPv4Address):
        return ()
    ways = [found.ipv4_mapped, found.sixtofour, *(found.teredo or ())]
    if found in _TRANSLATED:
        ways.append(IPv4Address(int(found) & 0xFFFFFFFF))
    return tuple(way for way in ways if way is not None)
