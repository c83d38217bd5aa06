"""What all connections of a relay share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from protocol.keys import Rng, Secret
from relay.outbox import Flusher
from relay.rules.clock import Now
from relay.rules.limits import House
from relay.store.storage import Storage
from relay.switchboard import Switchboard


@dataclass(frozen=True)
class Premises:
    """Rules of the house, the store, doorbells, outgoing rounds, the relay's key, the time."""

    house: House
    storage: Storage
    seed: Secret
    certificate: bytes
    now: Callable[[], Now]
    rng: Rng
    switchboard: Switchboard = field(default_factory=Switchboard)
    flusher: Flusher = field(default_factory=Flusher)
