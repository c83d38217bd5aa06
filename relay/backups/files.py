"""Which files of a relay's folder are the relay, and how they are copied."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from relay.durable import PARTLY, open_new
from relay.store import chunk_files

# What only means something to a process at work, or is made anew by the next one.
PASSING = frozenset({"lock", "lock-journal", "ballast", "control"})
# Says of one folder that it is not to be served; a copy is.
MOVED = "moved"
REPLACED = "replaced-"
_STORE = "store.db"
_BLOBS = f"{chunk_files.NAME}/"


def lasting(folder: Path) -> Iterator[str]:
    """Names of all files worth keeping but the store, relative and with slashes."""
    for where, below, names in os.walk(folder):
        here = Path(where)
        if here == folder:
            below[:] = [name for name in below if not name.startswith((PARTLY, REPLACED))]
        for name in sorted(names):
            path = here / name
            at_top = here == folder
            if at_top and (name in (*PASSING, MOVED) or name.startswith((_STORE, PARTLY))):
                continue
            if path.is_file():
                yield path.relative_to(folder).as_posix()


def beside_the_store(folder: Path) -> Iterator[str]:
    """The same without attachments, of which the store says which belong to a copy."""
    return (name for name in lasting(folder) if not name.startswith(_BLOBS))


def copy_file(source: Path, copy: Path) -> None:
    """For its owner only; on disk when this returns. Raises OSError."""
    make_folders(copy.parent)
    with open_new(copy) as file, source.open("rb") as old:
        shutil.copyfileobj(old, file, 1 << 20)
        file.flush()
        os.fsync(file.fileno())


def make_folders(folder: Path) -> None:
    """This one and those above, for their owner only. Raises OSError."""
    for each in [*reversed(folder.parents), folder]:
        # What mkdir makes on its way would be open to everybody.
        if not each.exists():
            each.mkdir(mode=0o700)
