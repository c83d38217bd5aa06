"""The chunks themselves: one file for each blob, beside the store, each chunk in its place.

Only ciphertext lies here, under numbers that mean something to the store alone. Which chunks of a
file count, and what they have to hold, stands in the store, and is written there after ``write``
has returned; so whatever else is in a file, the half of a chunk or a hole, is nobody's chunk.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Generator
from contextlib import contextmanager, suppress
from hashlib import blake2b
from pathlib import Path
from typing import Protocol

from protocol.wire.frames import CHUNK_BYTES

NAME = "blobs"
DIGEST_SIZE = 32
_DRAWERS = 256
_MOST_SETTLED = 10_000
# Not on every system; the other writes a little more.
_sync_bytes = getattr(os, "fdatasync", os.fsync)


def digest_of(body: bytes) -> bytes:
    """What the store remembers of a chunk, so that it is handed out as it was put or not at all."""
    return blake2b(body, digest_size=DIGEST_SIZE).digest()


class ChunkFiles(Protocol):
    """Called from threads, about different chunks at one time. Each may raise OSError."""

    def write(self, blob: int, number: int, body: bytes) -> None:
        """When this returns, the chunk survives a power cut."""
        ...

    def read(self, blob: int, number: int) -> bytes:
        """What lies in its place; shorter where the file ends or is not there."""
        ...

    def delete(self, blob: int) -> None:
        """For good. One that is not there is deleted."""
        ...

    def blobs(self) -> set[int]:
        """Those that have a file."""
        ...

    def free(self) -> int:
        """Bytes that the disk has left."""
        ...


class FolderOfChunks:
    """In a folder that is made with the first chunk, for its owner only."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        # Files whose names are known to be on disk. Not remembered beyond this process.
        self._settled: set[int] = set()

    def write(self, blob: int, number: int, body: bytes) -> None:
        path = path_in(self._folder, blob)
        settled = blob in self._settled
        if not settled:
            self._make_drawer(path.parent)
        with _opened(path, os.O_WRONLY | os.O_CREAT) as handle:
            _write_all(handle, body, number * CHUNK_BYTES)
            _sync_bytes(handle)
        if not settled:
            # The file's bytes are on disk; that it has a name may not be.
            _sync(path.parent)
            if len(self._settled) >= _MOST_SETTLED:
                self._settled.clear()
            self._settled.add(blob)

    def read(self, blob: int, number: int) -> bytes:
        try:
            with _opened(path_in(self._folder, blob), os.O_RDONLY) as handle:
                return os.pread(handle, CHUNK_BYTES, number * CHUNK_BYTES)
        except FileNotFoundError:
            return b""

    def delete(self, blob: int) -> None:
        self._settled.discard(blob)
        path = path_in(self._folder, blob)
        try:
            path.unlink()
        except FileNotFoundError:
            return
        _sync(path.parent)

    def blobs(self) -> set[int]:
        return {int(path.name) for path in self._folder.glob("??/*") if path.name.isdecimal()}

    def free(self) -> int:
        return shutil.disk_usage(self._folder.parent).free

    def _make_drawer(self, drawer: Path) -> None:
        for each in (self._folder, drawer):
            with suppress(FileExistsError):
                each.mkdir(mode=0o700)
            # Also where it was there: whoever made it may not have come to this line.
            _sync(each.parent)


def path_in(folder: Path, blob: int) -> Path:
    """The file of a blob."""
    return folder / f"{blob % _DRAWERS:02x}" / str(blob)


class ChunksInMemory:
    """The same without a disk; what is written is there at once."""

    def __init__(self) -> None:
        self.all: dict[int, dict[int, bytes]] = {}

    def write(self, blob: int, number: int, body: bytes) -> None:
        self.all.setdefault(blob, {})[number] = body

    def read(self, blob: int, number: int) -> bytes:
        return self.all.get(blob, {}).get(number, b"")

    def delete(self, blob: int) -> None:
        self.all.pop(blob, None)

    def blobs(self) -> set[int]:
        return set(self.all)

    def free(self) -> int:
        return 1 << 60


def _write_all(handle: int, body: bytes, at: int) -> None:
    left = memoryview(body)
    while left:
        written = os.pwrite(handle, left, at)
        left, at = left[written:], at + written


def _sync(folder: Path) -> None:
    # Windows syncs no folders.
    with suppress(PermissionError), _opened(folder, os.O_RDONLY) as handle:
        os.fsync(handle)


@contextmanager
def _opened(path: Path, how: int) -> Generator[int]:
    handle = os.open(path, how, 0o600)
    try:
        yield handle
    finally:
        os.close(handle)
