"""Chunks over a line: put, got, resumed, damaged, deleted; and what others notice of it."""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar

import pytest
import trio
from trio.testing import MockClock

from protocol.wire import frames
from protocol.wire.frames import (
    CHUNK_BYTES,
    BlobShown,
    Chunk,
    Done,
    Reason,
    Refused,
    Reply,
    Stored,
    chunks_in,
)
from relay import blobs
from relay.asked import calls
from relay.rules.blobs import blob_hash, writer_hash
from relay.rules.limits import House, Limits
from relay.store import database
from relay.store.chunk_files import ChunkFiles, ChunksInMemory, FolderOfChunks, path_in
from relay.store.committing import CommittingThread
from relay.store.memory import MemoryStore
from relay.store.storage import Inline
from tests.relay.caller import Caller, World, open_world

NAME = b"the name of a blob".ljust(32)
WRITER = b"its writer".ljust(32)
FROM_BOB = b"alice gave this to bob".ljust(32)
OPEN = House(open=True)

T = TypeVar("T")


def body(number: int) -> bytes:
    return number.to_bytes(4, "big") * (CHUNK_BYTES // 4)


def putting(by: Caller, number: int, sent: bytes | None = None) -> frames.PutChunk:
    sent = body(number) if sent is None else sent
    return frames.PutChunk(call=by.call(), writer=WRITER, number=number, body=sent)


async def put(by: Caller, number: int, sent: bytes | None = None) -> Reply:
    return await by.ask(putting(by, number, sent))


async def get(by: Caller, number: int, name: bytes = NAME) -> bytes | Reason:
    reply = await by.ask(frames.GetChunk(call=by.call(), name=name, number=number))
    return reply.body if isinstance(reply, Chunk) else reason(reply)


def reason(reply: Reply) -> Reason:
    assert isinstance(reply, Refused)
    return reply.reason


async def opened(by: Caller, chunks: int = 4, stay_s: int = 1000) -> Reply:
    return await by.ask(
        frames.OpenBlob(
            call=by.call(),
            pass_secret=bytes(by.secret)[::-1],
            blob=blob_hash(NAME),
            writer=writer_hash(WRITER),
            chunks=chunks,
            stay_s=stay_s,
        )
    )


async def there(by: Caller) -> frozenset[int]:
    shown = await by.ask(frames.ShowBlob(call=by.call(), name=NAME))
    assert isinstance(shown, BlobShown)
    return chunks_in(shown.there)


async def an_owner(world: World, chunks: int = 4) -> Caller:
    """Alice, with a blob that has room."""
    alice = await world.caller(1)
    await alice.move_in(FROM_BOB)
    assert isinstance(await opened(alice, chunks), BlobShown)
    return alice


@asynccontextmanager
async def on_disk(folder: Path, house: House = OPEN) -> AsyncGenerator[World]:
    path = folder / "store.db"
    if not path.exists():
        database.create(path)
    with trio.fail_after(20):
        async with open_world(house, CommittingThread(path)) as world:
            yield world


async def test_what_is_put_by_one_is_got_by_who_has_the_name(tmp_path: Path) -> None:
    async with on_disk(tmp_path) as world:
        alice, bob = await an_owner(world), await world.caller(2)
        for number in (2, 0):
            assert isinstance(await put(alice, number), Stored)
        assert await get(bob, 2) == body(2)
        assert await get(bob, 0) == body(0)
        assert await get(bob, 1) is Reason.WRONG_STATE
        assert await get(bob, 4000) is Reason.WRONG_STATE
        assert await get(bob, 0, b"a guess".ljust(32)) is Reason.UNKNOWN
        assert await get(bob, 0, WRITER) is Reason.UNKNOWN
        assert await get(bob, 0, blob_hash(NAME)) is Reason.UNKNOWN


async def test_a_sender_goes_on_from_what_is_there_on_another_line_and_after_a_restart(
    tmp_path: Path,
) -> None:
    async with on_disk(tmp_path) as world:
        alice = await an_owner(world)
        for number in (0, 3):
            await put(alice, number)
        await alice.hang_up()
        again = await world.caller(1)
        assert await there(again) == {0, 3}
        shown = await opened(again)
        assert isinstance(shown, BlobShown)
        assert chunks_in(shown.there) == {0, 3}
    async with on_disk(tmp_path) as world:
        later = await world.caller(1)
        for number in {0, 1, 2, 3} - await there(later):
            assert isinstance(await put(later, number), Stored)
        assert [await get(later, number) for number in range(4)] == list(map(body, range(4)))


async def test_a_chunk_that_is_in_its_file_and_not_in_the_store_does_not_count(
    tmp_path: Path,
) -> None:
    """What a relay that is killed between the two leaves behind, and half of another chunk."""
    async with on_disk(tmp_path) as world:
        await an_owner(world)
    files = FolderOfChunks(tmp_path / "blobs")
    files.write(1, 0, body(0))
    with path_in(tmp_path / "blobs", 1).open("ab") as file:
        file.write(body(1)[: CHUNK_BYTES // 2])
    async with on_disk(tmp_path) as world:
        alice = await world.caller(1)
        assert await there(alice) == frozenset()
        assert [await get(alice, number) for number in (0, 1)] == [Reason.WRONG_STATE] * 2
        assert isinstance(await put(alice, 1), Stored)
        assert await get(alice, 1) == body(1)


async def test_the_same_chunk_again_is_stored_and_another_in_its_place_is_not(
    autojump_clock: MockClock,
) -> None:
    async with open_world() as world:
        alice = await an_owner(world)
        assert isinstance(await put(alice, 1), Stored)
        assert isinstance(await put(alice, 1), Stored)
        assert reason(await put(alice, 1, body(7))) is Reason.NOT_ALLOWED
        assert await get(alice, 1) == body(1)


async def test_a_chunk_put_twice_at_one_time_is_written_once_after_the_other(
    autojump_clock: MockClock,
) -> None:
    async with open_world() as world:
        alice, bob = await an_owner(world), await world.caller(2)
        one, other = putting(alice, 1, body(8)), putting(bob, 1, body(9))
        replies: dict[int, Reply] = {}

        async def ask(by: Caller, asked: frames.PutChunk) -> None:
            replies[asked.body[3]] = await put(by, 1, asked.body)

        async with trio.open_nursery() as nursery:
            nursery.start_soon(ask, alice, one)
            nursery.start_soon(ask, bob, other)
        (kept,) = [number for number, reply in replies.items() if isinstance(reply, Stored)]
        assert await get(bob, 1) == body(kept)


@pytest.mark.parametrize("size", [1, CHUNK_BYTES - 1])
async def test_part_of_a_chunk_is_no_chunk(size: int, autojump_clock: MockClock) -> None:
    async with open_world() as world:
        alice = await an_owner(world)
        assert reason(await put(alice, 0, bytes(size))) is Reason.NOT_ALLOWED
        assert reason(await put(alice, 4)) is Reason.NOT_ALLOWED


async def test_more_than_a_chunk_ends_the_line(autojump_clock: MockClock) -> None:
    async with open_world() as world:
        alice = await an_owner(world)
        await alice.say(putting(alice, 0, bytes(CHUNK_BYTES + 1)))
        assert await alice.farewell() is None


async def test_deleted_is_gone_from_the_disk_too(tmp_path: Path) -> None:
    async with on_disk(tmp_path) as world:
        alice = await an_owner(world)
        await put(alice, 0)
        path = path_in(tmp_path / "blobs", 1)
        assert path.is_file()
        asked = frames.DeleteBlob(call=alice.call(), writer=WRITER)
        assert isinstance(await alice.ask(asked), Done)
        assert await get(alice, 0) is Reason.UNKNOWN
        assert reason(await put(alice, 0)) is Reason.UNKNOWN
        while path.exists():
            await trio.sleep(0.005)


async def test_a_blob_whose_time_is_over_is_gone_and_so_are_its_chunks(
    autojump_clock: MockClock,
) -> None:
    chunks = ChunksInMemory()
    async with open_world(storage=Inline(MemoryStore(), chunks)) as world:
        alice = await an_owner(world)
        await put(alice, 0)
        await trio.sleep(999)
        await alice.hang_up()
        bob = await world.caller(2)
        assert await get(bob, 0) == body(0)
        await trio.sleep(1)
        assert await get(bob, 0) is Reason.UNKNOWN
        await trio.sleep(125)
        assert chunks.blobs() == set()


async def test_a_file_that_nobody_owns_goes_at_the_next_start(tmp_path: Path) -> None:
    async with on_disk(tmp_path) as world:
        await put(await an_owner(world), 0)
    stray = path_in(tmp_path / "blobs", 77)
    FolderOfChunks(tmp_path / "blobs").write(77, 0, body(1))
    async with on_disk(tmp_path) as world:
        while stray.exists():
            await trio.sleep(0.005)
        assert await get(await world.caller(2), 0) == body(0)


@pytest.mark.parametrize("damage", ["bit", "short", "missing"])
async def test_damage_is_never_handed_out_and_can_be_put_right(damage: str, tmp_path: Path) -> None:
    async with on_disk(tmp_path) as world:
        alice = await an_owner(world)
        for number in range(2):
            await put(alice, number)
        path = path_in(tmp_path / "blobs", 1)
        match damage:
            case "bit":
                with path.open("r+b") as file:
                    file.seek(CHUNK_BYTES + 5)
                    file.write(b"!")
            case "short":
                os.truncate(path, 2 * CHUNK_BYTES - 1)
            case _:
                path.unlink()
        # Put again before anybody noticed, it is looked at and not believed.
        if damage == "short":
            assert isinstance(await put(alice, 1), Stored)
            assert await get(alice, 1) == body(1)
            return
        assert await get(alice, 1) is Reason.WRONG_STATE
        assert 1 not in await there(alice)
        assert isinstance(await put(alice, 1), Stored)
        assert await get(alice, 1) == body(1)


async def test_a_disk_with_too_little_room_takes_no_chunk_and_gives_those_it_has(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def too_little(_: FolderOfChunks) -> int:
        return (1 << 20) + CHUNK_BYTES - 1

    async with on_disk(tmp_path, House(open=True, limits=Limits(min_free=1 << 20))) as world:
        alice = await an_owner(world)
        await put(alice, 0)
        monkeypatch.setattr(FolderOfChunks, "free", too_little)
        assert reason(await put(alice, 1)) is Reason.TRY_LATER
        assert await there(alice) == {0}
        assert await get(alice, 0) == body(0)
        asked = frames.DeleteBlob(call=alice.call(), writer=WRITER)
        assert isinstance(await alice.ask(asked), Done)


async def test_a_disk_that_fails_is_for_later(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> bytes:
        raise OSError(28, "No space left on device")

    async with open_world() as world:
        alice = await an_owner(world)
        await put(alice, 0)
        with monkeypatch.context() as patch:
            patch.setattr(ChunksInMemory, "write", fail)
            patch.setattr(ChunksInMemory, "read", fail)
            assert reason(await put(alice, 1)) is Reason.TRY_LATER
            assert await get(alice, 0) is Reason.TRY_LATER
        assert isinstance(await put(alice, 1), Stored)
        assert await get(alice, 0) == body(0)


class Slow(Inline):
    """Chunks' files are slow: each is worked on when it is let."""

    def __init__(self, *, shut: bool = True) -> None:
        self.files = ChunksInMemory()
        super().__init__(MemoryStore(), self.files)
        self.shut = shut
        self.gate = trio.Semaphore(0)
        self.waiting_here = 0

    def let(self, many: int) -> None:
        for _ in range(many):
            self.gate.release()

    async def with_chunks(self, work: Callable[[ChunkFiles], T]) -> T:
        if self.shut:
            self.waiting_here += 1
            await self.gate.acquire()
            self.waiting_here -= 1
        return await super().with_chunks(work)


async def test_a_chunk_that_is_written_while_its_blob_is_deleted_leaves_nothing(
    autojump_clock: MockClock,
) -> None:
    storage = Slow(shut=False)
    async with open_world(storage=storage) as world:
        alice, other = await an_owner(world), await world.caller(2)
        storage.shut = True
        await alice.say(putting(alice, 0))
        await alice.ping()
        storage.shut = False
        asked = frames.DeleteBlob(call=other.call(), writer=WRITER)
        assert isinstance(await other.ask(asked), Done)
        await trio.sleep(1)
        assert await storage.known_blobs() == set()  # nobody else will delete it again
        storage.let(1)
        reply = await alice.next()
        assert isinstance(reply, Refused)
        assert reply.reason is Reason.UNKNOWN
        assert storage.files.blobs() == set()


async def test_who_pulls_a_whole_blob_holds_up_neither_deposits_nor_others(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Reads stand still; deposits go on, and a second reader does not come after all of it."""
    monkeypatch.setattr(blobs, "READS_AT_ONCE", 1)
    storage = Slow(shut=False)
    async with open_world(storage=storage) as world:
        alice = await an_owner(world, chunks=11)
        for number in range(11):
            await put(alice, number)
        storage.shut = True
        greedy, modest = await world.caller(2), await world.caller(3)
        for number in range(10):
            await greedy.say(frames.GetChunk(call=greedy.call(), name=NAME, number=number))
        await greedy.ping()
        assert storage.waiting_here == 1
        await modest.say(frames.GetChunk(call=modest.call(), name=NAME, number=10))
        assert isinstance(await modest.deposit(FROM_BOB, 1), Stored)
        storage.let(3)
        assert isinstance(await modest.next(), Chunk)
        storage.let(8)
        for _ in range(10):
            assert isinstance(await greedy.next(), Chunk)


async def test_what_one_line_has_under_way_is_bounded(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calls, "MOST_BYTES", 3 * CHUNK_BYTES)
    storage = Slow(shut=False)
    async with open_world(storage=storage) as world:
        alice, greedy = await an_owner(world), await world.caller(2)
        await put(alice, 0)
        storage.shut = True
        for _ in range(9):
            await greedy.say(frames.GetChunk(call=greedy.call(), name=NAME, number=0))
        await trio.testing.wait_all_tasks_blocked()
        assert world.relay.premises.counters.requests[frames.GetChunk] == 3
        storage.let(9)
        for _ in range(9):
            assert isinstance(await greedy.next(), Chunk)


async def test_chunks_that_wait_are_bounded_in_bytes(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blobs, "MOST_WAITING_BYTES", 2 * CHUNK_BYTES)
    storage = Slow(shut=False)
    async with open_world(storage=storage) as world:
        alice = await an_owner(world)
        storage.shut = True
        for number in range(3):
            await alice.say(putting(alice, number))
        refused = await alice.next()
        assert isinstance(refused, Refused)
        assert refused.reason is Reason.TRY_LATER
        storage.let(3)
        assert [type(await alice.next()) for _ in range(2)] == [Stored, Stored]
        assert isinstance(await put(alice, 3), Stored)  # the bytes were given back


async def test_whoever_leaves_leaves_no_work_behind(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blobs, "WRITES_AT_ONCE", 1)
    storage = Slow(shut=False)
    async with open_world(storage=storage) as world:
        alice, bob = await an_owner(world), await world.caller(2)
        storage.shut = True
        for number in range(3):
            await alice.say(putting(alice, number))
        await alice.ping()
        await alice.hang_up()
        await trio.testing.wait_all_tasks_blocked()
        storage.let(9)
        await put(bob, 3)
        assert await there(bob) == {0, 3}
