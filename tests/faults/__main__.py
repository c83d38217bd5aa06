"""The full figures: ``python -m tests.faults [FAULT ...] [--seed N] [--part F]``.

Each fault that is named, or all of them, at its full length, one after the other; what was found
goes into its row of ``tests/faults/README.md``. ``--part 0.1`` is a tenth of each: then the row
tells of a tenth. Exit 0 only if all of it ended well.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from pathlib import Path

from tests.faults import table
from tests.faults.longest import FAULTS, Skipped


def say(line: str) -> None:
    """One line, at once."""
    print(line, flush=True)


def endure(name: str, part: float, seed: int, *, write: bool) -> bool:
    """One fault in a folder of its own, which is kept where it did not end well."""
    fault, folder = FAULTS[name], Path(tempfile.mkdtemp(prefix="aside-faults-"))
    say(f"## {name}")
    try:
        figures = fault.run(part, seed, folder, say)
    except Skipped as exc:
        say(f"skipped: {exc}")
        return True
    cells = (*figures.cells(fault.aim), f"{seed}", table.today(), table.machine(), fault.mutant)
    say(" | ".join(cells))
    if write:
        table.write(table.FAULTS, name, cells)
    if figures.well:
        shutil.rmtree(folder)
    else:
        say(f"NOT WELL; everything is kept in {folder}")
    return figures.well


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("names", nargs="*", choices=[[], *FAULTS], metavar="FAULT")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--part", type=float, default=1.0, help="of the full length of each")
    parser.add_argument("--only-look", action="store_true", help="leave the table as it is")
    asked = parser.parse_args()
    went = [
        endure(name, asked.part, asked.seed, write=not asked.only_look)
        for name in asked.names or FAULTS
    ]
    return 0 if all(went) else 1


if __name__ == "__main__":
    sys.exit(main())
