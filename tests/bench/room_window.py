"""The whole app in a room that is full of talk: processor time, how late its window is, memory.

``python -m tests.bench.room_window [--seconds N] [--rates 200 1000]``. A real relay on the
loopback, the app in a process of its own under Xvfb with a real engine and vault (``room_app.py``),
the room's page at 1280 × 800; 64 people say beforehand signed entries, open loop. Afterwards the
vault is held against what was said: every entry, once, in the order that everybody was told.
Baseline: bare Python counting to ten million in the same run.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import trio
from msgspec.structs import replace

from desktop.demo.virtual import open_virtual
from desktop.engine.composition import released
from desktop.engine.engine import open_engine
from desktop.store import header
from desktop.store.beginnings import VAULT_FILE
from desktop.store.connection import connect
from protocol.wire.address import parse_address
from tests.bench.reconnect import a_relay
from tests.bench.rooms import guests
from tests.bench.rooms.rows import invited
from tests.bench.rooms.speaking import Speaking
from tests.bench.rooms.spoken import Spoken
from tests.faults.desktop_main import CHEAP
from tests.faults.program import PATIENCE_S, ROOT, kill

SPEAKERS = 64  # who has no grant says 20 entries a second at most
PASSPHRASE = "a passphrase for the bench"
LEARN_S = 3.0
CATCHES_UP_S = 60.0
LOOKS_S = 0.1
COUNTED = 10_000_000
AIMS = {200: "CPU ≤ 20 % of a core, late ≤ 16 ms p99"}


class NotAll(Exception):
    """The vault does not hold what was said, in its order: the figures count for nothing."""


@dataclass(frozen=True)
class Load:
    """So many entries a second, and whether somebody uses the page meanwhile."""

    rate: int
    seconds: float
    used: bool = False

    @property
    def title(self) -> str:
        said = "nothing is said" if not self.rate else f"{self.rate:,} entries a second"
        return f"{said}, the page in use" if self.used else said

    @property
    def entries(self) -> int:
        return int(self.rate * self.seconds)


class App:
    """That process."""

    def __init__(self, process: trio.Process) -> None:
        self.process = process
        self._rest = b""

    async def ask(self, word: str, *, answers: bool = False) -> dict[str, Any]:
        """Say a word; what comes of it, where something does."""
        assert self.process.stdin is not None
        await self.process.stdin.send_all(word.encode() + b"\n")
        return await self.hear() if answers else {}

    async def hear(self) -> dict[str, Any]:
        """What it says next."""
        assert self.process.stdout is not None
        with trio.fail_after(PATIENCE_S):
            while b"\n" not in self._rest:
                came = await self.process.stdout.receive_some()
                if not came:
                    raise NotAll("the app ended")
                self._rest += came
        line, _, self._rest = self._rest.partition(b"\n")
        said: dict[str, Any] = json.loads(line)
        return said


@asynccontextmanager
async def an_app(folder: Path, screen: Path) -> AsyncGenerator[App]:
    """In the room, with its page shown."""
    async with open_virtual(screen) as virtual:
        with folder.with_suffix(".log").open("ab") as log:
            process = await trio.lowlevel.open_process(
                [sys.executable, "-m", "tests.bench.room_app", str(folder), PASSPHRASE],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                cwd=ROOT,
                env=virtual.environment,
            )
        app = App(process)
        try:
            await app.hear()
            yield app
            assert process.stdin is not None
            await process.stdin.aclose()
            with trio.fail_after(PATIENCE_S):
                if await process.wait():
                    raise NotAll("the app ended badly")
        finally:
            await kill(process)


async def sit_down(folder: Path, link: str) -> None:
    """A profile that has entered the room."""
    async with open_engine(folder, replace(released(), cost=CHEAP)) as engine:
        await engine.profile_create("Alice", PASSPHRASE)
        await engine.room_enter(link, "heron")


def kept(folder: Path) -> list[bytes]:
    """The items in its vault, in the room's order."""
    key = header.unlock(folder, PASSPHRASE).db_key
    with closing(connect(folder / VAULT_FILE, key)) as vault:
        rows = vault.execute("SELECT item FROM room_item WHERE lane = 0 ORDER BY place")
        return [row[0] for row in rows]


