"""All benches, one after the other: ``python -m tests.bench [NAME ...] [--folder DIR] [--quick]``.

Each is a program of its own and can be run alone. Made-up vaults of a million messages are kept in
the folder for the next time. Nothing else should run on the machine meanwhile.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tests.bench.peers import RECIPES, missing


@dataclass(frozen=True)
class Bench:
    """A module here; whether it keeps things in the folder; what makes it short."""

    module: str
    keeps: bool
    quick: tuple[str, ...]


BENCHES = {
    bench.module: bench
    for bench in (
        Bench("start", keeps=True, quick=("--messages", "20000", "--rounds", "3")),
        Bench("vault", keeps=True, quick=("--messages", "20000", "--rounds", "30")),
        Bench("message_view", keeps=False, quick=("--seconds", "2")),
        Bench("stage_view", keeps=False, quick=("--seconds", "2")),
        Bench("room_window", keeps=False, quick=("--seconds", "4")),
        Bench("deposits", keeps=False, quick=("--seconds", "2", "--rounds", "1")),
        Bench("framing", keeps=False, quick=("--seconds", "1", "--rounds", "1")),
        Bench("idle", keeps=False, quick=("--connections", "50", "--rounds", "1")),
        Bench("forwarding", keeps=False, quick=("--packets", "3000", "--rounds", "1")),
        Bench("chunks", keeps=False, quick=("--chunks", "60", "--rounds", "1")),
        Bench("presence", keeps=False, quick=("--seconds", "2", "--rounds", "1")),
        Bench("alike", keeps=False, quick=("--count", "500")),
        Bench("reconnect", keeps=False, quick=("--clients", "100")),
        Bench(
            "rooms",
            keeps=False,
            quick=(
                "--seconds",
                "1",
                "--rounds",
                "1",
                "--seats",
                "20",
                "--many",
                "40",
                "--signed",
                "20000",
            ),
        ),
        Bench("latency", keeps=False, quick=("--count", "50")),
    )
}


def command(bench: Bench, folder: Path, *, quick: bool) -> list[str]:
    """How it is run alone."""
    kept = [str(folder / bench.module)] if bench.keeps else []
    short = bench.quick if quick else ()
    return [sys.executable, "-m", f"tests.bench.{bench.module}", *kept, *short]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("names", nargs="*", choices=[[], *BENCHES], metavar="NAME")
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir(), "aside-bench"))
    parser.add_argument(
        "--quick", action="store_true", help="a minute for all; figures of no worth"
    )
    asked = parser.parse_args()
    absent = missing(RECIPES)
    if absent:
        print(f"Not installed: {', '.join(absent)}. Benches beside them end without figures.")
    asked.folder.mkdir(parents=True, exist_ok=True)
    failed: list[str] = []
    for name in asked.names or BENCHES:
        print(f"\n## {name} (load before: {os.getloadavg()[0]:.1f})\n", flush=True)
        if subprocess.run(
            command(BENCHES[name], asked.folder, quick=asked.quick), check=False
        ).returncode:
            failed.append(name)
    if failed:
        print(f"\nDid not end well: {', '.join(failed)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
