"""Files that are either as they were or as they should be, whatever happens in between.

A name is only ever given to bytes that are on disk already: write beside, fsync, rename, fsync
the folder. Everything made here can be read by its owner alone.
"""

from __future__ import annotations

import errno
import os
from pathlib import Path

from desktop.core.errors import VaultFull

_NO_ROOM = (errno.ENOSPC, errno.EDQUOT)


def is_full(exc: OSError) -> bool:
    """Whether it says that there is no room."""
    return exc.errno in _NO_ROOM


def make_folder(folder: Path) -> None:
    """A private folder, with what leads to it."""
    if not folder.is_dir():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        sync_folder(folder.parent)


def sync_folder(folder: Path) -> None:
    """Make the names in ``folder`` durable."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sync_file(path: Path) -> None:
    """Make the bytes of ``path`` durable."""
    handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_beside(path: Path, data: bytes) -> Path:
    """``data``, durable, under a temporary name next to ``path``. Raises VaultFull."""
    beside = path.with_name(path.name + ".tmp")
    beside.unlink(missing_ok=True)
    try:
        handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(handle, "wb") as out:
            out.write(data)
            out.flush()
            os.fsync(out.fileno())
    except OSError as exc:
        beside.unlink(missing_ok=True)
        if is_full(exc):
            raise VaultFull from exc
        raise
    return beside


def put(beside: Path, path: Path) -> None:
    """Give ``beside`` its final name, in place of whatever had it."""
    beside.replace(path)
    sync_folder(path.parent)
