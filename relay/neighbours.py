"""Who is connected from where, so that no one place takes up all the room.

Kept in memory, and no longer than it is of use: nothing here is ever written or logged.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import TypeAlias

from relay.rules.limits import Allowance

# How many may come without a code at once from one place, and how soon there is room for another.
NEWCOMERS = 64
NEWCOMER_EACH_MS = 20_000

Place: TypeAlias = IPv4Address | IPv6Network


def place_of(host: str) -> Place | None:
    """What stands for one neighbour; None for this machine, where a proxy stands for many."""
    address = ip_address(host.partition("%")[0])
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is None:
            # Who has one address of a /64 has all of them.
            return None if address.is_loopback else IPv6Network((int(address) >> 64 << 64, 64))
        address = address.ipv4_mapped
    return None if address.is_loopback else address


class Neighbour:
    """One place, with what it has used of its share."""

    def __init__(self) -> None:
        self.connections = 0
        self.newcomers = Allowance(NEWCOMERS, NEWCOMER_EACH_MS)


class Neighbours:
    """All of them. A connection from this machine is a neighbour by itself."""

    def __init__(self, most_connections: int) -> None:
        self._most = most_connections
        self._known: dict[Place, Neighbour] = {}

    def come(self, place: Place | None) -> Neighbour | None:
        """Count a connection; None where its place has enough of them."""
        if place is None:
            return Neighbour()
        neighbour = self._known.setdefault(place, Neighbour())
        if neighbour.connections >= self._most:
            return None
        neighbour.connections += 1
        return neighbour

    def leave(self, neighbour: Neighbour) -> None:
        """One connection less."""
        neighbour.connections -= 1

    def forget_some(self, now_ms: int) -> None:
        """Forget those who are gone and have used nothing lately."""
        for place, neighbour in list(self._known.items()):
            if neighbour.connections <= 0 and neighbour.newcomers.untouched(now_ms):
                del self._known[place]

    def __len__(self) -> int:
        return len(self._known)
