"""Whether the time of an answer tells an unknown capability from an expired or a revoked one.

``python -m tests.bench.alike [--count N]``. A real relay on the loopback, one connection, one
request at a time; the kinds take turns in an order drawn anew each time, so that nothing else can
tell them apart. Beside the medians stands what somebody could make of one single timing: the share
of right guesses with the best threshold there is, found with the answers known.
"""

from __future__ import annotations

import argparse
import os
import random
import socket
import sys
import tempfile
import time
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import trio

from protocol.ids import CallId, CapabilityHash, DrawerId, EnvelopeId, MailboxId
from protocol.keys import Domain, Secret, public_key, sign
from protocol.wire import codec, handshake
from protocol.wire.address import parse_address
from protocol.wire.frames import (
    CreateMailbox,
    Deposit,
    Frame,
    Grant,
    OpenMailbox,
    Policy,
    Reason,
    Redeem,
    Refused,
    Revoke,
    Side,
    TakeBundle,
)
from relay.rules.deposits import capability_hash
from tests.bench.deposits import websocket
from tests.faults.depositing import a_line
from tests.faults.relays import RelayProcess, free_port, make_relay, serving

OTHERS = 500  # capabilities that are good, so that the three lie among many
WARM_UP = 300
BASELINE = "baseline"
NOT_ALIKE = " NOT ALIKE"
MEDIANS_WITHIN = 0.05
GUESSED_AT_MOST = 0.55
KINDS = ("unknown", "expired", "revoked", "unknown again")
_RECEIVE_BYTES = 65536


@dataclass(frozen=True)
class Guess:
    """Two kinds side by side."""

    one: str
    other: str
    apart: float  # of the medians, as a share of the first
    right: float  # guesses by one timing