def count() -> float:
    """Milliseconds of processor time for a million turns of a loop."""
    began = time.process_time()
    for _ in range(COUNTED):
        pass
    return (time.process_time() - began) * 1e9 / COUNTED


async def under(load: Load, app: App, speaking: Speaking, order: Sequence[Any]) -> dict[str, Any]:
    """The figures of one load."""
    before = len(speaking.told)
    await app.ask("begin")
    if load.used:
        await app.ask("act")
    if not load.rate:
        await trio.to_thread.run_sync(speaking.rest, load.seconds)
        return await app.ask("end", answers=True)
    late = await trio.to_thread.run_sync(partial(speaking.say, order, load.rate))
    stands = await app.ask("stand", answers=True)
    found = {"behind": before + len(order) - stands["last"], "said_late": late}
    began = trio.current_time()
    with trio.move_on_after(CATCHES_UP_S):
        while (await app.ask("stand", answers=True))["last"] < before + len(order):
            await trio.to_thread.run_sync(speaking.rest, LOOKS_S)
    found["caught_up_s"] = trio.current_time() - began
    found |= await app.ask("end", answers=True)
    if len(speaking.told) != before + len(order):
        raise NotAll(f"{len(speaking.told)} were told of {before + len(order)}")
    return found


def row(load: Load, found: dict[str, Any]) -> str:
    """Of the table. Processor time is that of the time the entries stand for."""
    # What it took to catch up belongs to them, too.
    share = found["cpu"] / load.seconds * 100
    parts = (found[name] / load.seconds * 100 for name in ("window", "engine", "vault"))
    said = f"| {load.title} | {share:.0f} % ({' + '.join(f'{part:.0f}' for part in parts)})"
    said += f" | {found['cpu'] / load.entries * 1e6:,.0f}" if load.entries else " | –"
    said += " | " + " / ".join(f"{each:.1f}" for each in found["late"])
    said += " | " + (" / ".join(f"{each:.0f}" for each in found["took"]) if load.used else "–")
    if load.rate:
        said += f" | {found['behind']:,}, {found['caught_up_s']:.1f} s | {found['skipped']}"
    else:
        said += " | – | –"
    return f"{said} | {found['memory']:.0f} |"


HEAD = (
    "| | CPU of a core (window + engine + vault) | µs for each entry | window late,"
    " p50 / p99 / most, ms | a deed to its paint, p50 / p99 / most, ms"
    " | behind at the end, caught up after | jumps | memory, MB |\n|---|" + "---:|" * 7
)


async def run(loads: Sequence[Load]) -> AsyncGenerator[str]:
    """The rows. Raises NotAll."""
    with tempfile.TemporaryDirectory(prefix="aside-bench-") as made:
        folder = Path(made)
        async with a_relay(folder, 1, "127.0.0.1") as relay:
            address, code = parse_address(relay.address), await invited(relay)
            entries = sum(load.entries for load in loads)
            rng = Random(entries).randbytes
            spoken = Spoken(SPEAKERS, entries, address, rng)
            entered = partial(
                guests.a_room, address, spoken, code, SPEAKERS, SPEAKERS, grants=False
            )
            with entered() as room:
                speaking = Speaking([guest for _, guest in room.seated])
                profile = folder / "alice"
                await sit_down(profile, str(spoken.link))
                async with an_app(profile, folder) as app:
                    await trio.to_thread.run_sync(speaking.rest, LEARN_S)
                    at = 0
                    for load in loads:
                        order = spoken.order[at : at + load.entries]
                        at += load.entries
                        yield row(load, await under(load, app, speaking, order))
                if kept(profile) != speaking.told:
                    raise NotAll("the vault holds something else")


async def tell(loads: Sequence[Load]) -> None:
    print(f"A turn of a loop: {count():.1f} ns.\n\n{HEAD}", flush=True)
    async for said in run(loads):
        print(said, flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--rates", type=int, nargs="+", default=[200, 1000])
    asked = parser.parse_args()
    os.environ.pop("QT_QPA_PLATFORM", None)
    loads = [Load(0, min(asked.seconds, 5.0))]
    for rate in asked.rates:
        loads += [Load(rate, asked.seconds), Load(rate, asked.seconds / 2, used=True)]
    trio.run(tell, loads)


if __name__ == "__main__":
    main()
