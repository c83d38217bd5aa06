"""Slots written and told of: 10,000 updates a second to 10 watchers each, and deposits beside.

``python -m tests.bench.presence [--seconds N] [--rounds N] [--writers N]``. The relay is a real
process over a real store; 250 connections write 40 slots each, once a second, and 250 others watch
400 each. A run counts only if at its end every one that watches has heard what was written last (of
two updates between two tellings the later one stands for both). Baseline: deposits of 2 KiB at the
same relay in the same run without any presence. The generator (``watchers.c``) shares the two cores
with the relay.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path
from statistics import median

import trio

from protocol.wire.address import parse_address
from tests.bench.senders import generator
from tests.bench.watchers import OF_A_SLOT, OF_EACH, SOURCE, Heard, measure, plan
from tests.faults.depositing import Sender, a_line, senders
from tests.faults.relays import RelayProcess, a_relay

WRITERS = 250
DEPOSITORS, DEPOSITS, IN_FLIGHT = 4, 800, 16


class Lost(Exception):
    """Somebody did not hear the last word: the figure counts for nothing."""


async def deposits(relay: RelayProcess, by: list[Sender]) -> float:
    """How many a second, on a few lines of this same process."""

    async def some(sender: Sender) -> None:
        async with a_line(relay) as line:
            await sender.deposit(line, DEPOSITS, IN_FLIGHT)

    began = time.monotonic()
    async with trio.open_nursery() as nursery:
        for sender in by:
            nursery.start_soon(some, sender)
    return DEPOSITS * len(by) / (time.monotonic() - began)


async def measured(program: Path, seconds: float, writers: int) -> tuple[Heard, float]:
    """One run, and the baseline. Raises Lost."""
    with tempfile.TemporaryDirectory(prefix="aside-bench-") as made:
        async with a_relay(Path(made)) as relay:
            people = await senders(relay, writers)
            quiet = await deposits(relay, people[:DEPOSITORS])
            port = parse_address(relay.address).port

            def beside() -> float:
                return trio.from_thread.run(deposits, relay, people[:DEPOSITORS])

            heard = await trio.to_thread.run_sync(
                measure, program, port, relay.pid, plan(people), seconds, beside
            )
    if heard.missed:
        raise Lost(str(heard.missed))
    return heard, quiet


def run(seconds: float, rounds: int, writers: int) -> str:
    """The row of the table."""
    with generator(SOURCE) as program:
        found = [trio.run(measured, program, seconds, writers) for _ in range(rounds)]
    updated, told, core, beside = (
        median(getattr(each, name) for each, _ in found)
        for name in ("updates", "told", "core", "beside")
    )
    quiet, aim = median(each for _, each in found), writers * OF_EACH
    return (
        f"updates {updated:,.0f}/s (aim {aim:,}) | told {told:,.0f}/s (aim {aim * OF_A_SLOT:,})"
        f" | {core:.2f} of a core, {core / told * 1e6:.1f} µs for each told"
        f" | deposits beside {beside:,.0f}/s, baseline without {quiet:,.0f}/s"
        f" | {beside / quiet:.2f}x"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--writers", type=int, default=WRITERS)
    asked = parser.parse_args()
    print(run(asked.seconds, asked.rounds, asked.writers))


if __name__ == "__main__":
    main()
