"""A small disk whose power can be cut: an ext4 image that forgets all that was not synced.

Linux's FS_IOC_SHUTDOWN stops a file system at once; with NOLOGFLUSH its journal is not written
either. What comes back after mounting it again is what a machine finds after a power cut, short of
a drive that lies about its own cache. Needs root and a loop device.
"""

from __future__ import annotations

import fcntl
import os
import struct
import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

FS_IOC_SHUTDOWN = 0x8004587D
NO_LOG_FLUSH = 2
MIB = 1024 * 1024


class Disk:
    """Mounted at ``path``; whoever holds files on it has to be dead before ``back``."""

    def __init__(self, folder: Path, size_mib: int = 192) -> None:
        self._image = folder / "disk.img"
        self.path = folder / "disk"
        self.path.mkdir()
        with self._image.open("wb") as image:
            image.truncate(size_mib * MIB)
        _run("mkfs.ext4", "-q", str(self._image))
        self._mount()

    def cut(self) -> None:
        """From now on nothing reaches the disk."""
        handle = os.open(self.path, os.O_RDONLY)
        try:
            fcntl.ioctl(handle, FS_IOC_SHUTDOWN, struct.pack("I", NO_LOG_FLUSH))
        finally:
            os.close(handle)

    def back(self) -> None:
        """Power is back: what was synced is there."""
        _run("umount", str(self.path))
        self._mount()

    def remove(self) -> None:
        """Take it away."""
        _run("umount", str(self.path))

    def _mount(self) -> None:
        _run("mount", "-o", "loop", str(self._image), str(self.path))


@contextmanager
def a_disk(folder: Path, size_mib: int = 192) -> Generator[Disk]:
    """A disk for one test."""
    disk = Disk(folder, size_mib)
    try:
        yield disk
    finally:
        disk.remove()


def _run(*command: str) -> None:
    subprocess.run(command, check=True, timeout=30)
