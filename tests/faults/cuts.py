"""The power goes, again and again, while many deposit at a relay on a disk of its own.

Whatever was called stored before any of the cuts has to be there after each of them.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from random import Random

import trio

from desktop.engine.lines.line import LineLost
from tests.faults.depositing import Held, Sender, held, promised, senders, until_promised
from tests.faults.powercut import Disk, a_disk
from tests.faults.program import Command
from tests.faults.relays import RELEASED, RelayProcess, a_relay
from tests.faults.table import Figures

SENDERS = 8
IN_FLIGHT = 16
DISK_MIB = 2048
WELL = Held(0, 0, 0)


async def a_cut(
    relay: RelayProcess, disk: Disk, everybody: list[Sender], count: int, random: Random
) -> None:
    """Deposits under way, so much more called stored, and no power any more."""
    before = promised(everybody)
    async with trio.open_nursery() as nursery:
        for sender in everybody:
            nursery.start_soon(sender.keep_depositing, relay, IN_FLIGHT)
        await until_promised(everybody, before + count)
        await trio.sleep(random.uniform(0, 0.05))
        # A dead machine answers nobody: a system whose disk is shut under it may call a write done
        # that was under way, and no answer may follow from that.
        await relay.freeze()
        disk.cut()
        await relay.kill()
    disk.back()


async def run(
    cuts: int,
    envelopes: int,
    seed: int,
    folder: Path,
    say: Callable[[str], None],
    command: Command = RELEASED,
) -> Figures:
    """So many cuts over so many envelopes; it ends early where something is gone."""
    random, back, found, done = Random(seed), list[float](), WELL, 0
    with a_disk(folder, DISK_MIB) as disk:
        async with a_relay(folder, command, home=disk.path / "relay") as relay:
            everybody = await senders(relay, SENDERS)
            while done < cuts and found == WELL:
                left = envelopes - promised(everybody)
                await a_cut(relay, disk, everybody, max(1, left // (cuts - done)), random)
                done += 1
                found = held(relay, everybody)
                back.append(await _come_back(relay, everybody[0]))
                if done % 20 == 0:
                    say(f"{done} cuts, {promised(everybody)} stored, {found.lost} gone")
    return Figures(
        done=f"{done} power cuts of an ext4 disk under load",
        messages=promised(everybody),
        lost=found.lost,
        doubled=found.doubled,
        disordered=found.disordered,
        worst=f"stored again {max(back):.1f} s after the power was back",
        well=found == WELL,
        times=done,
    )


async def _come_back(relay: RelayProcess, sender: Sender) -> float:
    """Seconds until the next envelope is stored. A broken relay may not come back at all."""
    began, before = trio.current_time(), len(sender.stored)
    await relay.start()
    while len(sender.stored) == before:
        try:
            await sender.deposit_some(relay, IN_FLIGHT)
        except LineLost:
            await trio.sleep(0.1)
    return trio.current_time() - began
