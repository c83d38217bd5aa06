"""What stands in a backup: one file of its own that names every other with its hash.

A folder is a backup only once this file is in it, and it is written last.
"""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import Annotated, Final

import msgspec

from relay.durable import open_new
from relay.errors import BackupDamaged, ClosedBackup, NotABackup
from relay.store.standing import Standing

NAME: Final = "backup.json"
VERSION: Final = 1
_PIECE = 1 << 20
_MOST_BYTES = 64 * 1024 * 1024

Count = Annotated[int, msgspec.Meta(ge=0)]


class Kept(msgspec.Struct, frozen=True):
    """One file."""

    bytes: Count
    sha256: Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]


class Manifest(msgspec.Struct, frozen=True):
    """All of a backup. Paths are relative and written with slashes."""

    aside_backup: Count
    made_ms: Count
    aside: str
    store_version: Count
    fingerprint: str
    standing: Standing
    files: dict[str, Kept]

    def write(self, folder: Path) -> None:
        """Make the folder a backup."""
        text = msgspec.json.format(msgspec.json.encode(self), indent=2)
        with open_new(folder / NAME) as file:
            file.write(text + b"\n")


def read(folder: Path) -> Manifest:
    """Raises ClosedBackup, NotABackup."""
    path = folder / NAME
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise NotABackup(str(folder))
        found = msgspec.json.decode(path.read_bytes(), type=Manifest)
    except PermissionError as exc:
        raise ClosedBackup(str(folder)) from exc
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as exc:
        raise NotABackup(str(folder)) from exc
    if found.aside_backup != VERSION or not all(_is_inside(name) for name in found.files):
        raise NotABackup(str(folder))
    return found


def verify(folder: Path, manifest: Manifest) -> None:
    """Read every file again. Raises BackupDamaged, ClosedBackup."""
    for name, kept in manifest.files.items():
        try:
            if digest_of(folder / name) != kept:
                raise BackupDamaged(name)
        except PermissionError as exc:
            raise ClosedBackup(str(folder)) from exc
        except OSError as exc:
            raise BackupDamaged(name) from exc


def digest_of(path: Path) -> Kept:
    """A file's length and hash, read in pieces."""
    found, size = sha256(), 0
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            found.update(piece)
            size += len(piece)
    return Kept(size, found.hexdigest())


def _is_inside(name: str) -> bool:
    """Whether it stays below the folder it is restored to."""
    parts = name.split("/")
    return name != NAME and not any(p in ("", ".", "..") or "\\" in p or "\0" in p for p in parts)
