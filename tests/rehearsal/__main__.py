"""A rehearsal of rooms: four windows, hundreds of people without, and everything that can happen.

    python -m tests.rehearsal [--minutes 15] [--people 500] [--processes 4] [--pace 0.6]
                              [--out rehearsal-out]

Exit code 0 only if all of it was seen. The page it ends with lies in the folder, as do a transcript
and pictures of all four windows at each minute, two in light and two in dark.
"""

from __future__ import annotations

import sys
import tempfile
import time
from argparse import ArgumentParser
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path

import trio

from desktop.demo.crowd.leading import folder_of_vaults, open_crowd
from desktop.demo.crowd.told import Pace
from desktop.demo.person import NotSeen, Person
from desktop.demo.transcript import Transcript
from desktop.demo.virtual import open_virtual
from tests.faults.relays import RelayProcess, free_port, make_relay, serving
from tests.rehearsal.rehearsal import Rehearsal, invite, measured
from tests.rehearsal.report import Findings

PATIENCE_S = 60.0  # five hundred others take what they need of two cores
SCREEN = 1900
CAST = (
    ("Alice", "four kilns and a slow river", "Alice"),
    ("Bob", "wet clay under quiet lamps", "steady-otter"),
    ("Carol", "a shelf of salt and ash", "quiet-fern"),
    ("Dana", "seven bowls and no rim", "slow-heron"),
)
ASIDES = 10
FIRST_ASIDE = 10  # the number of the first of the people who are taken aside
END_S = 30.0


async def main(minutes: float, people: int, processes: int, pace: float, out: Path) -> int:
    """Play it; the exit code."""
    out.mkdir(parents=True, exist_ok=True)
    transcript = Transcript(out / "transcript.txt", time.monotonic, _show)
    findings = Findings(minutes, people, processes)
    wanted = Pace(pace, pace / 3, pace / 5, pace / 20)
    with tempfile.TemporaryDirectory(prefix="aside-r-") as name, folder_of_vaults() as vaults:
        folder = Path(name)
        cast = [Person(who, words, folder / who, patience_s=PATIENCE_S) for who, words, _ in CAST]
        await make_relay(folder / "relay", folder / "relay.log", free_port())
        relay = RelayProcess(folder / "relay", folder / "relay.log")
        async with (
            serving(relay),
            open_virtual(folder, SCREEN) as stage,
            AsyncExitStack() as desks,
            trio.open_nursery() as nursery,
        ):
            crowds = [await desks.enter_async_context(open_crowd()) for _ in range(processes)]
            nursery.start_soon(measured(cast, crowds, relay, findings))
            names = [name for _, _, name in CAST]
            rehearsal = Rehearsal(
                *(stage, cast, names, crowds, relay, out, findings, transcript, wanted)
            )
            invitation = await invite(relay, len(cast) + ASIDES)
            try:
                await rehearsal.begin(desks, invitation, vaults)
                await _evening(rehearsal, minutes, invitation)
                await rehearsal.end()
            except NotSeen as exc:
                findings.missed.append(str(exc))
                transcript.say(str(exc))
            finally:
                nursery.cancel_scope.cancel()
                (out / "report.md").write_text(findings.page(), "utf-8")
    _show(findings.page())
    return 1 if findings.wrong else 0


async def _evening(rehearsal: Rehearsal, minutes: float, invitation: str) -> None:
    """What happens, and after which part of the time; and pictures at each minute."""
    acts: list[tuple[float, str, Callable[[], Awaitable[None]]]] = [
        (0.05, "a question asked, voted for and answered", rehearsal.question),
        (0.20, "a flood", rehearsal.flood),
        (0.30, "a removal", rehearsal.removal),
        (0.42, "the relay killed, and back", rehearsal.restart),
    ]
    reached = range(FIRST_ASIDE, FIRST_ASIDE + ASIDES)
    acts.append((0.55, "ten who can be asked", partial(rehearsal.reach, invitation, [*reached])))
    for number, whom in enumerate(reached):
        act = partial(rehearsal.aside, number, whom)
        acts.append((0.58 + 0.035 * number, f"aside number {number + 1}", act))
    seconds, began = 60 * minutes, trio.current_time()
    minute = 0
    while acts or trio.current_time() < began + seconds:
        now = trio.current_time() - began
        if acts and now >= acts[0][0] * seconds:
            _, what, do = acts.pop(0)
            await rehearsal.step(what, do)
        elif now >= 60 * minute and minute <= minutes:
            await rehearsal.minute(minute)
            minute += 1
        else:
            await trio.sleep(0.5)


def _show(said: str) -> None:
    sys.stdout.write(said)
    sys.stdout.flush()


if __name__ == "__main__":
    parser = ArgumentParser("python -m tests.rehearsal", description=__doc__)
    parser.add_argument("--minutes", type=float, default=15.0)
    parser.add_argument("--people", type=int, default=500)
    parser.add_argument("--processes", type=int, default=4)
    parser.add_argument("--pace", type=float, default=0.6)
    parser.add_argument("--out", type=Path, default=Path("rehearsal-out"))
    asked = parser.parse_args()
    options = (asked.minutes, asked.people, asked.processes, asked.pace, asked.out)
    sys.exit(trio.run(main, *options))
