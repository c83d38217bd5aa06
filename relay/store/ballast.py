"""A file that takes up room until the disk is full, and then gives it to the deletes.

A full disk refuses DELETE as well as INSERT. When the store reports it, the ballast is given up
and nothing new is taken; what is stored stays readable and deletable. Once there is room for the
ballast again, the relay takes envelopes again.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

NAME = "ballast"
BYTES = 16 * 1024 * 1024
NEEDED_TO_START = 1024 * 1024
_PIECE = bytes(64 * 1024)


def give_way(folder: Path) -> None:
    """Before anything is opened: what is stored is to be read also on a disk full to the brim."""
    if shutil.disk_usage(folder).free < NEEDED_TO_START:
        (folder / NAME).unlink(missing_ok=True)


class Ballast:
    """Holds its bytes or not; ``held()`` says whether the relay may take envelopes."""

    def __init__(self, path: Path, size: int = BYTES) -> None:
        self._path = path
        self._size = size
        self._held = False
        self.take()

    def take(self) -> None:
        """Take up the room, if twice as much is left."""
        try:
            if self._path.is_file() and self._path.stat().st_size == self._size:
                self._held = True
            elif self.free() > 2 * self._size:
                self._fill()
                self._held = True
        except OSError:
            self.release()

    def held(self) -> bool:
        """Whether there was room for it."""
        return self._held

    def free(self) -> int:
        """Bytes that the disk has left for whoever runs the relay."""
        try:
            return shutil.disk_usage(self._path.parent).free
        except OSError:
            return 0

    def release(self) -> None:
        """Give the room up."""
        self._held = False
        self._path.unlink(missing_ok=True)

    def _fill(self) -> None:
        handle = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            # A hole in a file takes up no room, so the bytes are claimed or else written.
            if hasattr(os, "posix_fallocate"):
                os.posix_fallocate(handle, 0, self._size)
            else:
                left = self._size
                while left > 0:
                    left -= os.write(handle, _PIECE[:left])
        finally:
            os.close(handle)
