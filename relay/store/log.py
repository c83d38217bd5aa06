"""The write-ahead log beside the store: how much of it is not copied back, and its room.

A file that is written over is synced in half the time of one that grows, so the log is as long from
the start as it will be anyway. What stands behind its end is zeros, in which SQLite finds nothing.
"""

from __future__ import annotations

import os
from pathlib import Path

from sqlcipher3 import dbapi2 as sqlite

from relay.store.database import PAGE_BYTES, open_reader

LENGTH = 24 * 1024 * 1024
# A page stands in it behind a head of its own.
FRAME_BYTES = PAGE_BYTES + 24
_PIECE = bytes(1024 * 1024)


def log_of(path: Path) -> Path:
    """The log of the store at ``path``."""
    return path.with_name(path.name + "-wal")


def lengthen(path: Path, length: int = LENGTH) -> None:
    """Between two transactions, while nobody else writes there. Raises OSError."""
    handle = os.open(log_of(path), os.O_WRONLY)
    try:
        left = length - os.lseek(handle, 0, os.SEEK_END)
        while left > 0:
            left -= os.write(handle, _PIECE[:left])
        os.fsync(handle)
    finally:
        os.close(handle)


def read_behind(database: sqlite.Connection) -> int:
    """How many of the log's bytes are not copied back yet."""
    frames: tuple[int, int, int] = database.execute("PRAGMA wal_checkpoint(NOOP)").fetchone()
    _, there, copied = frames
    return FRAME_BYTES * (there - copied)


def copy_back(path: Path) -> None:
    """While commits go on; what comes meanwhile may be left."""
    database = open_reader(path)
    try:
        database.execute("PRAGMA query_only = OFF")
        database.execute("PRAGMA wal_checkpoint(PASSIVE)")
    finally:
        database.close()
