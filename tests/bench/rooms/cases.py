"""What is measured of a room, and what is aimed at beside which peer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from statistics import median

from tests.bench.rooms.generator import Found, Load
from tests.bench.rooms.listeners import Verified

RELAY, UNDER_TLS = "relay", "relay_tls"
OURS = (RELAY, UNDER_TLS)
PEERS = ("redis", "nats", "mosquitto", "ejabberd_muc")
SEATS, FEW, MANY = 500, 10, 5000
PUBLISHERS = 8
FULL = 10
WINDOW = 256
# Entries a second: with 500 seats 100,000 and a million deliveries.
SOME, MORE, FOR_MANY = 200, 2000, 20


@dataclass(frozen=True)
class Case:
    """So many seats under such a load, at these servers."""

    title: str
    seats: int
    window: int = 0
    rate: int = 0  # entries a second, to be sent whatever comes back
    servers: tuple[str, ...] = (RELAY, *PEERS)
    stalled: int = 0
    verified: int = 0  # full clients beside the seats, at a relay
    coming: bool = False  # how long it takes to come in, and what memory each seat takes

    def load(self, seconds: float) -> Load:
        return Load(seconds, window=self.window, rate=self.rate, stalled=self.stalled)


def cases(seats: int, many: int) -> dict[str, Case]:
    """By the name that is given on the command line."""
    two = (RELAY, *PEERS[:2])
    return {
        "full": Case("as many as it takes", seats, WINDOW, servers=(*OURS, *PEERS)),
        "steady": Case(
            f"{SOME} entries a second", seats, rate=SOME, servers=(*OURS, *PEERS), verified=FULL
        ),
        "few": Case("as many as it takes", FEW, WINDOW),
        "many": Case(
            f"{FOR_MANY} entries a second",
            many,
            rate=FOR_MANY,
            servers=(RELAY, *PEERS[:3]),
            coming=True,
        ),
        "more": Case(f"{MORE} entries a second", seats, rate=MORE, servers=two),
        "stalled": Case(
            "the same, but one does not read", seats, rate=MORE, servers=two, stalled=1
        ),
    }


@dataclass(frozen=True)
class Run:
    """One load at one server, and what stood beside it."""

    found: Found
    coming_s: float  # until all were in
    kib: float  # of the server's memory for each seat
    grown_kib: float  # what its memory grew by under the load
    verified: Verified | None = None


@dataclass(frozen=True)
class Aim:
    """What the relay is to reach in a case, as a multiple of a peer's figure."""

    case: str
    figure: str
    peer: str
    times: float
    at_least: bool = False
    ours: str = RELAY

    def holds(self, ours: float, theirs: float) -> bool:
        if self.at_least:
            return ours >= self.times * theirs
        return ours <= self.times * theirs


AIMS = (
    Aim("full", "per_second", "redis", 2, at_least=True),
    Aim("full", "per_second", "nats", 4, at_least=True),
    Aim("full", "per_second", "mosquitto", 40, at_least=True),
    Aim("full", "per_second", "ejabberd_muc", 100, at_least=True),
    Aim("full", "per_second", "redis", 1, at_least=True, ours=UNDER_TLS),
    Aim("steady", "cpu_us", "redis", 1.25),
    Aim("steady", "cpu_us", "mosquitto", 0.6),
    Aim("steady", "p50_ms", "mosquitto", 1.1),
    Aim("steady", "p99_ms", "mosquitto", 1.5),
    Aim("few", "per_second", "mosquitto", 2, at_least=True),
)


# Of the relay in the row of many, whatever peers do.
MANY_P99_MS, MANY_IN_S, MANY_KIB = 500.0, 60.0, 40.0
# One who does not read costs the others at most so much of what they have without.
STALLED_TIMES = 1.2


def bounds(name: str, runs: list[Run], without: list[Run]) -> Iterator[tuple[str, float, float]]:
    """What the relay is to keep to in a case, by itself: what, how much, at most."""
    if name == "many":
        yield "p99, ms", median(run.found.p99_ms for run in runs), MANY_P99_MS
        yield "all in, s", median(run.coming_s for run in runs), MANY_IN_S
        yield "KiB each", median(run.kib for run in runs), MANY_KIB
    if name == "stalled" and without:
        alone = median(run.found.p99_ms for run in without)
        p99 = median(run.found.p99_ms for run in runs)
        yield "the others' p99, times that without", p99 / alone, STALLED_TIMES


def wrong(found: Found, *, one_order: bool) -> dict[str, int]:
    """What it is found guilty of. Where no order is promised, there is none to be held."""
    held = found.faults if one_order else found.faults | {"order": 0}
    return {fault: times for fault, times in held.items() if times}
