"""Every fault at its full length, and the mutant that its short form catches."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import trio

from tests.conftest import is_root
from tests.faults import cuts, full_disk, killed
from tests.faults.killed import Cast
from tests.faults.storm import Weather
from tests.faults.table import Figures

Say: TypeAlias = Callable[[str], None]
Run: TypeAlias = Callable[[float, int, Path, Say], Figures]

RESERVES = (0, 8 * 1024 * 1024)


class Skipped(Exception):
    """Why this fault cannot be had here."""


@dataclass(frozen=True)
class Fault:
    """``run`` takes a part of the full length, a seed, a folder, and where to say how it goes."""

    run: Run
    mutant: str


def _killed(part: float, seed: int, folder: Path, say: Say) -> Figures:
    weather = Weather(
        messages=int(50_000 * part), pace=40.0, kill_relay_s=2.0, kill_desktop_s=10.0, seed=seed
    )
    return trio.run(killed.run, weather, Cast(), folder, say)


def _cuts(part: float, seed: int, folder: Path, say: Say) -> Figures:
    _as_root("a disk of its own can only be mounted as root")
    return trio.run(cuts.run, int(200 * part), int(100_000 * part), seed, folder, say)


def _full(part: float, seed: int, folder: Path, say: Say) -> Figures:
    _as_root("a disk of its own can only be mounted as root")
    return trio.run(full_disk.figures, int(50 * part), seed, RESERVES, folder, say)


def _as_root(why: str) -> None:
    if not is_root():
        raise Skipped(why)


FAULTS = {
    "kill -9": Fault(
        _killed,
        "a relay that answers before its commit; a desktop that seals anew; one that forgets",
    ),
    "power cut": Fault(_cuts, "a relay that syncs less than FULL"),
    "full disk": Fault(_full, "a relay that keeps its ballast, or refuses everybody"),
}
