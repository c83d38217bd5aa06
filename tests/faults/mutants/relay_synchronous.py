"""A relay that syncs less than FULL; the first word says how much less."""

from __future__ import annotations

import sys
from pathlib import Path

from sqlcipher3 import dbapi2 as sqlite

from relay.__main__ import main
from relay.store import sqlite as store
from relay.store.database import open_writer
from tests.faults.replacing import put

LESS = {"OFF", "NORMAL"}


def careless(how: str) -> None:
    """From now on the committing connection syncs only so much."""

    def open_carelessly(path: Path) -> sqlite.Connection:
        database = open_writer(path)
        database.execute(f"PRAGMA synchronous = {how}")
        return database

    put(store, "open_writer", open_carelessly)


if __name__ == "__main__":
    assert sys.argv[1] in LESS
    careless(sys.argv[1])
    sys.exit(main(sys.argv[2:]))
