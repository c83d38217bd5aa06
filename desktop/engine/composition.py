"""What an engine is given from outside: clock, chance, streams, threads, the passphrase's cost."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Awaitable, Callable

from msgspec import Struct

from desktop.core import passphrases
from desktop.engine.lines.connector import NetworkConnector
from desktop.engine.lines.network import watch_network
from desktop.engine.lines.outward import Network
from desktop.engine.timings import Timings
from desktop.store.header import REAL_COST, Cost
from desktop.store.threads import Threads, WorkerThreads
from protocol.keys import Rng


class Composition(Struct, frozen=True):
    """Chosen by the composition root: ``desktop/app.py``, or a test's own."""

    network: Network
    now: Callable[[], int]
    rng: Rng
    chance: Callable[[], float]
    threads: Threads
    cost: Cost
    weigh: Callable[[str], int]  # a passphrase
    timings: Timings
    watch_network: Callable[[Callable[[], None]], Awaitable[None]]


def released() -> Composition:
    """What every released entry point uses. There is no cheaper one outside of the tests."""
    return Composition(
        network=NetworkConnector(),
        now=lambda: time.time_ns() // 1_000_000,
        rng=os.urandom,
        chance=random.SystemRandom().random,
        threads=WorkerThreads(),
        cost=REAL_COST,
        weigh=passphrases.score,
        timings=Timings(),
        watch_network=watch_network,
    )
