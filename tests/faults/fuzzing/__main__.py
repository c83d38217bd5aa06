"""``python -m tests.faults.fuzzing [PARSER ...] [--inputs N] [--seed N]``: a million inputs each.

Every parser in a process of its own that may not grow; its row goes into the fault table, and what
got an answer of its own into the corpus.
"""

from __future__ import annotations

import argparse
import subprocess
import sys

import msgspec

from tests.faults import table
from tests.faults.fuzzing.harness import MOST_KEPT, Found
from tests.faults.fuzzing.parser import keep, kept
from tests.faults.fuzzing.parsers import PARSERS

AIM = table.Aim(times=1_000_000)


def alone(name: str, inputs: int, seed: int) -> Found:
    """In a process of its own, from its first breath."""
    command = [sys.executable, "-m", "tests.faults.fuzzing.alone", name, str(inputs), str(seed)]
    said = subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout
    return msgspec.json.decode(said, type=Found)


def _row(found: Found, name: str, seed: int) -> tuple[str, ...]:
    return (
        f"{found.inputs:,}",
        AIM.reached(found.inputs),
        f"{len(kept(name))}",
        f"{len(found.wrong)}",
        f"{found.slowest_ms:.1f} ms",
        f"{found.most_bytes / 2**20:.1f} MiB",
        "yes" if found.well else "**no**",
        f"{seed}",
        table.today(),
        table.machine(),
    )


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults.fuzzing", description=__doc__)
    parser.add_argument("names", nargs="*", choices=[[], *PARSERS], metavar="PARSER")
    parser.add_argument("--inputs", type=int, default=AIM.times)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only-look", action="store_true", help="change neither table nor corpus")
    asked = parser.parse_args()
    well = True
    for name in asked.names or PARSERS:
        found = alone(name, asked.inputs, asked.seed)
        well &= found.well
        if not asked.only_look:
            new = list(found.answers.values())
            keep(name, new[: max(0, MOST_KEPT - len(kept(name)))])
            table.write(table.PARSERS, name, _row(found, name, asked.seed))
        print(f"{name}: {' | '.join(_row(found, name, asked.seed))}", flush=True)
        for wrong in found.wrong:
            print(f"  {wrong}", flush=True)
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main())
