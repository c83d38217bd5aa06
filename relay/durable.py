"""Files that are on disk when the function returns, so that what was said of them stays true."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, Final

PARTLY: Final = ".partly-"
"""How the name of what is not whole yet begins."""


def make_new(path: Path, data: bytes) -> None:
    """A new file of the owner's only. Raises OSError."""
    with open_new(path) as file:
        _fill(file, data)
    settle_name(path)


def open_new(path: Path) -> BinaryIO:
    """A new file of the owner's only. Raises OSError."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


def replace(path: Path, data: bytes) -> None:
    """Put this in its place, whole or not at all; on disk when this returns. Raises OSError."""
    partly = path.with_name(f"{PARTLY}{path.name}")
    partly.unlink(missing_ok=True)
    with open_new(partly) as file:
        _fill(file, data)
    partly.replace(path)
    settle_name(path)


def settle(folder: Path) -> None:
    """Every file and folder below is on disk when this returns. Raises OSError."""
    for where, _, names in os.walk(folder, topdown=False):
        for name in names:
            _sync(Path(where) / name)
        _sync(Path(where))


def settle_name(path: Path) -> None:
    """That it stands in its folder is on disk when this returns."""
    _sync(path.parent)


def _sync(path: Path) -> None:
    # Windows syncs no folders.
    with suppress(PermissionError):
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _fill(file: BinaryIO, data: bytes) -> None:
    file.write(data)
    file.flush()
    os.fsync(file.fileno())
