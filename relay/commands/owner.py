"""A command that root gave leaves nothing behind that the folder's owner could not use.

A relay under systemd runs as a user of its own, and people forget to give its commands as that
user: a key, a lock or a whole restored store that belongs to root would keep it from starting.
"""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from relay.errors import AnothersFolder

ROOT = 0


def of_its_own(folder: Path) -> None:
    """Whether whoever serves it may. Raises AnothersFolder."""
    owner = _other_than_root(folder)
    if owner is not None:
        raise AnothersFolder(str(folder), _name(owner.st_uid))


def hand_over(folder: Path) -> None:
    """Give what is root's in somebody else's folder to whom the folder belongs."""
    owner = _other_than_root(folder)
    if owner is None:
        return
    for path in _below(folder):
        with suppress(OSError):
            found = path.lstat()
            # What has a second name somewhere may be more than it seems, and so may a link.
            alone = stat.S_ISDIR(found.st_mode) or (
                stat.S_ISREG(found.st_mode) and found.st_nlink == 1
            )
            if found.st_uid == ROOT and alone:
                os.chown(path, owner.st_uid, owner.st_gid, follow_symlinks=False)


def _other_than_root(folder: Path) -> os.stat_result | None:
    if sys.platform == "win32" or os.geteuid() != ROOT:
        return None
    try:
        owner = folder.stat()
    except OSError:
        return None
    return owner if owner.st_uid != ROOT else None


def _below(folder: Path) -> Iterator[Path]:
    for where, folders, names in os.walk(folder):
        for name in (*folders, *names):
            yield Path(where, name)


def _name(number: int) -> str:
    import pwd  # noqa: PLC0415

    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return f"#{number}"
