"""The rounds of the bench, and the rows of its table."""

from __future__ import annotations

import argparse
import os
import random
import resource
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median

import trio

from protocol.wire.address import parse_address, parse_relay_invitation
from relay.rooms.live import GAP_S
from tests.bench.idle import pss_kib
from tests.bench.peers import PeerMissing, peer
from tests.bench.reconnect import a_relay
from tests.bench.rooms import guests
from tests.bench.rooms.cases import (
    AIMS,
    MANY,
    OURS,
    PEERS,
    PUBLISHERS,
    RELAY,
    SEATS,
    UNDER_TLS,
    Case,
    Run,
    bounds,
    cases,
)
from tests.bench.rooms.cases import wrong as wrong_of
from tests.bench.rooms.generator import SOURCES, Hall, measure
from tests.bench.rooms.guests import Chains, HostsNoRooms
from tests.bench.rooms.halls import LENGTH, MANNERS, hall
from tests.bench.rooms.listeners import Listening
from tests.bench.rooms.removal import Removal, removal
from tests.bench.senders import GeneratorFailed, generator
from tests.faults.program import run_command
from tests.faults.relays import RELEASED, RelayProcess

SETTLES_S = 1.0
SIGNED = 120_000
REMOVAL = "removal"
SERVERS = (*OURS, *PEERS)
Enter = Callable[[int, int], AbstractContextManager[Hall]]


class Wrong(Exception):
    """Some seat did not hear what was sent as it was sent: the figure counts for nothing."""


@dataclass(frozen=True)
class Bench:
    """What all runs have in common. ``chains``: none where no relay is measured."""

    program: Path
    seconds: float
    chains: Chains | None

    def once(self, name: str, case: Case) -> Run:
        """Raises PeerMissing, HostsNoRooms, Wrong."""
        if name in OURS:
            return trio.run(self._at_a_relay, case, name == UNDER_TLS)
        manners = MANNERS[name]
        with peer(name) as other:
            enter = partial(hall, other.port, manners)
            return self._measured(other.pid, enter, case, one_order=manners.one_order)

    async def _at_a_relay(self, case: Case, tls: bool) -> Run:
        assert self.chains is not None
        come = partial(guests.hall_under_tls, self.program) if tls else guests.hall
        with tempfile.TemporaryDirectory(prefix="aside-bench-") as made:
            async with a_relay(Path(made), 1, "0.0.0.0" if tls else "127.0.0.1") as relay:
                code = await invited(relay)
                enter = partial(come, parse_address(relay.address), self.chains, code)
                listening = partial(
                    Listening,
                    relay.address,
                    self.chains.room.room,
                    self.chains.token,
                    case.verified,
                )
                measured = partial(
                    self._measured,
                    relay.pid,
                    enter,
                    case,
                    one_order=True,
                    listening=listening if case.verified and not tls else None,
                )
                return await trio.to_thread.run_sync(measured)

    def _measured(
        self,
        pid: int,
        enter: Enter,
        case: Case,
        *,
        one_order: bool,
        listening: Callable[[], Listening] | None = None,
    ) -> Run:
        before, began = pss_kib(pid), time.monotonic()
        with enter(case.seats, min(PUBLISHERS, case.seats - case.stalled)) as room:
            coming = time.monotonic() - began
            full = listening() if listening is not None else None
            time.sleep(SETTLES_S)
            silent = pss_kib(pid)
            found = measure(self.program, room, case.load(self.seconds), pid)
            grown = pss_kib(pid) - silent
            verified = None if full is None else full.end()
        wrong = wrong_of(found, one_order=one_order)
        if wrong:
            raise Wrong(", ".join(f"{fault} {times}" for fault, times in wrong.items()))
        if verified and (verified.wrong or set(verified.entries) != {found.sent}):
            raise Wrong(f"full clients: {verified.wrong or verified.entries} of {found.sent}")
        if found.sent == room.signed:
            raise Wrong("all that was signed was said too soon: give more with --signed")
        return Run(found, coming, (silent - before) / case.seats, grown, verified)


async def put_out(seats: int, rng: random.Random) -> Removal:
    """One of so many. Raises NotEverybody, HostsNoRooms."""
    chains = Chains(1, 1, LENGTH, rng.randbytes)
    with tempfile.TemporaryDirectory(prefix="aside-bench-") as made:
        async with a_relay(Path(made), 1, "127.0.0.1") as relay:
            address, code = parse_address(relay.address), await invited(relay)

            def measured() -> Removal:
                with guests.a_room(address, chains, code, seats, 1) as room:
                    return removal(room, chains.room, relay.pid)

            return await trio.to_thread.run_sync(measured)


async def invited(relay: RelayProcess) -> bytes:
    """A code; who takes a pass without one hosts nothing."""
    _, said = await run_command(RELEASED, "invite", str(relay.folder), log=relay.log)
    return bytes(parse_relay_invitation(said.strip()).code)


async def hosts_rooms() -> str:
    """Why a relay hosts no rooms; nothing if it does."""
    with tempfile.TemporaryDirectory(prefix="aside-bench-") as made:
        async with a_relay(Path(made), 1, "127.0.0.1") as relay:
            chains, code = Chains(1, 1, LENGTH, os.urandom), await invited(relay)
            enter = guests.hall(parse_address(relay.address), chains, code, 1, 1)
            try:
                with enter:
                    return ""
            except HostsNoRooms as exc:
                return str(exc)


