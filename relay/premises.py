"""What all connections of a relay share."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct, field

from protocol.keys import Rng, Secret
from relay import unfinished
from relay.blobs import Blobs
from relay.counters import Counters
from relay.entrance import Entrance
from relay.fleeting.passes import Vouching
from relay.fleeting.presence import Presence
from relay.fleeting.signals import Signals
from relay.neighbours import Neighbours
from relay.outbox import Flusher
from relay.practices import Declared
from relay.readiness import Readiness
from relay.rooms.hall import Hall
from relay.rules.clock import Now
from relay.rules.limits import House
from relay.store.storage import Storage
from relay.switchboard import Switchboard
from relay.two_hops.forwarder import Forwarder
from relay.two_hops.handed_in import HandedIn
from relay.two_hops.opener import Opener
from relay.two_hops.peers import Peers
from relay.two_hops.sealing import Sealing
from relay.unfinished import Unfinished


class Premises(Struct, frozen=True):
    """Rules of the house, the store, the relay's keys, the time; and what is shared out."""

    house: House
    storage: Storage
    seed: Secret
    sealing: Sealing
    now: Callable[[], Now]
    rng: Rng
    neighbours: Neighbours
    opener: Opener
    forwarder: Forwarder
    handed_in: HandedIn
    flusher: Flusher
    blobs: Blobs
    declared: Declared
    switchboard: Switchboard
    presence: Presence
    signals: Signals
    vouching: Vouching
    hall: Hall
    entrance: Entrance = field(default_factory=Entrance)
    readiness: Readiness = field(default_factory=Readiness)
    counters: Counters = field(default_factory=Counters)
    unfinished: Unfinished = field(default_factory=lambda: Unfinished(unfinished.MOST_HEARD))
    unsent: Unfinished = field(default_factory=lambda: Unfinished(unfinished.MOST_UNSENT))
    peers: Peers = field(default_factory=Peers)
