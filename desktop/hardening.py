"""What keeps the members' secrets out of crash dumps and out of other processes' reach."""

from __future__ import annotations

import ctypes
import os
import resource
import sys

_PR_SET_DUMPABLE = 4


def no_core_dumps() -> None:
    """No core file of this process, whoever collects them.

    The limit alone is ignored where systemd-coredump runs, hence the flag as well; it also keeps
    other processes of the same person from attaching a debugger.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0) != 0:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number))
