"""How much of everything: settings of the operator, and what a stranger may do how often."""

from __future__ import annotations

from dataclasses import dataclass

from msgspec import Struct, field

from relay.rules.federation import Federation

# What frames can say, and SQLite can add up.
HIGHEST_COUNT = 2**31 - 1
HIGHEST_BYTES = 2**53 - 1


class Limits(Struct, frozen=True):
    """What one relay puts up with."""

    connections: int = 10_000
    connections_per_address: int = 500
    handshakes_per_address: int = 600
    calls_in_flight: int = 64
    relay_calls_in_flight: int = 256
    failed_attempts: int = 100
    open_mailboxes: int = 16
    passes: int = 10_000
    capabilities: int = 4_000
    bundles: int = 1_000
    stored_bytes: int = 50 * 1024**3
    min_free: int = 64 * 1024**2
    keep_days: int = 30
    new_destinations: int = 100
    destination_packets: int = 50_000
    blob_bytes: int = 20 * 1024**3
    blob_days: int = 30
    slots: int = 100_000
    watches: int = 200_000


class Terms(Struct, frozen=True):
    """What a new pass is good for."""

    mailboxes: int = 8
    stored_bytes: int = 256 * 1024**2
    invites: int = 10
    forwards: int = 5_000
    forward_bytes: int = 64 * 1024**2
    rooms: int = 4
    blob_bytes: int = 512 * 1024**2


@dataclass(slots=True)
class Door:
    """While it is shut nobody new comes in; who is in stays, collects and may leave."""

    shut: bool = False


class House(Struct, frozen=True):
    """Who is let in, on which terms, within which limits."""

    open: bool = False
    terms: Terms = field(default_factory=Terms)
    limits: Limits = field(default_factory=Limits)
    door: Door = field(default_factory=Door)
    federation: Federation = field(default_factory=Federation)


def share_of(free: int, parts: int) -> int:
    """How much one of many may have. Since it is a part of what the others have left, no number of
    them takes all: who comes last finds less, and never nothing while anything is free."""
    return -(-free // parts)


class Allowance:
    """How often something may happen; one time is forgiven in each so many milliseconds."""

    def __init__(self, allowed: int, forgiven_each_ms: int) -> None:
        self._allowed = allowed
        self._each_ms = forgiven_each_ms
        self._count = 0.0
        self._at_ms = 0

    def another(self, now_ms: int) -> bool:
        """Count one; whether that was too many. What was too many is not counted."""
        self._forgive(now_ms)
        if self._count + 1 > self._allowed:
            return True
        self._count += 1
        return False

    def charge(self, times: int, now_ms: int) -> None:
        """Count so many more, as far as there are any left."""
        self._forgive(now_ms)
        self._count = min(self._count + times, max(self._allowed, self._count))

    def give_back(self) -> None:
        """What was counted last has shown itself to be harmless."""
        self._count = max(self._count - 1, 0.0)

    def untouched(self, now_ms: int) -> bool:
        """Whether all is forgiven."""
        self._forgive(now_ms)
        return self._count == 0

    def _forgive(self, now_ms: int) -> None:
        self._count = max(self._count - max(now_ms - self._at_ms, 0) / self._each_ms, 0.0)
        self._at_ms = now_ms
