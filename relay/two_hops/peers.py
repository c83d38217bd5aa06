"""Which relays are connected here; each on one connection."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from protocol.ids import Fingerprint

Replaced: TypeAlias = Callable[[], None]


class Peers:
    """By their fingerprints, with what ends their connection."""

    def __init__(self) -> None:
        self._here: dict[Fingerprint, Replaced] = {}

    def come(self, relay: Fingerprint, replaced: Replaced) -> None:
        """This connection is that relay's from now on; an earlier one is taken for dead."""
        earlier = self._here.get(relay)
        self._here[relay] = replaced
        if earlier is not None:
            earlier()

    def leave(self, relay: Fingerprint, replaced: Replaced) -> None:
        """Unless another connection has taken over."""
        if self._here.get(relay) == replaced:
            del self._here[relay]

    def __len__(self) -> int:
        return len(self._here)
