"""Chunks of attachments a second, put and got, and what a deposit beside them waits.

``python -m tests.bench.chunks [--chunks N] [--rounds N]``. A relay is a real process over a real
store; chunks come and go on two connections, four under way on each. Baselines, in the same run and
on the same disk: as many bytes written to one file by as many threads, each piece with its fsync,
and read again. Deposits of 2 KiB go one by one on a connection of their own: alone, while chunks
are put, while they are got. Each run ends with a kill -9 under load and counts only if every chunk
that was called stored is there as it was put.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import astuple, dataclass
from hashlib import blake2b
from pathlib import Path
from statistics import median, quantiles

import trio
from sqlcipher3 import dbapi2 as sqlite

from protocol.ids import CallId
from protocol.wire import codec
from protocol.wire.address import parse_address
from protocol.wire.frames import (
    CHUNK_BYTES,
    BlobShown,
    Frame,
    GetChunk,
    OpenBlob,
    PutChunk,
    Side,
    Stored,
)
from relay.blobs import WRITES_AT_ONCE
from relay.rules.blobs import blob_hash, writer_hash
from relay.store import chunk_files
from relay.store.chunk_files import FolderOfChunks, digest_of
from tests.bench.deposits import websocket
from tests.bench.forwarding import STORED, Feed, Lost, deposits
from tests.faults.depositing import Sender, a_line, senders
from tests.faults.proxy import Messages
from tests.faults.relays import RelayProcess, free_port, generous, make_relay, serving

LINES = 2
WINDOW = 4
CHUNK = b"\xa1t\xa5chunk"
QUOTAS = {"blob_bytes": 1 << 50, "stored_bytes": 1 << 50}
MIB = 1024 * 1024
NAME, WRITER = b"n" * 32, b"w" * 32


@dataclass
class Found:
    """MiB a second, and milliseconds for a deposit at p50 and p99."""

    written: float
    put: float
    read: float
    got: float
    alone: tuple[float, float]
    beside_puts: tuple[float, float]
    beside_gets: tuple[float, float]


def body(number: int) -> bytes:
    """Another one for each number, the same each time."""
    return blake2b(number.to_bytes(4, "big")).digest() * (CHUNK_BYTES // 64)


def plainly(folder: Path, count: int) -> tuple[float, float]:
    """The baseline: pieces written and synced by as many threads, then read."""
    handle = os.open(folder / "plain", os.O_RDWR | os.O_CREAT, 0o600)

    def write(number: int) -> None:
        os.pwrite(handle, body(number), number * CHUNK_BYTES)
        os.fdatasync(handle)

    def read(number: int) -> None:
        os.pread(handle, CHUNK_BYTES, number * CHUNK_BYTES)

    try:
        return _rate(write, count), _rate(read, count)
    finally:
        os.close(handle)


def _rate(each: Callable[[int], None], count: int) -> float:
    began = time.monotonic()
    with ThreadPoolExecutor(WRITES_AT_ONCE) as pool:
        list(pool.map(each, range(count)))
    return count * CHUNK_BYTES / MIB / (time.monotonic() - began)


def said(asked: Frame) -> bytes:
    return websocket(codec.dump([asked]))


def puts(first: int, count: int) -> list[Feed]:
    """Each chunk in its place, shared out over the lines."""
    made = [
        said(PutChunk(call=CallId(number), writer=WRITER, number=number, body=body(number)))
        for number in range(first, first + count)
    ]
    return [Feed(made[line::LINES], STORED) for line in range(LINES)]


def gets(count: int) -> list[Feed]:
    """The chunks that were put, from the first."""
    made = [
        said(GetChunk(call=CallId(number), name=NAME, number=number)) for number in range(count)
    ]
    return [Feed(made[line::LINES], CHUNK) for line in range(LINES)]


async def rate_of(feeds: list[Feed], port: int) -> float:
    began = time.monotonic()
    async with trio.open_nursery() as nursery:
        for feed in feeds:
            nursery.start_soon(feed.run, port, WINDOW)
    came = sum(len(feed.came) for feed in feeds)
    assert came == sum(len(feed.said) for feed in feeds), "some were not answered"
    return came * CHUNK_BYTES / MIB / (time.monotonic() - began)


async def waits(to: Sender, port: int, count: int) -> tuple[float, float]:
    """How long one deposit after the other takes."""
    feed = Feed([said(each) for _, each in deposits([to], count)], STORED)
    await feed.run(port, 1)
    took = [1000 * (b - a) for a, b in zip(feed.came, feed.came[1:], strict=False)]
    return median(took), quantiles(took, n=100)[98]


async def waits_beside(
    feeds: list[Feed], to: Sender, port: int, count: int
) -> tuple[tuple[float, float], float]:
    """The same while these are fed; and how fast they went."""
    rates: list[float] = []

    async def feed_all() -> None:
        rates.append(await rate_of(feeds, port))

    async with trio.open_nursery() as nursery:
        nursery.start_soon(feed_all)
        found = await waits(to, port, count)
    return found, rates[0]


async def open_blob(relay: RelayProcess, by: Sender, chunks: int) -> None:
    async with a_line(relay) as line:
        shown = await line.ask(
            OpenBlob(
                call=line.call(),
                pass_secret=by.pass_secret,
                blob=blob_hash(NAME),
                writer=writer_hash(WRITER),
                chunks=chunks,
                stay_s=86_400,
            )
        )
    assert isinstance(shown, BlobShown)


def check(store: Path, feeds: list[Feed]) -> None:
    """Raises Lost."""
    stored = {
        frame.call
        for feed in feeds
        for message in Messages().feed(bytes(feed.heard))
        for frame in codec.load(message, Side.RELAY)
        if isinstance(frame, Stored)
    }
    with closing(sqlite.connect(store)) as database:
        rows = dict(database.execute("SELECT number, digest FROM chunk").fetchall())
    files = FolderOfChunks(store.with_name(chunk_files.NAME))
    lost = [
        n for n in stored if not rows.get(n) == digest_of(body(n)) == digest_of(files.read(1, n))
    ]
    if lost or not stored:
        raise Lost(str(len(lost)))


async def measured(count: int) -> Found:
    """One relay's figures. Raises Lost."""
    with tempfile.TemporaryDirectory(prefix="aside-bench-") as made:
        folder = Path(made, "relay")
        await make_relay(folder, Path(made, "log"), free_port())
        generous(folder, QUOTAS)
        written, read = plainly(Path(made), count)
        relay = RelayProcess(folder, Path(made, "log"))
        async with serving(relay):
            port = parse_address(relay.address).port
            (sender,) = await senders(relay, 1)
            await open_blob(relay, sender, 4 * count)
            alone = await waits(sender, port, count)
            fed = puts(0, count)
            put = await rate_of(fed, port)
            got = await rate_of(gets(count), port)
            more = puts(count, count)
            beside_puts, _ = await waits_beside(more, sender, port, count)
            beside_gets, _ = await waits_beside(gets(count), sender, port, count)
            last = puts(2 * count, 2 * count)
            with trio.move_on_after(1):
                await rate_of(last, port)
            await relay.kill()
        check(folder / "store.db", [*fed, *more, *last])
    return Found(written, put, read, got, alone, beside_puts, beside_gets)


def run(count: int, rounds: int) -> str:
    """The rows of the table, medians."""
    all_of_them = [astuple(trio.run(measured, count)) for _ in range(rounds)]
    written, put, read, got = (median(each[n] for each in all_of_them) for n in range(4))
    rows = [
        f"put {put:,.0f} MiB/s | written and synced {written:,.0f} | {put / written:.2f}x",
        f"got {got:,.0f} MiB/s | read {read:,.0f} | {got / read:.2f}x",
    ]
    for n, name in ((4, "alone"), (5, "beside puts"), (6, "beside gets")):
        p50, p99 = (median(each[n][which] for each in all_of_them) for which in range(2))
        rows.append(f"deposit {name}: p50 {p50:.2f} ms, p99 {p99:.2f} ms")
    return "\n".join(rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--chunks", type=int, default=400)
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    print(run(asked.chunks, asked.rounds))


if __name__ == "__main__":
    main()
