"""Durable deposits from 64 senders: a relay beside Redis with fsync always, prosody, ejabberd.

``python -m tests.bench.deposits [--seconds N] [--rounds N]``. 1 KiB each; the smallest envelope
that holds so much has 2 KiB, and a relay stores that. The relay and Redis acknowledge after fsync,
the others before. Each run ends with a kill -9 under full load, and a relay's counts only if every
envelope that it called stored is on its disk then, once. The rounds go from one to the next, since
the machine itself is not always equally fast. One sender alone stands beside synced writes.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from base64 import b64encode
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import trio
from sqlcipher3 import dbapi2 as sqlite

from protocol.ids import CallId, EnvelopeId
from protocol.wire import codec, handshake
from protocol.wire.address import parse_address
from protocol.wire.frames import Deposit
from tests.bench.peers import peer, redis, xmpp
from tests.bench.senders import Plan, Rate, Step, generator, id_of, measure
from tests.faults.depositing import SIZE, Sender, senders
from tests.faults.relays import a_relay

SENDERS = 64
WINDOWS = (1, 16)
BYTES = 1024
RELAY = "relay"
PEERS: dict[str, Callable[[int, int], Plan]] = {
    "redis_always": redis.deposits,
    "prosody": xmpp.deposits,
    "ejabberd": xmpp.deposits,
}
AIMS = {
    ("redis_always", 1): 0.45,
    ("redis_always", 16): 0.35,
    ("prosody", 1): 7,
    ("ejabberd", 1): 10,
}
ALONE_AIM = 2
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
        steps=[Step(upgrade.encode() + websocket(handshake.hello(os.urandom)), b"welcome")],
        mark=b"stored",
        requests=requests,
        id_at=requests[0].index(_MARK_ID),
    )


async def relay_rate(program: Path, count: int, window: int, seconds: float) -> Rate:
    """Raises StoredButGone."""
    with tempfile.TemporaryDirectory(prefix="aside-bench-") as made:
        async with a_relay(Path(made)) as relay:
            plan = to_a_relay(await senders(relay, count))
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
    """How many that were called stored are not there, or there twice."""
    database = sqlite.connect(store)
    try:
        there = Counter(row[0] for row in database.execute("SELECT id FROM envelope"))
    finally:
        database.close()
    promised = (id_of(c, n) for c, count in enumerate(rate.answered) for n in range(count))
    return sum(there[each] != 1 for each in promised)


def peer_rate(program: Path, name: str, plan: Plan, window: int, seconds: float) -> Rate:
    with peer(name) as other:
        return measure(program, other.port, other.pid, plan, window, seconds)


def synced_ms(folder: Path, seconds: float = 1.0) -> float:
    """p50 of writing 1 KiB to the end of a file and syncing it, nothing else."""
    body, took = os.urandom(BYTES), list[float]()
    with (folder / "synced").open("wb", buffering=0) as file:
        end = time.monotonic() + seconds
        while (begun := time.monotonic()) < end:
            file.write(body)
            os.fdatasync(file.fileno())
            took.append(time.monotonic() - begun)
    return median(took) * 1e3


@dataclass
class Rounds:
    """What came of all rounds, by name; the relay's own is first."""

    rates: dict[str, list[Rate]] = field(default_factory=lambda: defaultdict(list))

    def row(self, name: str, window: int) -> str:
        """Medians, and how many times as many the relay took."""
        rates = self.rates[name]
        ours, theirs = (
            median(rate.per_second for rate in each) for each in (self.rates[RELAY], rates)
        )
        figures = (
            f"{name} | {window} | {theirs:,.0f}/s | p50 {median(r.p50_ms for r in rates):.1f} ms"
            f" | p99 {median(r.p99_ms for r in rates):.1f} ms"
            f" | CPU {median(r.cpu_us for r in rates):.0f} us each"
        )
        aim = AIMS.get((name, window))
        if name == RELAY:
            return figures
        return f"{figures} | relay {ours / theirs:.2f}x" + (f", aim {aim}x" if aim else "")


def run(seconds: float = 5.0, rounds: int = 3) -> Iterator[str]:
    """The rows of the table."""
    with generator() as program, tempfile.TemporaryDirectory(prefix="aside-synced-") as made:
        for window in WINDOWS:
            found = Rounds()
            for _ in range(rounds):
                found.rates[RELAY].append(trio.run(relay_rate, program, SENDERS, window, seconds))
                for name, plan in PEERS.items():
                    said = plan(SENDERS, BYTES)
                    found.rates[name].append(peer_rate(program, name, said, window, seconds))
            yield from (found.row(name, window) for name in found.rates)
        raw: list[float] = []
        alone: list[float] = []
        for _ in range(rounds):
            raw.append(synced_ms(Path(made)))
            alone.append(trio.run(relay_rate, program, 1, 1, min(seconds, 2.0)).p50_ms)
            raw.append(synced_ms(Path(made)))
        times = median(alone) / median(raw)
        yield (
            f"one sender | p50 {median(alone):.2f} ms | one synced write {median(raw):.2f} ms"
            f" | {times:.1f}x, aim {ALONE_AIM}x"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    for row in run(asked.seconds, asked.rounds):
        print(row, flush=True)


if __name__ == "__main__":
    main()
