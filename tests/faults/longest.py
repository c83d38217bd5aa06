"""Every fault at its full length, and the mutant that its short form catches."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import trio

from tests.conftest import is_root
from tests.faults import cuts, full_disk, killed, town
from tests.faults.awake import AwakeClock
from tests.faults.killed import Cast
from tests.faults.stories import bad_line as bad_line_story
from tests.faults.stories import byzantine as byzantine_story
from tests.faults.stories import clock_jumps as clock_jumps_story
from tests.faults.stories import half_open as half_open_story
from tests.faults.stories import partition as partition_story
from tests.faults.stories.bad_line import bad_line
from tests.faults.stories.byzantine import byzantine
from tests.faults.stories.clock_jumps import clock_jumps
from tests.faults.stories.half_open import half_open
from tests.faults.stories.partition import partition
from tests.faults.storm import Weather
from tests.faults.table import Aim, Figures
from tests.faults.virtual import Tally, play_all
from tests.whole.world import World

Say: TypeAlias = Callable[[str], None]
Run: TypeAlias = Callable[[float, int, Path, Say], Figures]

KILLS = Aim(times=500, messages=50_000)
CUTS = Aim(times=200, messages=100_000)
FULL = Aim(times=50)
TOWN = Aim(messages=100_000)
KILLED_S = 3600.0 / 2
RESERVES = (0, 8 * 1024 * 1024)


class Skipped(Exception):
    """Why this fault cannot be had here."""


@dataclass(frozen=True)
class Fault:
    """``run`` takes a part of the full length, a seed, a folder, and where to say how it goes."""

    run: Run
    aim: Aim
    mutant: str


def _killed(part: float, seed: int, folder: Path, say: Say) -> Figures:
    weather = Weather(
        messages=int(KILLS.messages * part),
        pace=40.0,
        kill_relay_s=2.0,
        kill_desktop_s=10.0,
        seed=seed,
        longest_s=KILLED_S,
        calm_s=KILLED_S,
    )
    return trio.run(killed.run, weather, Cast(), folder, say, clock=AwakeClock())


def _cuts(part: float, seed: int, folder: Path, say: Say) -> Figures:
    _as_root("a disk of its own can only be mounted as root")
    cut, stored = int(CUTS.times * part), int(CUTS.messages * part)
    return trio.run(cuts.run, cut, stored, seed, folder, say, clock=AwakeClock())


def _full(part: float, seed: int, folder: Path, say: Say) -> Figures:
    _as_root("a disk of its own can only be mounted as root")
    rounds = int(FULL.times * part)
    return trio.run(full_disk.figures, rounds, seed, RESERVES, folder, say, clock=AwakeClock())


def _town(part: float, seed: int, folder: Path, say: Say) -> Figures:
    _as_root("a disk of its own can only be mounted as root")
    plan = town.Plan(
        messages=int(TOWN.messages * part), pace=60.0, every_s=20.0, lasts_s=(1.0, 15.0), seed=seed
    )
    outcome = trio.run(town.run, plan, folder, say, clock=AwakeClock())
    say(town.row(outcome, plan))
    troubles = ", ".join(f"{what} {outcome.troubles[what]} times" for what in town.TROUBLES)
    return Figures(
        done=f"three relays and six desktops on different mailboxes, relays {troubles}",
        messages=outcome.total("composed"),
        lost=outcome.total("lost") + outcome.total("unasked") + outcome.unheard,
        doubled=outcome.total("doubled"),
        disordered=outcome.total("disordered"),
        worst=f"all there {outcome.settled_s:.0f} s after the last trouble,"
        f" and the last receipt after {outcome.heard_s:.0f} s;"
        f" {outcome.total('repaired')} came late and are marked so",
        well=outcome.well,
    )


def _as_root(why: str) -> None:
    if not is_root():
        raise Skipped(why)


@dataclass(frozen=True)
class Virtual:
    """A story with a virtual clock: told in so many worlds, and nothing may take too long."""

    story: Callable[[World, int], Awaitable[Tally]]
    length: int
    worlds: int
    within: dict[str, float]
    done: str
    worst: str
    mutant: str

    @property
    def aim(self) -> Aim:
        return Aim(times=self.worlds * self.length)

    def run(self, part: float, seed: int, folder: Path, say: Say) -> Figures:
        """All of it, or a part."""
        worlds = max(1, int(self.worlds * part))
        return self.figures(
            play_all(self.story, self.length, worlds, seed, folder, say), worlds, self.length
        )

    def figures(self, tally: Tally, worlds: int, length: int) -> Figures:
        """A row; well only if nothing took longer than it may."""
        in_time = all(tally.worst.get(kind, 0.0) <= most for kind, most in self.within.items())
        worst = {kind: f"{seconds:.0f} s" for kind, seconds in tally.worst.items()}
        return Figures(
            done=self.done.format(worlds=worlds, length=length, all=worlds * length),
            messages=tally.messages,
            lost=tally.lost + tally.strange,
            doubled=tally.doubled,
            disordered=tally.disordered,
            worst=self.worst.format(**worst),
            well=tally.well and in_time and tally.messages > 0,
            times=worlds * length,
        )


STORIES = {
    "half-open lines": Virtual(
        half_open,
        length=15,
        worlds=20,
        within=half_open_story.WITHIN,
        done="{all} lines, of desktops and between relays, fell silent and nobody said so",
        worst="noticed after {noticed}, all there {delivered} after the line was well",
        mutant="a desktop that never asks whether anybody is there; a relay that does not",
    ),
    "bad lines": Virtual(
        bad_line,
        length=100,
        worlds=10,
        within=bad_line_story.WITHIN,
        done="half of everything lost and 2 s there and back on every line, {worlds} times over"
        " {length} messages each way",
        worst="a message took {delivered}",
        mutant="nobody remembers what came",
    ),
    "partition": Virtual(
        partition,
        length=20,
        worlds=40,
        within=partition_story.WITHIN,
        done="five relays apart for an hour, {worlds} times",
        worst="all there {delivered} after the end, and {met} after the relays that hold it met",
        mutant="a relay that hardly tries again, whoever calls",
    ),
    "byzantine relay": Virtual(
        byzantine,
        length=200,
        worlds=20,
        within=byzantine_story.WITHIN,
        done="one of a member's two relays drops 30 %, refuses 10 % of what it is given, swaps,"
        " repeats, replays, forges, and its clock is ten years off",
        worst="a message took {delivered}",
        mutant="a desktop that waits for one relay alone",
    ),
    "clock jumps": Virtual(
        clock_jumps,
        length=25,
        worlds=20,
        within=clock_jumps_story.WITHIN,
        done="{all} jumps of ten years, of desktops' and relays' clocks, at work",
        worst="all there {delivered} after a line was back",
        mutant="a desktop that believes its own clock",
    ),
}

FAULTS: dict[str, Fault | Virtual] = {
    "kill -9": Fault(
        _killed,
        KILLS,
        "a relay that answers before its commit; a desktop that seals anew; one that forgets",
    ),
    "power cut": Fault(_cuts, CUTS, "a relay that syncs less than FULL"),
    "full disk": Fault(_full, FULL, "a relay that keeps its ballast, or refuses everybody"),
    "town": Fault(_town, TOWN, "relays that promise what they do not keep"),
    **STORIES,
}
