"""A desktop without dedupe: it keeps neither its cursor nor what it has opened."""

from __future__ import annotations

import sys

from sqlcipher3.dbapi2 import Connection

from desktop.store import inbox, relays
from protocol.ids import Fingerprint
from tests.faults.desktop_main import main
from tests.faults.replacing import put


def _never_opened(db: Connection, hash_: bytes) -> None:
    """Everything is new."""


def _no_cursor(db: Connection, relay_id: Fingerprint, cursor: int) -> None:
    """Whatever a relay still has is taken in."""


if __name__ == "__main__":
    put(inbox, "opened", _never_opened)
    put(relays, "set_cursor", _no_cursor)
    sys.exit(main(sys.argv[1:]))
