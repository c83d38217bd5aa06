"""Slots written and told of: 10,000 updates a second to 10 watchers each, and deposits beside.

``python -m tests.bench.presence [--seconds N] [--rounds N]``. The relay is a real process over a
real store; 250 connections write 40 slots each, once a second, and 250 others watch 400 each. A run
counts only if at its end every one that watches has heard what was written last (of two updates
between two tellings the later one stands for both). Baseline: deposits of 2 KiB at the same relay
in the same run without any presence; the generator shares the two cores with the relay.
"""

from __future__ import annotations

import argparse
import os
import re
import tempfile
import time
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import trio

from protocol.ids import CallId
from protocol.wire import codec, handshake
from protocol.wire.address import parse_address
from protocol.wire.frames import Publish, SlotUpdate, Watch
from protocol.wire.slots import watch_of
from tests.bench.deposits import websocket
from tests.faults.depositing import Sender, a_line, senders
from tests.faults.relays import RelayProcess, a_relay

WRITERS, OF_EACH = 250, 40
WATCHERS, OF_A_SLOT = 250, 10
SLOTS = WRITERS * OF_EACH
AIM = 10_000
DEPOSITORS, DEPOSITS, IN_FLIGHT = 4, 800, 16
WELCOME = b"\xa1t\xa7welcome"
TOLD, WATCHING, NOTED = b"\xa1t\xa4told", b"\xa1t\xa8watching", b"\xa1t\xa5noted"
LAST = re.compile(rb"LAST(\d{8})")
TICKS = os.sysconf("SC_CLK_TCK")


class Lost(Exception):
    """Somebody did not hear the last word: the figure counts for nothing."""


@dataclass(frozen=True)
class Found:
    """One run's figures."""

    updates: float
    told: float
    core: float  # of the relay, for all that
    quiet: float  # deposits a second
    beside: float


@dataclass
class Talk:
    """One connection: what it heard, and how often certain words came."""

    port: int
    stream: trio.SocketStream | None = None
    heard: bytearray = field(default_factory=bytearray)
    counts: dict[bytes, int] = field(default_factory=dict[bytes, int])

    async def begin(self) -> None:
        self.stream = await trio.open_tcp_stream("127.0.0.1", self.port)
        key = b64encode(os.urandom(16)).decode()
        await self.stream.send_all(
            b"GET / HTTP/1.1\r\nHost: relay\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
            + websocket(handshake.hello(os.urandom))
        )

    async def say(self, data: bytes) -> None:
        assert self.stream is not None
        await self.stream.send_all(data)

    async def listen(self, *words: bytes) -> None:
        """Count these; of what was heard the end is kept."""
        assert self.stream is not None
        while data := await self.stream.receive_some(1 << 18):
            looked = max(len(self.heard) - 8, 0)
            self.heard += data
            for word in words:
                self.counts[word] = self.counts.get(word, 0) + self.heard.count(word, looked)
            if len(self.heard) > 1 << 20:
                del self.heard[: -(1 << 18)]


def token(slot: int) -> bytes:
    return slot.to_bytes(32, "big")


def updates(by: Sender, number: int, word: bytes) -> bytes:
    """One writer's slots, all at once."""
    slots = tuple(
        SlotUpdate(
            write=token(slot),
            blob=(word + b"%08d" % slot).ljust(64, b"."),
            lasts_s=600,
        )
        for slot in range(number * OF_EACH, (number + 1) * OF_EACH)
    )
    return websocket(
        codec.dump([Publish(call=CallId(number), pass_secret=by.pass_secret, slots=slots)])
    )


def watched_by(watcher: int) -> list[int]:
    """Each slot by ten of them, each of them by 400."""
    return [slot for slot in range(SLOTS) if (watcher - slot * OF_A_SLOT) % WATCHERS < OF_A_SLOT]


def watches(watcher: int) -> bytes:
    asked = [Watch(call=CallId(slot), slot=watch_of(token(slot))) for slot in watched_by(watcher)]
    pieces = [asked[start : start + 200] for start in range(0, len(asked), 200)]
    return b"".join(websocket(codec.dump(piece)) for piece in pieces)


