"""One committing thread with group commit; a reader and the checkpoints beside it.

The thread takes whatever queued up during the last fsync, has the rules answer it all inside one
transaction, and hands the answers back after COMMIT. When idle it waits for nothing. Deposits,
acknowledgements and the rest share the transactions.

The rules decide inside the transaction, so they are exact without a lock and survive any restart:
quotas live in objects that are filled from the disk when a mailbox is first used, and dropped when
a transaction fails. The loop hands requests over once a round, because each handed over by itself
would have both threads fight for the interpreter. Checkpoints run beside, only their last pages
between two transactions.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from queue import SimpleQueue
from typing import TypeAlias, TypeVar

import trio
from msgspec import Struct
from sqlcipher3 import dbapi2 as sqlite

from protocol.ids import MailboxId
from protocol.wire.frames import Deposit, Forward, Reason, Refused, Reply, Stock
from relay import strings
from relay.errors import StoreError
from relay.faults import place
from relay.rules.clock import Now
from relay.rules.limits import House
from relay.rules.office import AnyRequest
from relay.rules.records import Bell, Place, Settle, Totals, Waiting, WaitingPacket
from relay.rules.rooms.asking import KeepRoom
from relay.rules.store import Store
from relay.store import ballast as ballasts
from relay.store import chunk_files
from relay.store.ballast import Ballast
from relay.store.blobs import read_gone, read_known, read_place
from relay.store.chunk_files import ChunkFiles, FolderOfChunks
from relay.store.database import open_reader
from relay.store.envelopes import read_waiting
from relay.store.group import Group
from relay.store.log import copy_back, read_behind
from relay.store.packets import read_destinations, read_packets
from relay.store.sqlite import SqliteStore
from relay.store.storage import Answered, Figures, Ring, StoreUnavailable
from relay.store.timing import CommitTimes
from relay.store.totals import read_totals

_log = logging.getLogger(__name__)

MOST_AT_ONCE = 1024
MOST_QUEUED_BYTES = 128 * 1024 * 1024
REQUEST_BYTES = 512
CHUNK_THREADS = 8
CHECKPOINT_EVERY_S = 1.0
CHECKPOINT_BYTES = 16 * 1024 * 1024

T = TypeVar("T")

_Asked: TypeAlias = tuple[AnyRequest, Now, Answered, int]


class _Stop:
    """The last thing in the queue."""


class _Checkpoint:
    """Finish a checkpoint between two transactions."""


class _Lengthen:
    """Give the log its room between two transactions."""


class _Errand(Struct, frozen=True):
    """Something of the operator's; what it gives back is for the loop to call."""

    run: Callable[[Group], Callable[[], None]]


_Item: TypeAlias = _Asked | Now | _Errand | _Lengthen | _Checkpoint | _Stop


