"""No core file of a process that knows secrets."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]

CHILD = """
import ctypes, resource
from desktop.hardening import no_core_dumps
PR_GET_DUMPABLE = 3
libc = ctypes.CDLL(None)
print(libc.prctl(PR_GET_DUMPABLE, 0, 0, 0, 0))
no_core_dumps()
print(libc.prctl(PR_GET_DUMPABLE, 0, 0, 0, 0), *resource.getrlimit(resource.RLIMIT_CORE))
"""


def test_no_core_dumps() -> None:
    done = subprocess.run(
        [sys.executable, "-c", CHILD], cwd=ROOT, stdout=subprocess.PIPE, check=True, text=True
    )
    assert done.stdout.split("\n")[:2] == ["1", "0 0 0"]
