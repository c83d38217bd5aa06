"""Chunks come and go beside everything else: a few at a time, whoever asks for many in turn.

A chunk's bytes are written and synced by a thread of a small pool, then the store is told, and only
its commit makes the chunk count, so half of one never does: after that is ``Stored`` said. Reading
is in threads as well, and has places of its own, so that neither waits for the other and the loop
for none. Files of blobs that are over are deleted little by little; what a killed relay left behind
goes at the next start.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TypeAlias

import trio

from protocol.ids import CallId
from protocol.wire.frames import Chunk, GetChunk, PutChunk, Reason, Refused, Reply, Stored
from relay import strings
from relay.faults import place as place_of
from relay.rules.blobs import blob_hash, why_not_put, writer_hash
from relay.rules.clock import Now
from relay.rules.records import FilesGone, KeepChunk, LoseChunk, Place
from relay.store.chunk_files import ChunkFiles, digest_of
from relay.store.storage import Storage, StoreUnavailable
from relay.turns import Turns

_log = logging.getLogger(__name__)

WRITES_AT_ONCE = 2
READS_AT_ONCE = 2
MOST_WAITING_BYTES = 64 * 1024 * 1024
CLEAR_EACH_S = 60.0
CLEAR_AT_ONCE = 16
CLEAR_PAUSE_S = 0.05
_LOCKS = 64

Answered: TypeAlias = Callable[[Reply], None]


class Blobs:
    """Puts and gets chunks for all connections, and deletes what is over."""

    def __init__(self, storage: Storage, now: Callable[[], Now], min_free: int) -> None:
        self._storage = storage
        self._now = now
        self._min_free = min_free
        self._waiting_bytes = 0
        self._puts = Turns[tuple[PutChunk, Answered]](self._put)
        self._gets = Turns[tuple[GetChunk, Answered]](self._get)
        # One chunk is written by one at a time; which lock it is hardly matters.
        self._locks = [trio.Lock() for _ in range(_LOCKS)]
        self._over = trio.Event()

    def submit(self, by: object, asked: PutChunk | GetChunk, answered: Answered) -> None:
        """Answer soon. Who it is ``by`` takes turns with all others."""
        if isinstance(asked, GetChunk):
            self._gets.add(by, (asked, answered))
        elif self._waiting_bytes + len(asked.body) > MOST_WAITING_BYTES:
            answered(Refused(call=asked.call, reason=Reason.TRY_LATER))
        else:
            self._waiting_bytes += len(asked.body)
            self._puts.add(by, (asked, answered))

    def forget(self, by: object) -> None:
        """Whoever it was has gone; what was begun for them comes to its end."""
        self._gets.forget(by)
        for asked, _ in self._puts.forget(by):
            self._waiting_bytes -= len(asked.body)

    def note_over(self) -> None:
        """A blob was deleted: its file may go now."""
        self._over.set()

    async def run(self) -> None:
        """Until cancelled."""
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._puts.run, WRITES_AT_ONCE)
            nursery.start_soon(self._gets.run, READS_AT_ONCE)
            nursery.start_soon(self._clear_away)

    # Putting and getting

    async def _put(self, item: tuple[PutChunk, Answered]) -> None:
        asked, answered = item
        try:
            reply = await self._stored(asked)
        except (OSError, StoreUnavailable) as exc:
            _log.error(strings.LOG_CHUNK, place_of(exc))
            reply = Refused(call=asked.call, reason=Reason.TRY_LATER)
        finally:
            self._waiting_bytes -= len(asked.body)
        answered(reply)

    async def _stored(self, asked: PutChunk) -> Reply:
        hashed, age_ms = writer_hash(asked.writer), self._now().age_ms
        async with self._locks[hash((hashed, asked.number)) % _LOCKS]:
            place = await self._storage.place(hashed, asked.number, age_ms, writer=True)
            reason = why_not_put(asked, place)
            if place is None or reason is not None:
                return Refused(call=asked.call, reason=reason or Reason.UNKNOWN)
            if not self._storage.takes:
                return Refused(call=asked.call, reason=Reason.TRY_LATER)
            write = partial(_write, place, asked, self._min_free)
            digest = await self._storage.with_chunks(write)
            if isinstance(digest, Reason):
                return Refused(call=asked.call, reason=digest)
            if digest == place.digest:
                return Stored(call=asked.call)
            kept = await self._ask(KeepChunk(asked.call, place.blob, asked.number, digest))
        if isinstance(kept, Refused) and kept.reason is Reason.UNKNOWN:
            # Deleted while it was written, which may have made its file anew.
            await self._delete(place.blob)
        return kept

    async def _get(self, item: tuple[GetChunk, Answered]) -> None:
        asked, answered = item
        try:
            reply = await self._found(asked)
        except (OSError, StoreUnavailable) as exc:
            _log.error(strings.LOG_CHUNK, place_of(exc))
            reply = Refused(call=asked.call, reason=Reason.TRY_LATER)
        answered(reply)

    async def _found(self, asked: GetChunk) -> Reply:
        hashed, age_ms = blob_hash(asked.name), self._now().age_ms
        place = await self._storage.place(hashed, asked.number, age_ms, writer=False)
        if place is None:
            return Refused(call=asked.call, reason=Reason.UNKNOWN)
        if place.digest is not None:
            body = await self._storage.with_chunks(partial(_read, place, asked.number))
            if body is not None:
                return Chunk(call=asked.call, body=body)
            _log.error(strings.LOG_CHUNK_LOST)
            await self._ask(LoseChunk(asked.call, place.blob, asked.number))
        return Refused(call=asked.call, reason=Reason.WRONG_STATE)

    # Deleting

    async def _clear_away(self) -> None:
        await self._safely(self._clear_strays)
        while True:
            await self._safely(self._clear_some)
            with trio.move_on_after(CLEAR_EACH_S):
                await self._over.wait()
            self._over = trio.Event()

    async def _safely(self, clear: Callable[[], Awaitable[None]]) -> None:
        try:
            await clear()
        except (OSError, StoreUnavailable) as exc:
            _log.error(strings.LOG_CHUNK, place_of(exc))

    async def _clear_strays(self) -> None:
        """Files that no blob has: of a write that was under way when its blob was deleted."""
        files = await self._storage.with_chunks(lambda chunks: chunks.blobs())
        if files:
            known = await self._storage.known_blobs()
            for blob in files - known:
                await self._delete(blob)

    async def _clear_some(self) -> None:
        while gone := await self._storage.gone_blobs(CLEAR_AT_ONCE):
            for blob in gone:
                await self._delete(blob)
            if isinstance(await self._ask(FilesGone(CallId(0), tuple(gone))), Refused):
                return
            await trio.sleep(CLEAR_PAUSE_S)

    async def _delete(self, blob: int) -> None:
        await self._storage.with_chunks(lambda chunks: chunks.delete(blob))

    async def _ask(self, asked: KeepChunk | LoseChunk | FilesGone) -> Reply:
        replies: list[Reply] = []
        answered = trio.Event()

        def hear(reply: Reply) -> None:
            replies.append(reply)
            answered.set()

        self._storage.submit(asked, self._now(), hear)
        await answered.wait()
        return replies[0]


def _write(place: Place, asked: PutChunk, min_free: int, files: ChunkFiles) -> bytes | Reason:
    """The digest of what lies there now, or why it does not. Runs in a thread."""
    digest = digest_of(asked.body)
    if place.digest is not None:
        if place.digest != digest:
            return Reason.NOT_ALLOWED
        if digest_of(files.read(place.blob, asked.number)) == digest:
            return digest
    if files.free() < min_free + len(asked.body):
        return Reason.TRY_LATER
    files.write(place.blob, asked.number, asked.body)
    return digest


def _read(place: Place, number: int, files: ChunkFiles) -> bytes | None:
    """What was put there, or nothing. Runs in a thread."""
    body = files.read(place.blob, number)
    return body if digest_of(body) == place.digest else None
