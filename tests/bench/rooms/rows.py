"""The rounds of the bench, and the rows of its table."""

from __future__ import annotations

import argparse
import resource
import time
from collections import defaultdict
from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path
from statistics import median

from tests.bench.idle import pss_kib
from tests.bench.peers import PeerMissing, peer
from tests.bench.rooms.cases import AIMS, MANY, PEERS, PUBLISHERS, RELAY, SEATS, Case, Run, cases
from tests.bench.rooms.cases import wrong as wrong_of
from tests.bench.rooms.generator import SOURCES, Hall, measure
from tests.bench.rooms.halls import MANNERS, hall
from tests.bench.senders import generator

SETTLES_S = 1.0
Enter = Callable[[int, int], AbstractContextManager[Hall]]


class Wrong(Exception):
    """Some seat did not hear what was sent as it was sent: the figure counts for nothing."""


@contextmanager
def at_a_peer(name: str) -> Generator[tuple[int, Enter]]:
    """Its process, and how so many take their seats in it. Raises PeerMissing."""
    with peer(name) as other:
        yield (
            other.pid,
            lambda seats, publishers: hall(other.port, MANNERS[name], seats, publishers),
        )


def once(program: Path, name: str, case: Case, seconds: float) -> Run:
    """Raises PeerMissing, Wrong."""
    with at_a_peer(name) as (pid, enter):
        before, began = pss_kib(pid), time.monotonic()
        with enter(case.seats, min(PUBLISHERS, case.seats - case.stalled)) as room:
            coming = time.monotonic() - began
            time.sleep(SETTLES_S)
            silent = pss_kib(pid)
            found = measure(program, room, case.load(seconds), pid)
            grown = pss_kib(pid) - silent
    wrong = wrong_of(found, one_order=MANNERS[name].one_order)
    if wrong:
        raise Wrong(", ".join(f"{fault} {times}" for fault, times in wrong.items()))
    return Run(found, coming, (silent - before) / case.seats, grown)


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
        if aim.case != name or not found.get(aim.peer) or not found.get(RELAY):
            continue
        ours, theirs = (middle(found[each], aim.figure) for each in (RELAY, aim.peer))
        times = ours / theirs if theirs else float("inf")
        yield (
            f"  {aim.figure} {times:.2f}x {aim.peer}, aim {'>=' if aim.at_least else '<='}"
            f" {aim.times}x: {'holds' if aim.holds(ours, theirs) else 'MISSED'}"
        )


def run(
    asked: dict[str, Case], servers: list[str], seconds: float, rounds: int
) -> Generator[str, None, int]:
    """The rows, case by case; returns how many runs were wrong."""
    failed = 0
    with generator(*SOURCES) as program:
        for name, case in asked.items():
            found: dict[str, list[Run]] = defaultdict(list)
            for _ in range(rounds):
                for server in (each for each in case.servers if each in servers):
                    try:
                        found[server].append(once(program, server, case, seconds))
                    except PeerMissing as exc:
                        yield f"{server} | no figure: {exc}"
                    except Wrong as exc:
                        failed += 1
                        yield f"{server} | {case.seats} seats, {case.title} | WRONG: {exc}"
            yield from (row(server, case, runs) for server, runs in found.items() if runs)
            yield from held(name, found)
    return failed


def main() -> int:
    known = cases(SEATS, MANY)
    parser = argparse.ArgumentParser(prog="python -m tests.bench.rooms", description=__doc__)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seats", type=int, default=SEATS)
    parser.add_argument("--many", type=int, default=MANY)
    parser.add_argument("--cases", nargs="+", choices=known, default=list(known))
    parser.add_argument("--servers", nargs="+", choices=PEERS, default=list(PEERS))
    asked = parser.parse_args()
    # Every seat is a descriptor here and at the server, which inherits how many it may have.
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    chosen = {name: cases(asked.seats, asked.many)[name] for name in asked.cases}
    rows = run(chosen, asked.servers, asked.seconds, asked.rounds)
    while True:
        try:
            print(next(rows), flush=True)
        except StopIteration as ended:
            return 1 if ended.value else 0
