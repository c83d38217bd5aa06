"""Telling a start that never ended from a profile that lost its header.

Both leave ``vault.db`` without ``vault.header``, and one of them is somebody's life. So a start
says so first: ``vault.begun`` is on disk before ``vault.db`` holds anything, and goes once the
header is there. **What holds something and has neither is damaged, and is never cleared away.**
"""

from __future__ import annotations

from pathlib import Path

from desktop.store import durable

VAULT_FILE = "vault.db"
BEGUN_FILE = "vault.begun"

_SHARED_MEMORY = "-shm"  # SQLite's scratch: nothing in it is anybody's


def begin(folder: Path) -> None:
    """From here on whatever is in ``vault.db`` is nobody's, until :func:`end`. Raises VaultFull.

    Only where nothing was :func:`lost`.
    """
    begun = folder / BEGUN_FILE
    durable.put(durable.write_beside(begun, b""), begun)


def end(folder: Path) -> None:
    """The header is there. Also asked later, for a start killed just before this."""
    begun = folder / BEGUN_FILE
    if begun.exists():
        begun.unlink()
        durable.sync_folder(folder)


def clear(folder: Path) -> None:
    """An empty file in place of whatever an earlier start left behind. Only after :func:`begin`."""
    for leftover in folder.glob(VAULT_FILE + "*"):
        leftover.unlink()
    (folder / VAULT_FILE).touch(mode=0o600)


def lost(folder: Path) -> bool:
    """Whether a vault holds something that no start left there: it has a header, or had one.

    To be asked before looking for the header: another process may be ending its start just now.
    """
    return _holds_something(folder) and not (folder / BEGUN_FILE).exists()


def _holds_something(folder: Path) -> bool:
    files = folder.glob(VAULT_FILE + "*")
    return any(
        not file.is_file() or file.stat().st_size > 0
        for file in files
        if not file.name.endswith(_SHARED_MEMORY)
    )
