"""What an engine is given from outside: clock, chance, streams, threads, the passphrase's cost."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Awaitable, Callable

import trio
from msgspec import Struct
from msgspec.structs import replace

from desktop.core import passphrases
from desktop.engine.lines.connector import NetworkConnector
from desktop.engine.lines.network import watch_network
from desktop.engine.lines.outward import Network
from desktop.engine.timings import Timings
from desktop.store.header import REAL_COST, Cost
from desktop.store.threads import InLoop, Threads, WorkerThreads
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
    """What every released entry point uses for a profile that is kept."""
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


def passing(timings: Timings) -> Composition:
    """What the crowd of ``aside demo`` uses, and nothing else: hundreds of members to a process, in
    vaults that go with it. Their passphrases guard nothing, and what they wait for is memory.
    """
    return replace(
        released(),
        timings=timings,
        threads=InLoop(),
        cost=Cost(ops=1, memory=8192),
        weigh=len,
        watch_network=_unchanging,
    )


async def _unchanging(changed: Callable[[], None]) -> None:
    """A network that stays as it is: loopback."""
    await trio.sleep_forever()
