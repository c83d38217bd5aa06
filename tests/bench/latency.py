"""From Return in one window's composer to the painted row in the other's, fsync at both ends.

``python -m tests.bench.latency [--count N]``. A real relay on the loopback, two desktops in
processes of their own, at 5 and at 50 messages a second; beside it the same way without windows,
the way over two relays, of which neither serves both, and what the disk itself takes for one
synced write.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager, closing
from dataclasses import dataclass, field
from pathlib import Path

import trio
from sqlcipher3 import dbapi2 as sqlite

from tests.faults.desktops import PASSPHRASE, DesktopProcess
from tests.faults.house import Pair, a_house, make_pair
from tests.faults.program import PATIENCE_S, Command, kill, open_command
from tests.faults.relays import RelayProcess, free_port, make_relay, serving

WINDOW: Command = ("tests.bench.talking",)
PACES = (5, 50)
WRITES = 200
TARGETS = "aim 60 and 150"
APART_TARGET = "aim 120"
SETTLES_S = 20.0


class NotThatWay(Exception):
    """The messages took another way than the row says."""


@dataclass
class WindowProcess:
    """One window; ``moments`` are what it said of texts: when typed, when painted."""

    process: trio.Process
    ready: trio.Event = field(default_factory=trio.Event)
    typed: dict[str, int] = field(default_factory=dict[str, int])
    painted: dict[str, int] = field(default_factory=dict[str, int])

    async def listen(self) -> None:
        """Until it ends."""
        assert self.process.stdout is not None
        rest = b""
        async for chunk in self.process.stdout:
            *lines, rest = (rest + chunk).split(b"\n")
            for line in lines:
                match json.loads(line):
                    case ["typed", text, when]:
                        self.typed[text] = when
                    case ["painted", text, when]:
                        self.painted[text] = when
                    case _:
                        self.ready.set()

    async def type(self, text: str) -> None:
        """Text and Return."""
        assert self.process.stdin is not None
        await self.process.stdin.send_all(text.encode() + b"\n")


@asynccontextmanager
async def a_window(folder: Path, nursery: trio.Nursery) -> AsyncGenerator[WindowProcess]:
    """Unlocked, with the conversation open."""
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    log = folder.with_suffix(".log")
    process = await open_command(WINDOW, str(folder), PASSPHRASE, log=log)
    window = WindowProcess(process)
    scope = trio.CancelScope()

    async def listen() -> None:
        with scope:
            await window.listen()

    nursery.start_soon(listen)
    try:
        with trio.fail_after(PATIENCE_S):
            await window.ready.wait()
        yield window
    finally:
        scope.cancel()
        with trio.CancelScope(shield=True):
            await kill(process)


def relays(pair: Pair) -> list[RelayProcess]:
    """One for both, or one for each."""
    names = [name for name in ("relay", "second") if (pair.folder / name).exists()]
    return [RelayProcess(pair.folder / name, pair.folder / f"{name}.log") for name in names]


async def move_apart(pair: Pair) -> None:
    """Bob moves to another relay, and Alice hears of it."""
    await make_relay(pair.folder / "second", pair.folder / "second.log", free_port())
    first, second = relays(pair)
    alice, bob = (DesktopProcess(name, pair.folder) for name in ("alice", "bob"))
    async with serving(first), serving(second), trio.open_nursery() as nursery:
        for desktop in (alice, bob):
            await desktop.start(nursery)
            await desktop.unlock()
        (old,) = (await bob.ask("relay.list"))["relays"]
        await bob.ask("relay.add", address=second.address)
        await bob.ask("relay.remove", relay_id=old["relay_id"])
        await trio.sleep(SETTLES_S)
        for desktop in (alice, bob):
            await desktop.ask("outbox.settle", timeout_ms=10_000)
            await desktop.end()


def came_to(relay: RelayProcess) -> int:
    """How many envelopes were ever left there."""
    with closing(sqlite.connect(relay.store)) as database:
        both = "SELECT (SELECT count(*) FROM seen) + (SELECT count(*) FROM tail)"
        return int(database.execute(both).fetchone()[0])


async def windows(pair: Pair, pace: float, count: int) -> list[float]:
    """Milliseconds of each message. Raises NotThatWay."""
    # In this order: who hears a window ends with it, not before.
    async with trio.open_nursery() as nursery, AsyncExitStack() as stack:
        places = [await stack.enter_async_context(serving(relay)) for relay in relays(pair)]
        before = came_to(places[-1])
        alice = await stack.enter_async_context(a_window(pair.folder / "alice", nursery))
        bob = await stack.enter_async_context(a_window(pair.folder / "bob", nursery))
        texts = [f"{pace} a second, number {number}" for number in range(count)]
        await alice.type("warm")
        await _wait(bob.painted, ["warm"])
        begin = trio.current_time() + 1
        for number, text in enumerate(texts):
            await trio.sleep_until(begin + number / pace)
            await alice.type(text)
        await _wait(bob.painted, texts)
        if came_to(places[-1]) - before < count:
            raise NotThatWay
        return [(bob.painted[text] - alice.typed[text]) / 1e6 for text in texts]


async def _wait(seen: dict[str, int], texts: list[str]) -> None:
    with trio.fail_after(PATIENCE_S):
        while not all(text in seen for text in texts):
            await trio.sleep(0.05)


async def faceless(pair: Pair, folder: Path, pace: float, count: int) -> list[float]:
    """The same between two ``aside rpc``: from the request to the event."""
    async with a_house(pair, folder) as house:
        where = house.conversation(house.alice)
        asked: dict[str, int] = {}
        came: dict[str, int] = {}

        async def hear() -> None:
            while len(came) <= count:
                event = await house.bob.wait_event("message.received")
                came[event["message"]["text"]] = time.monotonic_ns()

        async def say(text: str) -> None:
            asked[text] = time.monotonic_ns()
            await house.alice.ask("message.send", conversation_id=where, text=text)

        texts = [f"{pace} a second, number {number}" for number in range(count)]
        async with trio.open_nursery() as nursery:
            nursery.start_soon(hear)
            await say("warm")
            begin = trio.current_time() + 1
            for number, text in enumerate(texts):
                await trio.sleep_until(begin + number / pace)
                nursery.start_soon(say, text)
        return [(came[text] - asked[text]) / 1e6 for text in texts]


def synced_writes(folder: Path) -> list[float]:
    """Milliseconds of one write of 4 KiB and its fdatasync."""
    took: list[float] = []
    with (folder / "synced").open("wb", buffering=0) as file:
        for _ in range(WRITES):
            begin = time.perf_counter()
            file.write(bytes(4096))
            os.fdatasync(file.fileno())
            took.append((time.perf_counter() - begin) * 1000)
    return took


def line(name: str, took: list[float]) -> str:
    """One row."""
    took = sorted(took)
    p50, p99 = took[len(took) // 2], took[min(len(took) - 1, len(took) * 99 // 100)]
    return f"| {name} | {p50:.1f} | {p99:.1f} |"


def run(count: int = 300) -> list[str]:
    """The rows of the table."""
    rows = ["| composer to the other's row, ms | p50 | p99 |", "|---|---:|---:|"]
    with tempfile.TemporaryDirectory(prefix="aside-bench-") as made:
        folder = Path(made)
        rows.append(line("baseline: one synced write of 4 KiB", synced_writes(folder)))
        for pace in PACES:
            pair = trio.run(make_pair, folder / f"pair-{pace}")
            spoken = trio.run(faceless, pair, folder / f"faceless-{pace}", pace, count)
            rows.append(line(f"{pace} a second, without windows", spoken))
            rows.append(
                line(
                    f"{pace} a second, Return to painted row ({TARGETS})",
                    trio.run(windows, pair, pace, count),
                )
            )
        pair = trio.run(make_pair, folder / "pair-apart")
        trio.run(move_apart, pair)
        took = trio.run(windows, pair, PACES[0], count)
        name = f"{PACES[0]} a second over two relays, Return to painted row ({APART_TARGET})"
        rows.append(line(name, took))
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=300)
    for row in run(parser.parse_args().count):
        print(row)


if __name__ == "__main__":
    main()
