"""A vault that syncs less than FULL; the first word says how much less."""

from __future__ import annotations

import sys

from sqlcipher3.dbapi2 import Connection

from desktop.store import vault
from desktop.store.connection import make_writing
from tests.faults.desktop_main import main
from tests.faults.replacing import put

LESS = {"OFF", "NORMAL"}


def careless(how: str) -> None:
    """From now on the writing connection syncs only so much."""

    def make_careless(connection: Connection) -> None:
        make_writing(connection)
        connection.execute(f"PRAGMA synchronous = {how}")

    put(vault, "make_writing", make_careless)


if __name__ == "__main__":
    assert sys.argv[1] in LESS
    careless(sys.argv[1])
    sys.exit(main(sys.argv[2:]))
