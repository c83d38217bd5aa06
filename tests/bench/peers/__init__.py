"""Programs of others to measure against, started fresh for one bench and ended after it.

``with peer("redis_always") as redis: ...`` gives a running peer on a free port of the loopback
with nothing on its disk. Only the process started here is ended, by its own id. A new peer is a
module with a ``Recipe`` and a line in ``RECIPES``.
"""

from __future__ import annotations

from contextlib import AbstractContextManager

from tests.bench.peers.redis import ALWAYS
from tests.bench.peers.running import Peer, PeerMissing, Recipe, running

RECIPES: dict[str, Recipe] = {"redis_always": ALWAYS}

__all__ = ["RECIPES", "Peer", "PeerMissing", "Recipe", "peer"]


def peer(name: str) -> AbstractContextManager[Peer]:
    return running(RECIPES[name])
