"""From start to first paint, to the list, to a conversation; memory. Beside Qt's bare import.

``python -m tests.bench.start FOLDER [--messages N] [--rounds N]``. The profile with N messages is
made once and kept in FOLDER. Its passphrase is cheap to check: key derivation is left aside.
Bytecode is kept in FOLDER too: an installed program has it, a checkout may not.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import trio
from msgspec.structs import replace

from desktop.engine.composition import released
from desktop.engine.engine import open_engine
from desktop.store import header
from desktop.store.beginnings import VAULT_FILE
from desktop.store.connection import connect
from desktop.store.header import Cost
from tests.bench.vault import make, talk

PASSPHRASE = "a passphrase for the bench"
CHEAP = Cost(ops=1, memory=8192)
IMPORT = "import PySide6.QtWidgets, time; print(time.monotonic_ns())"
STEPS = {
    "paint": "first paint",
    "asked": "passphrase asked for",
    "list": "list, the passphrase given at once",
    "messages": "newest messages of a conversation",
}


async def _new_profile(folder: Path) -> None:
    async with open_engine(folder, replace(released(), cost=CHEAP)) as engine:
        await engine.profile_create("Alice", PASSPHRASE)


def profile(folder: Path, count: int) -> Path:
    """A profile with so many messages, made on the first call."""
    made = folder / f"profile-{count}"
    if not made.exists():
        begin = time.perf_counter()
        making = folder / f"profile-{count}.making-{os.getpid()}"
        making.mkdir(mode=0o700, parents=True)
        trio.run(_new_profile, making)
        with closing(
            connect(making / VAULT_FILE, header.unlock(making, PASSPHRASE).db_key)
        ) as all_:
            make(all_, talk(), count)
        making.rename(made)
        print(f"made {made.name} in {time.perf_counter() - begin:.0f} s")
    return made


def surroundings(folder: Path) -> dict[str, str]:
    """As an installed program has them: bytecode is there, and no screen is waited for."""
    given = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    return given | {"PYTHONPYCACHEPREFIX": str(folder / "bytecode"), "QT_QPA_PLATFORM": "offscreen"}


def bare(given: dict[str, str]) -> float:
    """How long Python and Qt take without us, in milliseconds."""
    began = time.monotonic_ns()
    said = subprocess.run(
        [sys.executable, "-c", IMPORT], capture_output=True, check=True, timeout=60, env=given
    )
    return (int(said.stdout) - began) / 1e6


def started(folder: Path, given: dict[str, str]) -> dict[str, float]:
    """One start of the app, and what its stopwatch said."""
    command = [sys.executable, "-m", "tests.bench.started", str(folder), PASSPHRASE]
    began = time.monotonic_ns()
    said = subprocess.run(
        [*command, str(began)],
        capture_output=True,
        check=False,
        timeout=120,
        env=given,
        text=True,
    )
    if said.returncode:
        raise RuntimeError(said.stderr)
    found: dict[str, float] = json.loads(said.stdout)
    return found


def middle(values: list[float]) -> float:
    return sorted(values)[len(values) // 2]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--messages", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=9)
    asked = parser.parse_args()
    here = profile(asked.folder, asked.messages)
    starts: list[dict[str, float]] = []
    imports: list[float] = []
    given = surroundings(asked.folder)
    for _ in range(asked.rounds + 1):
        imports.append(bare(given))
        starts.append(started(here, given))
    del imports[0], starts[0]  # the disk was cold, and nothing was compiled
    base = middle(imports)
    print(f"\n| {asked.messages:,} messages, median of {asked.rounds} | ms | × the import |")
    print("|---|---:|---:|")
    print(f"| `import PySide6.QtWidgets` | {base:.0f} | 1.0 |")
    for step, named in STEPS.items():
        took = middle([one[step] for one in starts])
        print(f"| {named} | {took:.0f} | {took / base:.1f} |")
    working = middle([one["cpu"] for one in starts])
    print(f"\nWorking until the list, all threads: {working:.0f} ms.")
    print(f"Resident: {middle([one['memory'] for one in starts]):.0f} MB.")


if __name__ == "__main__":
    main()
