"""Whether this machine's clock can be believed, as far as it can be told without asking anybody."""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Iterator
from enum import Enum

from relay.doctor.findings import Finding, Grade
from relay.rules.clock import HOUR_MS, Now

SUBJECT = "clock"
# Nobody ran a relay before there was one: the beginning of 2026.
EARLIEST_MS = 1_767_225_600_000
_UNSYNCHRONISED = 0x40
_FAILED = -1


class Kept(Enum):
    """Whether something keeps the clock right, as the kernel was told."""

    YES = 1
    NO = 2
    UNKNOWN = 3


class _Timex(ctypes.Structure):
    """The head of Linux' ``struct timex``, with room for all the rest."""

    _fields_ = (
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long),
        ("status", ctypes.c_int),
        ("rest", ctypes.c_char * 512),
    )


def kept_right() -> Kept:
    """Ask the kernel; reading needs no rights."""
    if sys.platform != "linux":
        return Kept.UNKNOWN
    timex = _Timex()
    try:
        answer = ctypes.CDLL(None, use_errno=True).adjtimex(ctypes.byref(timex))
    except (OSError, AttributeError):
        return Kept.UNKNOWN
    if answer == _FAILED:
        return Kept.UNKNOWN
    return Kept.NO if timex.status & _UNSYNCHRONISED else Kept.YES


def look(now_ms: int, last: Now | None, newest_file_ms: int, kept: Kept) -> Iterator[Finding]:
    """``last`` is the moment the relay wrote down, ``newest_file_ms`` the latest of its files."""
    seen_ms = max(newest_file_ms, 0 if last is None else last.wall_ms)
    if now_ms < EARLIEST_MS:
        yield Finding(SUBJECT, Grade.WRONG, "clock_early")
    elif now_ms < seen_ms - HOUR_MS:
        hours = (seen_ms - now_ms) // HOUR_MS
        kind = "clock_behind" if newest_file_ms > now_ms + HOUR_MS else "clock_disbelieved"
        yield Finding(SUBJECT, Grade.WRONG, kind, {"hours": hours})
    else:
        yield Finding(SUBJECT, Grade.OK, "clock_plausible")
    match kept:
        case Kept.YES:
            yield Finding(SUBJECT, Grade.OK, "clock_kept")
        case Kept.NO:
            yield Finding(SUBJECT, Grade.WARNING, "clock_alone")
        case Kept.UNKNOWN:
            yield Finding(SUBJECT, Grade.UNKNOWN, "clock_unknown")
