"""What all connections of a relay share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from protocol.keys import Rng, Secret
from relay.neighbours import Neighbours
from relay.outbox import Flusher
from relay.rules.clock import Now
from relay.rules.limits import House
from relay.store.storage import Storage
from relay.switchboard import Switchboard
from relay.unfinished import Unfinished


@dataclass(frozen=True)
class Premises:
    """Rules of the house, the store, the relay's key, the time; and what is shared out."""

    house: House
    storage: Storage
    seed: Secret
    certificate: bytes
    now: Callable[[], Now]
    rng: Rng
    neighbours: Neighbours
    switchboard: Switchboard = field(default_factory=Switchboard)
    flusher: Flusher = field(default_factory=Flusher)
    unfinished: Unfinished = field(default_factory=Unfinished)
