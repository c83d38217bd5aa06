"""Whether the disk has room, is a disk, and says "on disk" only of what is.

An fsync that returns faster than any medium can write is answered by a cache that a power cut
empties: then ``Stored`` would be a promise that nobody keeps.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median

from relay.doctor.findings import Finding, Grade

SUBJECT = "disk"
SYNC = "fsync"
SYNCS = 200
# No drive takes a write of 4 KiB and answers over its bus in less, not even one with a battery.
IMPOSSIBLE_US = 8.0
SLOW_US = 20_000.0
LITTLE_FREE = 1 << 30
_BLOCK = os.urandom(4096)
_IN_MEMORY = ("tmpfs", "ramfs")
_FAR = ("nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "fuse.sshfs", "afs", "ceph")


def look(folder: Path, min_free: int, steady: Callable[[], int]) -> Iterator[Finding]:
    """``steady`` counts nanoseconds. Writes a file in the folder and removes it."""
    free = shutil.disk_usage(folder).free
    facts: dict[str, object] = {"free": free, "min_free": min_free}
    if free < min_free:
        yield Finding(SUBJECT, Grade.WRONG, "disk_full", facts)
    elif free < max(2 * min_free, LITTLE_FREE):
        yield Finding(SUBJECT, Grade.WARNING, "disk_little", facts)
    else:
        yield Finding(SUBJECT, Grade.OK, "disk_free", facts)
    kind = filesystem(folder)
    if kind in _IN_MEMORY:
        yield Finding(SUBJECT, Grade.WRONG, "disk_memory", {"filesystem": kind})
    elif kind in _FAR:
        yield Finding(SUBJECT, Grade.WRONG, "disk_far", {"filesystem": kind})
    elif kind == "overlay":
        yield Finding(SUBJECT, Grade.WARNING, "disk_overlay", {"filesystem": kind})
    try:
        took = measure(folder, steady)
    except OSError:
        yield Finding(SYNC, Grade.WRONG, "fsync_fails")
        return
    yield judge(took)


def judge(took_us: list[float]) -> Finding:
    """What so many syncs say of the disk."""
    middle = median(took_us)
    slow = sorted(took_us)[len(took_us) * 99 // 100]
    facts: dict[str, object] = {"median_us": round(middle, 1), "p99_us": round(slow, 1)}
    if middle < IMPOSSIBLE_US:
        return Finding(SYNC, Grade.WRONG, "fsync_lies", facts)
    if middle > SLOW_US:
        return Finding(SYNC, Grade.WARNING, "fsync_slow", facts)
    return Finding(SYNC, Grade.OK, "fsync_honest", facts)


def measure(folder: Path, steady: Callable[[], int]) -> list[float]:
    """Microseconds of each of many small writes with a sync. Raises OSError."""
    sync = getattr(os, "fdatasync", os.fsync)
    took = list[float]()
    handle, name = tempfile.mkstemp(prefix=".partly-doctor-", dir=folder)
    try:
        for _ in range(SYNCS):
            os.write(handle, _BLOCK)
            started = steady()
            sync(handle)
            took.append((steady() - started) / 1000)
    finally:
        os.close(handle)
        Path(name).unlink(missing_ok=True)
    return took


def filesystem(folder: Path, table: Path = Path("/proc/self/mountinfo")) -> str:
    """Which kind the folder lies on; nothing where the system does not tell."""
    try:
        lines = table.read_text("utf-8", "surrogateescape").splitlines()
    except OSError:
        return ""
    here, best, kind = folder.resolve(), -1, ""
    for line in lines:
        before, _, after = line.partition(" - ")
        mounted = Path(before.split(" ")[4].replace("\\040", " "))
        # Of two that are mounted on one place the later one is seen.
        if here.is_relative_to(mounted) and len(mounted.parts) >= best:
            best, kind = len(mounted.parts), after.split(" ")[0]
    return kind
