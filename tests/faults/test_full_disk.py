"""The disk is full, again and again: senders are asked to wait, owners collect and delete."""

from __future__ import annotations

from pathlib import Path

import pytest
import trio

from tests.faults import full_disk
from tests.faults.full_disk import Owner, a_line, a_relay_on, a_small_disk, fill
from tests.faults.relays import serving

pytestmark = [pytest.mark.xdist_group("faults"), pytest.mark.needs_root]


@pytest.mark.parametrize("min_free", [0, 8 * 1024 * 1024])
async def test_nothing_is_lost_on_a_full_disk(tmp_path: Path, min_free: int) -> None:
    with a_small_disk(tmp_path) as disk:
        collected, took = await full_disk.run(tmp_path, disk, rounds=4, seed=3, min_free=min_free)
    assert collected > 4
    assert took < 5


async def test_a_relay_starts_on_a_disk_that_is_full_to_the_brim(tmp_path: Path) -> None:
    with a_small_disk(tmp_path) as disk:
        relay = await a_relay_on(disk, tmp_path, min_free=0)
        async with serving(relay):
            owner = Owner(relay)
            async with a_line(relay) as line:
                await owner.move_in(line)
                for _ in range(20):
                    assert await owner.deposit(line) is None
            await relay.terminate()
            fill(disk, 0)
            await relay.start()
            async with a_line(relay) as line:
                await owner.open(line)
                with trio.fail_after(10):
                    await owner.collect(line)
