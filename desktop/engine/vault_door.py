"""The way of the engine's tasks and calls into the vault, and its closing.

Calls may be under way when the profile is locked: the door lets those that are inside finish,
refuses those that come later, and only then is the vault closed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import trio
from sqlcipher3 import Connection

from desktop.core.errors import ProfileLocked
from desktop.store.threads import Threads
from desktop.store.vault import Vault

T = TypeVar("T")


class VaultDoor:
    """Reads and transactions while it is open; :class:`ProfileLocked` afterwards."""

    def __init__(self, vault: Vault, threads: Threads) -> None:
        self._vault = vault
        self._threads = threads
        self._inside = 0
        self._open = True
        self._empty = trio.Event()

    async def read(self, work: Callable[[Connection], T]) -> T:
        """Do ``work``, which only reads, on one state of the vault."""
        self._enter()
        try:
            return await self._vault.read(work)
        finally:
            self._leave()

    async def transact(self, work: Callable[[Connection], T]) -> T:
        """Do ``work`` in the next transaction; it is on disk when this returns."""
        self._enter()
        try:
            return await self._vault.transact(work)
        finally:
            self._leave()

    async def close(self) -> None:
        """Let nobody in any more, wait for those inside, close the vault. Not to be cancelled."""
        self._open = False
        with trio.CancelScope(shield=True):
            if self._inside:
                await self._empty.wait()
            await self._threads.run(self._vault.close)

    def _enter(self) -> None:
        if not self._open:
            raise ProfileLocked
        self._inside += 1

    def _leave(self) -> None:
        self._inside -= 1
        if not self._inside and not self._open:
            self._empty.set()
