"""Durable deposits of 2 KiB from 64 senders: a relay beside Redis with fsync always.

``python -m tests.bench.deposits [--seconds N] [--rounds N]``. Each run ends with a kill -9 under
full load, and counts only if every envelope that the relay called stored is on its disk then. The
rounds alternate between the two, since the machine itself is not always equally fast.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from base64 import b64encode
from pathlib import Path
from statistics import median

import trio
from sqlcipher3 import dbapi2 as sqlite

from protocol.ids import CallId, EnvelopeId
from protocol.wire import codec, handshake
from protocol.wire.address import parse_address
from protocol.wire.frames import Deposit
from tests.bench.peers import peer
from tests.bench.senders import Plan, Rate, generator, id_of, measure
from tests.faults.depositing import SIZE, Sender, senders
from tests.faults.relays import a_relay

SENDERS = 64
WINDOWS = (1, 16)
TARGET = 0.2
_MARK_ID = bytes(range(100, 112)) + bytes(4)  # the last four are not patched


class StoredButGone(Exception):
    """The relay said Stored of envelopes that are not there: its figure counts for nothing."""


def websocket(message: bytes) -> bytes:
    """A client's binary message, under a mask of zeros so that it can be patched."""
    size = len(message)
    head = bytes((0x82, 0x80 | size)) if size < 126 else struct_head(size)
    return head + bytes(4) + message


def struct_head(size: int) -> bytes:
    """The head of a message of 126 bytes or more."""
    wide = size >= 1 << 16
    return bytes((0x82, 0x80 | 126 + wide)) + size.to_bytes(8 if wide else 2, "big")


def to_a_relay(everybody: list[Sender]) -> Plan:
    """Upgrade and Hello; then one deposit a message, each sender into a mailbox of its own."""
    key = b64encode(os.urandom(16)).decode()
    upgrade = (
        "GET / HTTP/1.1\r\nHost: relay\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n"
    )
    requests = [
        websocket(
            codec.dump(
                [
                    Deposit(
                        call=CallId(1),
                        capability=sender.capability,
                        envelope_id=EnvelopeId(_MARK_ID),
                        body=os.urandom(SIZE),
                    )
                ]
            )
        )
        for sender in everybody
    ]
    return Plan(
        prologue=upgrade.encode() + websocket(handshake.hello(os.urandom)),
        ready=b"welcome",
        mark=b"stored",
        requests=requests,
        id_at=requests[0].index(_MARK_ID),
    )


def to_redis() -> Plan:
    """One entry a time, each sender to a stream of its own; the answer is an id with one dash."""
    body = os.urandom(SIZE)
    requests = [
        b"*5\r\n$4\r\nXADD\r\n$5\r\nbox%02d\r\n$1\r\n*\r\n$1\r\ne\r\n$%d\r\n%s\r\n"
        % (number, SIZE, body)
        for number in range(SENDERS)
    ]
    return Plan(b"PING\r\n", b"+PONG\r\n", b"-", requests, None)


async def relay_rate(program: Path, window: int, seconds: float) -> Rate:
    """Raises StoredButGone."""
    with tempfile.TemporaryDirectory(prefix="aside-bench-") as made:
        async with a_relay(Path(made)) as relay:
            plan = to_a_relay(await senders(relay, SENDERS))
            port = parse_address(relay.address).port
            rate = await trio.to_thread.run_sync(
                measure, program, port, relay.pid, plan, window, seconds
            )
            await relay.kill()
            gone = gone_of(relay.store, rate)
            if gone:
                raise StoredButGone(str(gone))
            return rate


def gone_of(store: Path, rate: Rate) -> int:
    database = sqlite.connect(store)
    try:
        there = {row[0] for row in database.execute("SELECT id FROM envelope")}
    finally:
        database.close()
    promised = (id_of(c, n) for c, count in enumerate(rate.answered) for n in range(count))
    return sum(each not in there for each in promised)


def redis_rate(program: Path, window: int, seconds: float) -> Rate:
    with peer("redis_always") as redis:
        return measure(program, redis.port, redis.pid, to_redis(), window, seconds)


def line(name: str, rates: list[Rate]) -> str:
    """One side's row: medians of the rounds."""
    rate = median(rate.per_second for rate in rates)
    p50 = median(rate.p50_ms for rate in rates)
    p99 = median(rate.p99_ms for rate in rates)
    return f"{name} | {rate:,.0f}/s | p50 {p50:.1f} ms | p99 {p99:.1f} ms"


def run(seconds: float = 5.0, rounds: int = 3) -> list[str]:
    """The rows of the table."""
    rows: list[str] = []
    with generator() as program:
        for window in WINDOWS:
            ours: list[Rate] = []
            theirs: list[Rate] = []
            for _ in range(rounds):
                ours.append(trio.run(relay_rate, program, window, seconds))
                theirs.append(redis_rate(program, window, seconds))
            ratio = median(r.per_second for r in ours) / median(r.per_second for r in theirs)
            verdict = f"{ratio:.2f}x, aim {TARGET}x"
            rows.append(
                f"deposits, {window} in flight | {line('relay', ours)}"
                f" | {line('Redis, fsync always', theirs)} | {verdict}"
            )
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    for row in run(asked.seconds, asked.rounds):
        print(row)


if __name__ == "__main__":
    main()
