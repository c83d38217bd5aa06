"""Where the app may keep its files and show its windows, found out before it begins with either.

Law: what is missing earns one sentence, never a traceback, nor Qt's own words and an abort.
"""

from __future__ import annotations

import ctypes
import errno
import os
import sys
from collections.abc import Mapping
from pathlib import Path

_PRIVATE, _OWN = 0o700, 0o600
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT)


def made(folder: Path, mode: int = _PRIVATE) -> bool:
    """Make ``folder`` with what leads to it; whether files can be kept there."""
    trial = folder / f".aside-{os.getpid()}"
    try:
        folder.mkdir(mode=mode, parents=True, exist_ok=True)
        # Asked by doing it: rights alone do not tell of file systems that take no files.
        os.close(os.open(trial, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, _OWN))
        trial.unlink()
    except FileExistsError:
        return folder.is_dir()  # a trial that was killed half-way; it could be made then
    except OSError as exc:
        return exc.errno in _NO_ROOM and folder.is_dir()  # told where it matters, and passes
    return True


def has_screen(environment: Mapping[str, str]) -> bool:
    """Whether Qt will find a screen; only where it would go to an X server, that one is asked."""
    chosen = environment.get("QT_QPA_PLATFORM", "")
    if sys.platform != "linux" or (chosen and not chosen.startswith("xcb")):
        return True
    if not chosen and environment.get("WAYLAND_DISPLAY"):
        return True
    return bool(environment.get("DISPLAY")) and _answers(environment["DISPLAY"])


def is_at_terminal() -> bool:
    """Whether somebody may read what is said there; from an icon on a desktop nobody does."""
    return any(
        stream is not None and stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr)
    )


def _answers(display: str) -> bool:
    """Whether the X server lets us in, by the library that Qt will ask as well."""
    try:
        xcb = ctypes.CDLL("libxcb.so.1")
    except OSError:
        return True  # then Qt's own words are the better ones
    xcb.xcb_connect.restype = ctypes.c_void_p
    xcb.xcb_connect.argtypes = (ctypes.c_char_p, ctypes.c_void_p)
    xcb.xcb_connection_has_error.argtypes = (ctypes.c_void_p,)
    xcb.xcb_disconnect.argtypes = (ctypes.c_void_p,)
    connection = xcb.xcb_connect(os.fsencode(display), None)
    failed = xcb.xcb_connection_has_error(connection)
    xcb.xcb_disconnect(connection)
    return not failed
