"""A few connections that only read, beside the writer and never waiting for it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

import trio
from sqlcipher3.dbapi2 import Connection

from desktop.store.job import Job
from desktop.store.threads import Threads

T = TypeVar("T")


class Readers:
    """Each read sees one state of the vault from its first statement to its last."""

    def __init__(self, connections: Iterable[Connection], threads: Threads) -> None:
        self._free = list(connections)
        self._limiter = trio.CapacityLimiter(len(self._free))
        self._threads = threads

    async def read(self, work: Callable[[Connection], T]) -> T:
        """The answer of ``work``. A cancel interrupts the statement that is running."""
        job = Job(lambda connection: _in_one_snapshot(connection, work))
        async with self._limiter:
            connection = self._free.pop()
            try:
                async with trio.open_nursery() as nursery:
                    nursery.start_soon(_interrupt_at_the_end, connection)
                    await self._threads.run(lambda: job.attempt(connection))
                    nursery.cancel_scope.cancel()
            finally:
                self._free.append(connection)
        return job.answer()


def _in_one_snapshot(connection: Connection, work: Callable[[Connection], T]) -> T:
    connection.execute("BEGIN")
    try:
        return work(connection)
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")


async def _interrupt_at_the_end(connection: Connection) -> None:
    try:
        await trio.sleep_forever()
    finally:
        # Means nothing to a connection that has finished its work.
        connection.interrupt()
