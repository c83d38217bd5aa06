"""``python -m tests.house.bare``: a fresh clone, and each target in one go, as a newcomer has it.

A clone of what is committed, a home without anything in it, no environment but the path, the
language and how the network is reached. Run it on a machine with nothing but Python 3.11, git and
make, for instance in a container of Debian: system packages are the one thing that is not taken
away here, so what is there already is said first.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
TARGETS = ("demo", "test")
_KEPT = ("PATH", "LANG", "TERM")
_NETWORK = ("PIP_", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "SSL_CERT")
_NOT_BARE = ("Xvfb", "fc-list", "redis-server")  # what the set-up brings on Debian


def environment(home: Path) -> dict[str, str]:
    """What is left of this one's."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name in _KEPT or name.upper().startswith(_NETWORK)
    }
    return kept | {"HOME": str(home)}


def try_target(folder: Path, target: str) -> bool:
    """Whether a clone of its own does all of it in one go."""
    clone, home = folder / target / "aside", folder / target / "home"
    home.mkdir(parents=True)
    subprocess.run(["git", "clone", "--quiet", "--no-hardlinks", ROOT, clone], check=True)
    began = time.monotonic()
    done = subprocess.run(["make", target], cwd=clone, env=environment(home), check=False)
    took = time.monotonic() - began
    sys.stdout.write(f"make {target}: exit {done.returncode} after {took:.0f} s\n")
    return done.returncode == 0


def main(targets: list[str]) -> int:
    """0 where each of them ended well."""
    there = [name for name in _NOT_BARE if shutil.which(name)]
    said = f"with {', '.join(there)} on it already" if there else "a bare one"
    sys.stdout.write(f"This machine: {said}\n")
    with tempfile.TemporaryDirectory(prefix="aside-bare-") as folder:
        well = [try_target(Path(folder), target) for target in targets]
    return 0 if all(well) else 1


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.house.bare", description=__doc__)
    parser.add_argument("targets", nargs="*", default=list(TARGETS), metavar="TARGET")
    sys.exit(main(parser.parse_args().targets))
