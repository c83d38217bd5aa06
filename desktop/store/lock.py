"""One process per profile: an OS lock on ``vault.lock``, which dies with its process."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from desktop.core.errors import VaultDamaged, VaultFull, VaultInUse
from desktop.store import durable

LOCK_FILE = "vault.lock"


class FolderLock:
    """Held from the making of the object until :meth:`release`.

    Raises VaultInUse, VaultDamaged where something stands in its place, VaultFull.
    """

    def __init__(self, folder: Path) -> None:
        try:
            self._handle: int | None = os.open(
                folder / LOCK_FILE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600
            )
        except OSError as exc:
            raise (VaultFull if durable.is_full(exc) else VaultDamaged) from exc
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as exc:
            self.release()
            raise VaultInUse from exc

    def release(self) -> None:
        """Let others in. The file stays: removing it would race with whoever waits for it."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None
