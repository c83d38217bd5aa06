"""What the ways to all other relays share."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

from protocol.wire.frames import Answered
from relay.outbox import Flusher
from relay.rules.clock import Now
from relay.rules.federation import Federation
from relay.store.storage import Storage
from relay.two_hops.calling import Connect
from relay.two_hops.peer_line import Myself


class Means(Struct, frozen=True):
    """What all routes share."""

    storage: Storage
    connect: Connect
    federation: Federation
    myself: Myself
    now: Callable[[], Now]
    flusher: Flusher
    tell: Callable[[Answered], None]
