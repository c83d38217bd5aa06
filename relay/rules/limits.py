"""How much of everything: settings of the operator, and the count of a stranger's failures."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Limits:
    """What one relay puts up with."""

    connections: int = 10_000
    calls_in_flight: int = 64
    failed_attempts: int = 100
    open_mailboxes: int = 16
    passes: int = 10_000
    capabilities: int = 4_000
    bundles: int = 1_000
    stored_bytes: int = 50 * 1024**3
    keep_days: int = 30


@dataclass(frozen=True, slots=True)
class Terms:
    """What a new pass is good for."""

    mailboxes: int = 8
    stored_bytes: int = 256 * 1024**2
    invites: int = 10


@dataclass(frozen=True, slots=True)
class House:
    """Who is let in, on which terms, within which limits."""

    open: bool = False
    terms: Terms = field(default_factory=Terms)
    limits: Limits = field(default_factory=Limits)


class FailedAttempts:
    """How often one connection may name what does not exist. One is forgiven each second."""

    def __init__(self, allowed: int) -> None:
        self._allowed = allowed
        self._count = 0.0
        self._at_ms = 0

    def another(self, now_ms: int) -> bool:
        """Count one; whether that was too many."""
        self._count = max(self._count - max(now_ms - self._at_ms, 0) / 1000, 0.0) + 1
        self._at_ms = now_ms
        return self._count > self._allowed