class CommittingThread:
    """A Storage over the SQLite file at ``path``."""

    def __init__(self, path: Path, times: CommitTimes | None = None) -> None:
        self._path = path
        self.times = times or CommitTimes()
        self._chunks = FolderOfChunks(path.with_name(chunk_files.NAME))
        self._group: Group | None = None
        self._queue: SimpleQueue[list[_Item]] = SimpleQueue()
        self._gathered: list[_Item] = []
        self._some = trio.Event()
        self._queued = 0
        self._queued_bytes = 0
        self._one_reader = trio.CapacityLimiter(1)
        self._chunk_threads = trio.CapacityLimiter(CHUNK_THREADS)
        self._reader: sqlite.Connection | None = None
        self._ring: Ring | None = None

    async def run(
        self, house: House, ring: Ring, *, task_status: trio.TaskStatus[Now | None]
    ) -> None:
        self._ring = ring
        store = await trio.to_thread.run_sync(SqliteStore, self._path)
        self._reader = open_reader(self._path)
        ballast = await trio.to_thread.run_sync(Ballast, self._path.with_name(ballasts.NAME))
        group = self._group = Group(store, house, ballast, self.times)
        token = trio.lowlevel.current_trio_token()
        # Asked before the committing thread has the store to itself.
        last = store.last_moment()
        async with trio.open_nursery() as nursery:
            nursery.start_soon(trio.to_thread.run_sync, self._work, group, token)
            nursery.start_soon(self._keep_handing_over)
            nursery.start_soon(self._checkpoint_beside)
            task_status.started(last)
            try:
                await trio.sleep_forever()
            finally:
                self._gathered.append(_Stop())
                self._hand_over()

    def submit(self, asked: AnyRequest, now: Now, answered: Answered) -> None:
        size = _size(asked)
        if self._queued_bytes + size > MOST_QUEUED_BYTES:
            answered(Refused(call=asked.call, reason=Reason.TRY_LATER))
            return
        self._queued += 1
        self._queued_bytes += size
        self._gather((asked, now, answered, size))

    def keep_house(self, now: Now) -> None:
        self._gather(now)

    def errand(self, work: Callable[[Store], T], done: Callable[[T | None], None]) -> None:
        def run(group: Group) -> Callable[[], None]:
            result = group.errand(work)
            return lambda: done(result)

        self._gather(_Errand(run))

    def figures(self) -> Figures:
        assert self._group is not None, "not running"
        group = self._group
        return Figures(self._queued, self._queued_bytes, group.held_bytes, group.takes)

    @property
    def takes(self) -> bool:
        return self._group is not None and self._group.takes

    async def totals(self) -> Totals:
        # On a connection of its own: counting must not stand in the way of collecting.
        try:
            return await trio.to_thread.run_sync(_totals, self._path)
        except (StoreError, sqlite.Error) as exc:
            raise StoreUnavailable from exc

    async def waiting(self, mailbox: MailboxId, after: int, most: int, size: int) -> list[Waiting]:
        return await self._read(lambda reader: read_waiting(reader, mailbox, after, most, size))

    async def packets(
        self, address: str, after: int, most: int, size: int, *, bulky: bool | None = None
    ) -> list[WaitingPacket]:
        return await self._read(
            lambda reader: read_packets(reader, address, after, most, size, bulky=bulky)
        )

    async def destinations(self) -> list[str]:
        return await self._read(read_destinations)

    async def place(self, hashed: bytes, number: int, age_ms: int, *, writer: bool) -> Place | None:
        return await self._read(
            lambda reader: read_place(reader, hashed, number, age_ms, writer=writer)
        )

    async def with_chunks(self, work: Callable[[ChunkFiles], T]) -> T:
        return await trio.to_thread.run_sync(work, self._chunks, limiter=self._chunk_threads)

    async def gone_blobs(self, most: int) -> list[int]:
        return await self._read(lambda reader: read_gone(reader, most))

    async def known_blobs(self) -> set[int]:
        return await self._read(read_known)

    async def _read(self, read: Callable[[sqlite.Connection], T]) -> T:
        assert self._reader is not None, "not running"
        try:
            return await trio.to_thread.run_sync(read, self._reader, limiter=self._one_reader)
        except sqlite.Error as exc:
            raise StoreUnavailable from exc

    def _gather(self, item: _Item) -> None:
        if not self._gathered:
            self._some.set()
        self._gathered.append(item)

    async def _keep_handing_over(self) -> None:
        """Once a round of the loop. Were each handed over as it comes, the first would wake the
        committing thread, and both would fight for the interpreter until the last."""
        while True:
            await self._some.wait()
            self._some = trio.Event()
            self._hand_over()

    def _hand_over(self) -> None:
        gathered, self._gathered = self._gathered, []
        self._queue.put(gathered)

    async def _checkpoint_beside(self) -> None:
        """Copy the log back while commits go on; the committing thread only does the rest."""
        await trio.sleep(CHECKPOINT_EVERY_S)
        self._gather(_Lengthen())
        while True:
            try:
                if await self._read(read_behind) > CHECKPOINT_BYTES:
                    await trio.to_thread.run_sync(copy_back, self._path)
                    self._gather(_Checkpoint())
            except (OSError, sqlite.Error, StoreUnavailable) as exc:
                _log.warning(strings.LOG_CHECKPOINT, place(exc))
            await trio.sleep(CHECKPOINT_EVERY_S)

    def _work(self, group: Group, token: trio.lowlevel.TrioToken) -> None:
        """The committing thread."""
        going = True
        left: list[_Item] = []
        while going:
            batch: list[_Asked] = []
            items = self._next(left)
            items, left = items[:MOST_AT_ONCE], items[MOST_AT_ONCE:]
            for item in items:
                match item:
                    case tuple():
                        batch.append(item)
                    case Now():
                        if group.keep_house(item):
                            left.append(item)
                    case _Errand():
                        token.run_sync_soon(item.run(group))
                    case _Lengthen():
                        group.lengthen_log()
                    case _Checkpoint():
                        group.finish_checkpoint()
                    case _Stop():
                        going = False
            replies = group.answer([(asked, now) for asked, now, _, _ in batch]) if batch else []
            rung = group.rung()
            if batch or rung:
                token.run_sync_soon(self._hand_back, batch, replies, rung)
        group.close()

    def _next(self, left: list[_Item]) -> list[_Item]:
        """What is left, and all that was handed over; waits where there is nothing of either."""
        # Nobody else takes from the queue, so what it counts is there.
        items = left or self._queue.get()
        while len(items) < MOST_AT_ONCE and self._queue.qsize():
            items += self._queue.get_nowait()
        return items

    def _hand_back(self, batch: list[_Asked], replies: list[Reply], rung: frozenset[Bell]) -> None:
        # Called by the loop itself, where an error would end the relay.
        self._queued -= len(batch)
        for (_, _, answered, size), reply in zip(batch, replies, strict=True):
            self._queued_bytes -= size
            try:
                answered(reply)
            except Exception as exc:  # noqa: BLE001
                _log.critical(strings.LOG_BUG, place(exc))
        assert self._ring is not None
        try:
            self._ring(rung)
        except Exception as exc:  # noqa: BLE001
            _log.critical(strings.LOG_BUG, place(exc))


def _size(asked: AnyRequest) -> int:
    match asked:
        case Deposit():
            return REQUEST_BYTES + len(asked.body)
        case Forward():
            return REQUEST_BYTES + len(asked.packet)
        case KeepRoom():
            return REQUEST_BYTES + asked.size
        case Settle():
            return REQUEST_BYTES + len(asked.answer)
        case Stock():
            return REQUEST_BYTES + sum(map(len, asked.bundles)) + len(asked.last_resort or b"")
        case _:
            return REQUEST_BYTES


def _totals(path: Path) -> Totals:
    database = open_reader(path)
    try:
        return read_totals(database)
    finally:
        database.close()
