"""A composition root for tests alone: ``aside rpc`` with a cheap passphrase and a chosen death.

``python -m tests.faults.desktop_main DIR [before|after N]``: die by SIGKILL just before or just
after the N-th transaction, so that every gap between two transactions can be hit.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from desktop.engine.composition import released
from desktop.engine.engine import open_engine
from desktop.rpc.stdio import run_rpc
from desktop.store import vault
from desktop.store.header import Cost
from desktop.store.job import Job
from desktop.store.writer import Writer
from tests.faults.replacing import put

CHEAP = Cost(ops=1, memory=8192)


class MortalWriter(Writer):
    """Kills its process at one transaction."""

    left = 0
    before = False

    def _commit(self, jobs: Sequence[Job[Any]]) -> None:
        MortalWriter.left -= 1
        if self.before and self.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        super()._commit(jobs)
        if self.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)


def main(arguments: Sequence[str]) -> int:
    """Serve one profile on the pipes; the exit code."""
    folder, *death = arguments
    if death:
        MortalWriter.before = death[0] == "before"
        MortalWriter.left = int(death[1])
        put(vault, "Writer", MortalWriter)
    return run_rpc(open_engine(Path(folder), replace(released(), cost=CHEAP, weigh=len)))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
