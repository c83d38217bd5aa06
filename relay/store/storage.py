"""How the trio side reaches a store: requests go in, answers come back after the commit.

``submit`` never waits. Its answer, and the doorbells of those for whom something changed, come on
the trio thread, and only after the transaction that holds them is on disk.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeAlias, TypeVar

import trio
from msgspec import Struct

from protocol.ids import MailboxId
from protocol.wire.frames import Reply
from relay.rules.clock import Now
from relay.rules.limits import House
from relay.rules.office import AnyRequest, PostOffice
from relay.rules.records import Bell, Place, Totals, Waiting, WaitingPacket
from relay.rules.store import Store
from relay.store.chunk_files import ChunkFiles, ChunksInMemory
from relay.store.timing import CommitTimes

T = TypeVar("T")

Answered: TypeAlias = Callable[[Reply], None]
Ring: TypeAlias = Callable[[frozenset[Bell]], None]


class StoreUnavailable(Exception):
    """The disk does not answer at the moment."""


class Figures(Struct, frozen=True):
    """What is under way, and whether more is taken."""

    queued: int
    queued_bytes: int
    held_bytes: int
    takes: bool


class Storage(Protocol):
    """A post office at work."""

    times: CommitTimes

    async def run(
        self, house: House, ring: Ring, *, task_status: trio.TaskStatus[Now | None]
    ) -> None:
        """Work until cancelled; started with the moment that was written down last."""
        ...

    def submit(self, asked: AnyRequest, now: Now, answered: Answered) -> None:
        """Have the rules answer. From the trio thread only."""
        ...

    def keep_house(self, now: Now) -> None:
        """Write the moment down, expire a little, forget old ids."""
        ...

    def errand(self, work: Callable[[Store], T], done: Callable[[T | None], None]) -> None:
        """Have this done in a transaction of its own; None where the disk refused."""
        ...

    async def waiting(self, mailbox: MailboxId, after: int, most: int, size: int) -> list[Waiting]:
        """The next envelopes of a mailbox, committed ones only. Raises StoreUnavailable."""
        ...

    async def packets(
        self, address: str, after: int, most: int, size: int, *, bulky: bool | None = None
    ) -> list[WaitingPacket]:
        """The next packets for a destination, committed ones only. Raises StoreUnavailable."""
        ...

    async def destinations(self) -> list[str]:
        """The addresses that packets wait for. Raises StoreUnavailable."""
        ...

    async def place(self, hashed: bytes, number: int, age_ms: int, *, writer: bool) -> Place | None:
        """Of one chunk, committed ones only. Raises StoreUnavailable."""
        ...

    async def with_chunks(self, work: Callable[[ChunkFiles], T]) -> T:
        """Do this with the chunks' files, beside the loop. Raises what it raises."""
        ...

    async def gone_blobs(self, most: int) -> list[int]:
        """Those whose files have to go. Raises StoreUnavailable."""
        ...

    async def known_blobs(self) -> set[int]:
        """Those that have, or had, a right to a file. Raises StoreUnavailable."""
        ...

    def figures(self) -> Figures:
        """What is under way; costs nothing."""
        ...

    @property
    def takes(self) -> bool:
        """Whether there is room for anything new: of the figures the one that is asked for with
        each entry of a room."""
        ...

    async def totals(self) -> Totals:
        """How full the store is; may take a while. Raises StoreUnavailable."""
        ...


class Inline:
    """Everything at once on the trio thread, for tests on a virtual clock."""

    def __init__(self, store: Store, chunks: ChunkFiles | None = None) -> None:
        self._store = store
        self.times = CommitTimes()
        self._chunks = chunks or ChunksInMemory()
        self._office: PostOffice | None = None
        self._ring: Ring | None = None

    async def run(
        self, house: House, ring: Ring, *, task_status: trio.TaskStatus[Now | None]
    ) -> None:
        self._office, self._ring = PostOffice(self._store, house), ring
        task_status.started(self._store.last_moment())
        await trio.sleep_forever()

    def submit(self, asked: AnyRequest, now: Now, answered: Answered) -> None:
        assert self._office is not None and self._ring is not None, "not running"
        self._store.begin()
        reply = self._office.answer(asked, now)
        self._store.commit()
        answered(reply)
        self._ring(self._office.rung())

    def keep_house(self, now: Now) -> None:
        assert self._office is not None and self._ring is not None, "not running"
        more = True
        while more:
            self._store.begin()
            more = self._office.keep_house(now)
            self._store.commit()
        self._ring(self._office.rung())

    def errand(self, work: Callable[[Store], T], done: Callable[[T | None], None]) -> None:
        self._store.begin()
        result = work(self._store)
        self._store.commit()
        done(result)

    async def waiting(self, mailbox: MailboxId, after: int, most: int, size: int) -> list[Waiting]:
        await trio.lowlevel.checkpoint()
        return self._store.envelopes.waiting(mailbox, after, most, size)

    async def packets(
        self, address: str, after: int, most: int, size: int, *, bulky: bool | None = None
    ) -> list[WaitingPacket]:
        await trio.lowlevel.checkpoint()
        return self._store.packets.waiting(address, after, most, size, bulky=bulky)

    async def destinations(self) -> list[str]:
        await trio.lowlevel.checkpoint()
        return self._store.packets.destinations()

    async def place(self, hashed: bytes, number: int, age_ms: int, *, writer: bool) -> Place | None:
        await trio.lowlevel.checkpoint()
        return self._store.blobs.place(hashed, number, age_ms, writer=writer)

    async def with_chunks(self, work: Callable[[ChunkFiles], T]) -> T:
        await trio.lowlevel.checkpoint()
        return work(self._chunks)

    async def gone_blobs(self, most: int) -> list[int]:
        await trio.lowlevel.checkpoint()
        return self._store.blobs.gone(most)

    async def known_blobs(self) -> set[int]:
        await trio.lowlevel.checkpoint()
        return self._store.blobs.known()

    def figures(self) -> Figures:
        return Figures(0, 0, self._store.held_bytes, takes=True)

    @property
    def takes(self) -> bool:
        return True

    async def totals(self) -> Totals:
        await trio.lowlevel.checkpoint()
        return self._store.totals()