def middle(runs: list[Run], figure: str) -> float:
    """The median of a figure that was found."""
    return float(median(getattr(run.found, figure) for run in runs))


def row(name: str, case: Case, runs: list[Run]) -> str:
    """Medians."""

    of = partial(middle, runs)
    window = f"window {case.window}" if case.window else "open"
    said = (
        f"{name} | {case.seats} seats, {case.title} | {window} | {of('per_second'):,.0f}/s"
        f" | CPU {of('cpu_us'):.2f} us each | p50 {of('p50_ms'):.1f} ms p99 {of('p99_ms'):.1f} ms"
        f" | to the last p50 {of('last_p50_ms'):.1f} ms p99 {of('last_p99_ms'):.1f} ms"
        f" | generator {of('generator_core'):.2f} of a core"
    )
    if case.rate:
        said += f", late p99 {of('late_p99_ms'):.1f} ms"
    if name in OURS:
        said += f" | tick {GAP_S * 1000:.0f} ms"
    if runs[-1].verified is not None:
        full = runs[-1].verified
        said += (
            f" | {len(full.entries)} full clients verified {full.entries[0]:,} entries and"
            f" {full.heads // len(full.entries)} heads each, with {full.cpu_s:.1f} s of CPU"
        )
    if case.coming:
        said += (
            f" | all in after {median(run.coming_s for run in runs):.1f} s"
            f" | {median(run.kib for run in runs):.1f} KiB each"
        )
    if case.stalled:
        said += f" | memory grew by {median(run.grown_kib for run in runs):,.0f} KiB"
    return said


def held(name: str, found: dict[str, list[Run]]) -> Iterator[str]:
    """How the relay stands to the peers of a case."""
    for aim in AIMS:
        if aim.case != name or not found.get(aim.peer) or not found.get(aim.ours):
            continue
        ours, theirs = (middle(found[each], aim.figure) for each in (aim.ours, aim.peer))
        times = ours / theirs if theirs else float("inf")
        bound = ">=" if aim.at_least else "<="
        yield (
            f"  {aim.ours}: {aim.figure} {times:.2f}x {aim.peer}, aim {bound}"
            f" {aim.times}x: {'holds' if aim.holds(ours, theirs) else 'MISSED'}"
        )


def run(
    bench: Bench, asked: dict[str, Case], servers: list[str], rounds: int
) -> Generator[str, None, int]:
    """The rows, case by case; returns how many runs were wrong."""
    failed, more = 0, list[Run]()
    for name, case in asked.items():
        found: dict[str, list[Run]] = defaultdict(list)
        for _ in range(rounds):
            for server in (each for each in case.servers if each in servers):
                try:
                    found[server].append(bench.once(server, case))
                except (PeerMissing, HostsNoRooms, GeneratorFailed) as exc:
                    yield f"{server} | no figure: {exc}"
                except Wrong as exc:
                    failed += 1
                    yield f"{server} | {case.seats} seats, {case.title} | WRONG: {exc}"
        yield from (row(server, case, runs) for server, runs in found.items() if runs)
        yield from held(name, found)
        if ours := found.get(RELAY):
            for what, figure, most in bounds(name, ours, more):
                verdict = "holds" if figure <= most else "MISSED"
                yield f"  {RELAY}: {what} {figure:.2f}, aim <= {most:g}: {verdict}"
            more = ours if name == "more" else more
    return failed


def main() -> int:
    known = cases(SEATS, MANY)
    parser = argparse.ArgumentParser(prog="python -m tests.bench.rooms", description=__doc__)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seats", type=int, default=SEATS)
    parser.add_argument("--many", type=int, default=MANY)
    every = [*known, REMOVAL]
    parser.add_argument("--cases", nargs="+", choices=every, default=every)
    parser.add_argument("--servers", nargs="+", choices=SERVERS, default=list(SERVERS))
    parser.add_argument("--signed", type=int, default=SIGNED, help="entries, for each run")
    asked = parser.parse_args()
    # Every seat is a descriptor here and at the server, which inherits how many it may have.
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    chosen = {name: cases(asked.seats, asked.many)[name] for name in asked.cases if name in known}
    servers = list(asked.servers)
    if set(OURS) & set(servers) and (why := trio.run(hosts_rooms)):
        print(f"{RELAY} | hosts no rooms: {why}", flush=True)
        servers = [each for each in servers if each not in OURS]
    rng = random.Random(asked.signed).randbytes
    if RELAY in servers and REMOVAL in asked.cases:
        for _ in range(asked.rounds):
            print(trio.run(put_out, asked.many, random.Random(asked.many)).row(), flush=True)
    if not chosen:
        return 0
    chains = Chains(PUBLISHERS, asked.signed, LENGTH, rng) if set(OURS) & set(servers) else None
    with generator(*SOURCES, tls=True) as program:
        rows = run(Bench(program, asked.seconds, chains), chosen, servers, asked.rounds)
        while True:
            try:
                print(next(rows), flush=True)
            except StopIteration as ended:
                return 1 if ended.value else 0
