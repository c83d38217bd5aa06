"""Programs of others to measure against, started fresh for one bench and ended after it.

``with peer("redis_always") as redis: ...`` gives a running peer on a free port of the loopback
with nothing on its disk. Only the process started here is ended, by its own id. A new peer is a
module with a ``Recipe`` and a line in ``RECIPES``; its package stands in
``packaging/system-packages.sh --bench``. What one says to it stands beside the recipe.
"""

from __future__ import annotations

from contextlib import AbstractContextManager

from tests.bench.peers import ejabberd, mosquitto, nats, prosody, redis
from tests.bench.peers.running import Peer, PeerMissing, Recipe, missing, running

RECIPES: dict[str, Recipe] = {
    "redis_always": redis.ALWAYS,
    "redis": redis.PUB_SUB,
    "prosody": prosody.OFFLINE,
    "ejabberd": ejabberd.OFFLINE,
    "ejabberd_tls": ejabberd.OVER_TLS,
    "ejabberd_muc": ejabberd.MUC,
    "nats": nats.PLAIN,
    "mosquitto": mosquitto.PLAIN,
}

__all__ = ["RECIPES", "Peer", "PeerMissing", "Recipe", "missing", "peer"]


def peer(name: str) -> AbstractContextManager[Peer]:
    return running(RECIPES[name])
