"""Who is connected from where, so that no one place takes up all the room.

Kept in memory, and no longer than it is of use: nothing here is ever written or logged. A place has
no address here but a name: a hash under a random key. Keys are thrown away, so no name outlives a
day, and nobody who looks at this memory later can try addresses on it. Rooms call a place by
another name, under a key that goes with the process: whom they put out they know again.

What lets a room know a place again after a restart is a *mark*: two bytes under the secret of the
room's link, which people show and the relay does not keep. Without the link nobody can try
addresses on it, and with it one in 65,536 of all addresses fits.
"""

from __future__ import annotations

from hashlib import blake2b
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import TypeAlias

from protocol.keys import Rng
from relay.rules.clock import DAY_MS
from relay.rules.limits import Allowance, Limits

# How many may come without a code at once from one place, and how soon there is room for another.
NEWCOMERS = 64
NEWCOMER_EACH_MS = 20_000
# The same for connections, each of which begins with a handshake. One that comes to nothing costs
# five: whoever is worth talking to gets to the end of it.
HANDSHAKE_EACH_MS = 100
FAILED_COSTS = 4
# Signals by capabilities that are none: each costs a look at the store.
GUESSES = 64
GUESS_EACH_MS = 100
# A key is used for half a day and known for another half.
KEY_LASTS_MS = DAY_MS // 2
KEY_BYTES = 32
MARK_BYTES = 2
MOST_KNOWN = 100_000

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


def mark_of(place: Place | None, secret: bytes) -> bytes:
    """What a room may keep of it; of this machine nothing."""
    if place is None:
        return b""
    return blake2b(str(place).encode("ascii"), key=secret, digest_size=MARK_BYTES).digest()


class Neighbour:
    """One place, with what it has used of its share."""

    def __init__(self, limits: Limits) -> None:
        self.connections = 0
        self.watches = 0
        self.in_rooms: bytes | None = None
        self.newcomers = Allowance(NEWCOMERS, NEWCOMER_EACH_MS)
        self.handshakes = Allowance(limits.handshakes_per_address, HANDSHAKE_EACH_MS)
        self.guesses = Allowance(GUESSES, GUESS_EACH_MS)

    def untouched(self, now_ms: int) -> bool:
        """Gone, and all forgiven."""
        used = (self.newcomers, self.handshakes, self.guesses)
        return self.connections <= 0 and all(each.untouched(now_ms) for each in used)


class Neighbours:
    """All of them. A connection from this machine is a neighbour by itself."""

    def __init__(self, limits: Limits, rng: Rng) -> None:
        self._limits = limits
        self._rng = rng
        self._key = self._key_before = b""
        self._key_of_rooms = rng(KEY_BYTES)
        self._key_since_ms = -KEY_LASTS_MS
        self._known: dict[bytes, Neighbour] = {}
        self._known_before: dict[bytes, Neighbour] = {}

    def come(self, place: Place | None, now_ms: int) -> Neighbour | None:
        """Count a connection; None where its place has enough of them, or too many of late."""
        if place is None:
            return Neighbour(self._limits)
        neighbour = self._find(place, now_ms)
        if neighbour.connections >= self._limits.connections_per_address:
            return None
        if neighbour.handshakes.another(now_ms):
            return None
        neighbour.connections += 1
        return neighbour

    def leave(self, neighbour: Neighbour, now_ms: int, *, greeted: bool) -> None:
        """One connection less; ``greeted``: its handshake came to its end, TLS and all."""
        neighbour.connections -= 1
        if not greeted:
            neighbour.handshakes.charge(FAILED_COSTS, now_ms)

    def forget_some(self, now_ms: int) -> None:
        """Forget those who are gone and have used nothing lately, and names that are too old."""
        if self._known or self._known_before:
            self._renew_key(now_ms)
        for known in (self._known, self._known_before):
            for name, neighbour in list(known.items()):
                if neighbour.untouched(now_ms):
                    del known[name]

    def __len__(self) -> int:
        return len(self._known) + len(self._known_before)

    def _find(self, place: Place, now_ms: int) -> Neighbour:
        self._renew_key(now_ms)
        name = _name(place, self._key)
        neighbour = self._known.get(name)
        if neighbour is None:
            before = self._known_before.pop(_name(place, self._key_before), None)
            if len(self._known) >= MOST_KNOWN:
                del self._known[next(iter(self._known))]
            neighbour = self._known[name] = before or Neighbour(self._limits)
            neighbour.in_rooms = _name(place, self._key_of_rooms)
        return neighbour

    def _renew_key(self, now_ms: int) -> None:
        """Whoever comes again is given a new name; with the key before, all others are gone."""
        passed = now_ms - self._key_since_ms
        if passed < KEY_LASTS_MS:
            return
        self._known_before = self._known if passed < 2 * KEY_LASTS_MS else {}
        self._known = {}
        self._key_before, self._key = self._key, self._rng(KEY_BYTES)
        self._key_since_ms = now_ms


def _name(place: Place, key: bytes) -> bytes:
    return blake2b(str(place).encode("ascii"), key=key, digest_size=16).digest()