def total(talks: list[Talk], word: bytes) -> int:
    return sum(talk.counts.get(word, 0) for talk in talks)


async def until(reached: Callable[[], bool], seconds: float = 60) -> None:
    with trio.move_on_after(seconds):
        while not reached():
            await trio.sleep(0.05)


def core_seconds(pid: int) -> float:
    after = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(after[11]) + int(after[12])) / TICKS


async def deposits(relay: RelayProcess, by: list[Sender]) -> float:
    """How many a second, on a few lines of this same process."""

    async def some(sender: Sender) -> None:
        async with a_line(relay) as line:
            await sender.deposit(line, DEPOSITS, IN_FLIGHT)

    began = time.monotonic()
    async with trio.open_nursery() as nursery:
        for sender in by:
            nursery.start_soon(some, sender)
    return DEPOSITS * len(by) / (time.monotonic() - began)


async def measured(seconds: float) -> Found:
    """Raises Lost."""
    with tempfile.TemporaryDirectory(prefix="aside-bench-") as made:
        async with a_relay(Path(made)) as relay:
            port = parse_address(relay.address).port
            people = await senders(relay, WRITERS)
            quiet = await deposits(relay, people[:DEPOSITORS])
            talks = [Talk(port) for _ in range(WRITERS + WATCHERS)]
            writers, readers = talks[:WRITERS], talks[WRITERS:]
            noted = told = 0
            took, core, beside = 1.0, 0.0, 0.0
            async with trio.open_nursery() as nursery:
                for number, talk in enumerate(talks):
                    await talk.begin()
                    words = (WATCHING, TOLD) if number >= WRITERS else (NOTED,)
                    nursery.start_soon(talk.listen, *words)
                await until(lambda: all(WELCOME in talk.heard for talk in talks))
                for number, talk in enumerate(readers):
                    await talk.say(watches(number))
                await until(lambda: total(readers, WATCHING) >= SLOTS * OF_A_SLOT)
                usual = [updates(by, number, b"HERE") for number, by in enumerate(people)]

                async def write(number: int) -> None:
                    await trio.sleep(number / WRITERS)
                    while True:
                        due = trio.current_time() + 1
                        await writers[number].say(usual[number])
                        await trio.sleep_until(due)

                with trio.CancelScope() as writing:
                    async with trio.open_nursery() as writing_nursery:
                        for number in range(WRITERS):
                            writing_nursery.start_soon(write, number)
                        await trio.sleep(2)
                        at, core = time.monotonic(), core_seconds(relay.pid)
                        noted, told = total(writers, NOTED), total(readers, TOLD)
                        await trio.sleep(seconds)
                        took = time.monotonic() - at
                        core = (core_seconds(relay.pid) - core) / took
                        noted = total(writers, NOTED) - noted
                        told = total(readers, TOLD) - told
                        beside = await deposits(relay, people[:DEPOSITORS])
                        writing.cancel()
                for number, talk in enumerate(writers):
                    await talk.say(updates(people[number], number, b"LAST"))
                await until(lambda: not missed(readers), 30)
                gone = missed(readers)
                nursery.cancel_scope.cancel()
    if gone:
        raise Lost(str(gone))
    return Found(noted * OF_EACH / took, told / took, core, quiet, beside)


def missed(readers: list[Talk]) -> int:
    """How many last words were not heard."""
    return sum(
        len(set(watched_by(number)) - {int(each) for each in LAST.findall(talk.heard)})
        for number, talk in enumerate(readers)
    )


def run(seconds: float, rounds: int) -> str:
    """The row of the table."""
    found = [trio.run(measured, seconds) for _ in range(rounds)]
    updated, told, core, quiet, beside = (
        median(getattr(each, name) for each in found)
        for name in ("updates", "told", "core", "quiet", "beside")
    )
    return (
        f"updates {updated:,.0f}/s (aim {AIM:,}) | told {told:,.0f}/s | {core:.2f} of a core,"
        f" {core / told * 1e6:.1f} µs each | deposits beside {beside:,.0f}/s, baseline without"
        f" {quiet:,.0f}/s | {beside / quiet:.2f}x"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    print(run(asked.seconds, asked.rounds))


if __name__ == "__main__":
    main()
