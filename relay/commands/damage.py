"""A damaged store is told as one, whichever command meets the damage, and nothing writes to it."""

from __future__ import annotations

import time
from collections.abc import Generator
from contextlib import contextmanager

from sqlcipher3 import dbapi2 as sqlite

from relay.errors import DamagedStore, OlderStore
from relay.folder import Folder
from relay.store import database
from relay.store.reading import seems_intact

# A small store is seen whole in it, a large one is not waited for.
LOOK_S = 2.0


@contextmanager
def reading(folder: Folder) -> Generator[sqlite.Connection]:
    """A connection that only reads. Raises DamagedStore, OlderStore and what opening raises."""
    beside = database.open_reader(folder.store_path)
    try:
        yield beside
    except (sqlite.DatabaseError, UnicodeDecodeError) as exc:
        if database.is_older(beside):
            # What was asked for is not in it yet.
            raise OlderStore from exc
        raise DamagedStore(str(folder.path)) from exc
    finally:
        beside.close()


def look_for_damage(folder: Folder) -> None:
    """As much as can be seen in a moment. Raises DamagedStore and what opening raises."""
    until = time.monotonic() + LOOK_S
    with reading(folder) as beside:
        if not seems_intact(beside, lambda: time.monotonic() > until):
            raise DamagedStore(str(folder.path))


def look_before_writing(folder: Folder) -> None:
    """The same where nobody serves it, who would have seen it. Raises DamagedStore."""
    if not folder.is_running():
        look_for_damage(folder)