class Probe:
    """A connection that asks one thing at a time, with a stopwatch."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        key = b64encode(os.urandom(16)).decode()
        self._socket.sendall(
            "GET / HTTP/1.1\r\nHost: relay\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
            + websocket(handshake.hello(os.urandom))
        )
        heard = b""
        while b"welcome" not in heard:
            heard += self._socket.recv(_RECEIVE_BYTES)

    def ask(self, request: bytes) -> int:
        """Nanoseconds until the answer."""
        began = time.perf_counter_ns()
        self._socket.sendall(request)
        heard = self._socket.recv(_RECEIVE_BYTES)
        took = time.perf_counter_ns() - began
        (said,) = codec.load(heard[2:], Side.RELAY)
        assert isinstance(said, Refused)
        assert said.reason is Reason.UNKNOWN
        return took

    def close(self) -> None:
        self._socket.close()


async def prepare(relay: RelayProcess) -> dict[str, bytes]:
    """A mailbox with capabilities good, expired and revoked; one of each kind."""
    kinds = {kind: os.urandom(32) for kind in ("unknown", "expired", "revoked")}
    seed, secret = Secret(os.urandom(32)), Secret(os.urandom(32))
    mailbox = MailboxId(public_key(seed))
    async with a_line(relay) as line:
        transcript = line.agreed.transcript
        create = sign(seed, Domain.CREATE_MAILBOX, transcript)
        opening = sign(seed, Domain.OPEN_MAILBOX, transcript)

        def grant(capability: bytes, expires_ms: int | None = None) -> Grant:
            return Grant(
                call=line.call(),
                mailbox=mailbox,
                capability=CapabilityHash(capability_hash(capability)),
                drawer=DrawerId(bytes(16)),
                policy=Policy(expires_ms=expires_ms),
            )

        redeem = Redeem(call=line.call(), code=b"", pass_secret=secret)
        assert not isinstance(await line.ask(redeem), Refused)
        made = CreateMailbox(
            call=line.call(), mailbox=mailbox, pass_secret=secret, signature=create
        )
        assert not isinstance(await line.ask(made), Refused)
        opened = OpenMailbox(call=line.call(), mailbox=mailbox, signature=opening)
        assert not isinstance(await line.ask(opened), Refused)
        others = [grant(os.urandom(32)) for _ in range(OTHERS)]
        for granted in (grant(kinds["expired"], expires_ms=1), grant(kinds["revoked"]), *others):
            assert not isinstance(await line.ask(granted), Refused)
        revoked = CapabilityHash(capability_hash(kinds["revoked"]))
        revoke = Revoke(call=line.call(), mailbox=mailbox, capability=revoked)
        assert not isinstance(await line.ask(revoke), Refused)
    return kinds | {"unknown again": kinds["unknown"]}


def deposit(capability: bytes) -> Frame:
    return Deposit(
        call=CallId(1),
        capability=capability,
        envelope_id=EnvelopeId(bytes(16)),
        body=bytes(2048),
    )


def take_bundle(capability: bytes) -> Frame:
    return TakeBundle(call=CallId(1), capability=capability)


def measure(port: int, requests: dict[str, bytes], count: int) -> dict[str, list[int]]:
    """Nanoseconds of each kind."""
    took: dict[str, list[int]] = {kind: [] for kind in requests}
    turns, rng = list(requests), random.Random(1)
    probe = Probe(port)
    try:
        for number in range(-WARM_UP, count):
            rng.shuffle(turns)
            for kind in turns:
                nanoseconds = probe.ask(requests[kind])
                if number >= 0:
                    took[kind].append(nanoseconds)
    finally:
        probe.close()
    return took


def guessed(one: Sequence[int], other: Sequence[int]) -> float:
    """The share of right guesses by the best threshold, equally many of both being asked."""
    marked = sorted([(each, 0) for each in one] + [(each, 1) for each in other])
    below, best = [0, 0], 0.0
    for place, (value, kind) in enumerate(marked, 1):
        below[kind] += 1
        if place == len(marked) or marked[place][0] != value:
            best = max(best, abs(below[0] / len(one) - below[1] / len(other)))
    return 0.5 + best / 2


def compare(took: dict[str, list[int]], one: str, other: str) -> Guess:
    first, second = median(took[one]), median(took[other])
    return Guess(one, other, abs(first - second) / first, guessed(took[one], took[other]))


async def _serve_and_measure(count: int) -> list[str]:
    rows = ["| request | beside | medians, µs | apart | one timing guessed right |"]
    rows.append("|---|---|---:|---:|---:|")
    with tempfile.TemporaryDirectory(prefix="aside-bench-") as made:
        folder = Path(made)
        relay = RelayProcess(folder / "relay", folder / "relay.log")
        await make_relay(relay.folder, relay.log, free_port())
        settings = relay.folder / "relay.toml"
        # Whoever guesses so often is sent away; this time it is wanted.
        settings.write_text(
            settings.read_text("utf-8").replace(
                "failed_attempts = 100", "failed_attempts = 100000000"
            )
        )
        async with serving(relay):
            kinds = await prepare(relay)
            port = parse_address(relay.address).port
            for request in (deposit, take_bundle):
                asked = {kind: websocket(codec.dump([request(kinds[kind])])) for kind in KINDS}
                took = await trio.to_thread.run_sync(measure, port, asked, count)
                rows += lines(request.__name__, took)
    return rows


def lines(name: str, took: dict[str, list[int]]) -> list[str]:
    """One row for each pair; the first one is of a kind with itself."""
    rows: list[str] = []
    pairs = (
        ("unknown", "unknown again"),
        ("unknown", "expired"),
        ("unknown", "revoked"),
        ("expired", "revoked"),
    )
    for one, other in pairs:
        found = compare(took, one, other)
        well = found.apart <= MEDIANS_WITHIN and found.right <= GUESSED_AT_MOST
        medians = f"{median(took[one]) / 1000:.1f} and {median(took[other]) / 1000:.1f}"
        beside = f"{BASELINE}: unknown, itself" if other == "unknown again" else f"{one}, {other}"
        rows.append(
            f"| {name} | {beside} | {medians} | {found.apart:.1%} | {found.right:.1%} |"
            + ("" if well else NOT_ALIKE)
        )
    return rows


def verdict(rows: Sequence[str]) -> int:
    """1 where two kinds are told apart. A kind from itself is a busy machine, and shows as such."""
    return int(any(row.endswith(NOT_ALIKE) and BASELINE not in row for row in rows))


def run(count: int = 10_000) -> list[str]:
    """The rows of the table."""
    return trio.run(_serve_and_measure, count)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=10_000)
    rows = run(parser.parse_args().count)
    for row in rows:
        print(row)
    return verdict(rows)


if __name__ == "__main__":
    sys.exit(main())
