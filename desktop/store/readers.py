"""A few connections that only read, beside the writer and never waiting for it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

import trio
from sqlcipher3.dbapi2 import Connection

from desktop.core.errors import ProfileLocked
from desktop.store.job import Job
from desktop.store.threads import Threads

T = TypeVar("T")


class Readers:
    """Each read sees one state of the vault from its first statement to its last."""

    def __init__(self, connections: Iterable[Connection], threads: Threads) -> None:
        self._free = list(connections)
        self._busy: list[Connection] = []
        self._limiter = trio.CapacityLimiter(len(self._free))
        self._threads = threads
        self._closed = False

    async def read(self, work: Callable[[Connection], T]) -> T:
        """The answer of ``work``. A cancel interrupts the statement that is running.

        Raises ProfileLocked where the vault was closed before there was an answer.
        """
        job = Job(lambda connection: _in_one_snapshot(connection, work))
        async with self._limiter:
            connection = self._take()
            try:
                await self._threads.run_until(lambda: job.attempt(connection), connection.interrupt)
            finally:
                self._give_back(connection)
        if self._closed and job.failure is not None:
            raise ProfileLocked from job.failure
        return job.answer()

    def close(self) -> None:
        """Close what is idle; interrupt what is at work, which closes when it has ended."""
        self._closed = True
        while self._free:
            self._free.pop().close()
        for connection in self._busy:
            connection.interrupt()

    def _take(self) -> Connection:
        if self._closed:
            raise ProfileLocked
        connection = self._free.pop()
        self._busy.append(connection)
        return connection

    def _give_back(self, connection: Connection) -> None:
        self._busy.remove(connection)
        if self._closed:
            connection.close()
        else:
            self._free.append(connection)


def _in_one_snapshot(connection: Connection, work: Callable[[Connection], T]) -> T:
    connection.execute("BEGIN")
    try:
        return work(connection)
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
