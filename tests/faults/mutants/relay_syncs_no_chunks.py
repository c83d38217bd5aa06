"""A relay that says Stored of a chunk whose bytes were never synced; its store is."""

from __future__ import annotations

import sys

from relay.__main__ import main
from relay.store import chunk_files
from tests.faults.replacing import put


def _not_now(handle: int) -> None:
    """The disk will see to it by and by."""


if __name__ == "__main__":
    put(chunk_files, "_sync_bytes", _not_now)
    sys.exit(main())
