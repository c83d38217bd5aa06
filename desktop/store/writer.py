"""The one writing connection, with group commit: save, then speak (law 1).

What queued up during the last fsync shares the next transaction, each piece of work inside a
savepoint of its own, so that a failing one is undone alone. Callers go on only after COMMIT
returned. An idle writer begins at once.

Work must not end the transaction, and must not change anything outside of the vault: where the
disk refuses the COMMIT, everybody in the group hears it and nothing happened.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import trio
from sqlcipher3 import dbapi2 as sql
from sqlcipher3.dbapi2 import Connection

from desktop.core.errors import AsideError, ProfileLocked, VaultDamaged
from desktop.store.connection import translated
from desktop.store.job import Job
from desktop.store.threads import Threads

T = TypeVar("T")


class _Group:
    """Those who share the next transaction. Whoever came first leads the others."""

    def __init__(self) -> None:
        self.jobs: list[Job[Any]] = []
        self.done = trio.Event()


class Writer:
    """Everything that is ever written goes through here, one transaction at a time."""

    def __init__(
        self, connection: Connection, threads: Threads, on_damage: Callable[[], None]
    ) -> None:
        self._connection = connection
        self._threads = threads
        self._on_damage = on_damage
        self._refusal: type[AsideError] | None = None
        self._busy = threading.Lock()
        self._turn = trio.Lock()
        self._limiter = trio.CapacityLimiter(1)
        self._next = _Group()

    def write(self, work: Callable[[Connection], T]) -> T:
        """Do ``work`` in a transaction of its own, here and now."""
        job = Job(work)
        self._commit([job])
        return job.answer()

    async def transact(self, work: Callable[[Connection], T]) -> T:
        """Do ``work`` in the next transaction.

        A cancel that comes before the work is queued takes effect; after that the caller learns
        what came of it, which takes two transactions at most.
        """
        await trio.lowlevel.checkpoint_if_cancelled()
        group, job = self._next, Job(work)
        group.jobs.append(job)
        with trio.CancelScope(shield=True):
            if group.jobs[0] is job:
                await self._lead(group)
            else:
                await group.done.wait()
        return job.answer()

    def halt(self) -> None:
        """Write nothing more: whatever is asked from now on raises VaultDamaged."""
        self._refusal = VaultDamaged

    def close(self) -> None:
        """Wait for the transaction that is under way; whoever comes later hears ProfileLocked."""
        with self._busy:
            self._refusal = ProfileLocked
            self._connection.close()

    async def _lead(self, group: _Group) -> None:
        try:
            async with self._turn:
                self._next = _Group()
                await self._threads.run(lambda: self._commit(group.jobs), self._limiter)
        except Exception as exc:
            # No thread to be had: nothing was begun, and the others must hear it too.
            for job in group.jobs:
                job.fail(exc)
            raise
        finally:
            group.done.set()

    def _commit(self, jobs: Sequence[Job[Any]]) -> None:
        with self._busy:
            if self._refusal is not None:
                for job in jobs:
                    job.fail(self._refusal())
                return
            try:
                self._transaction(jobs)
            except Exception as exc:  # noqa: BLE001 -- it goes to everyone whose work it undid
                for job in jobs:
                    job.fail(exc)
                self._undo(jobs)
            if any(isinstance(job.failure, VaultDamaged) for job in jobs):
                self._on_damage()

    def _transaction(self, jobs: Sequence[Job[Any]]) -> None:
        with translated():
            self._connection.execute("BEGIN IMMEDIATE")
            for job in jobs:
                self._step(job)
            self._connection.execute("COMMIT")

    def _step(self, job: Job[Any]) -> None:
        self._connection.execute("SAVEPOINT work")
        job.attempt(self._connection)
        if job.failure is not None:
            if not self._connection.in_transaction:
                # A full or failing disk made SQLite undo the whole transaction.
                raise job.failure
            self._connection.execute("ROLLBACK TO work")
        self._connection.execute("RELEASE work")

    def _undo(self, jobs: Sequence[Job[Any]]) -> None:
        try:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
        except sql.Error as exc:
            # A connection that cannot even go back is not written to again.
            damaged = VaultDamaged()
            damaged.__cause__ = exc
            for job in jobs:
                job.failure = damaged
