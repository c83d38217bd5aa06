"""The power goes: what was promised is on the disk, and with less syncing it would not be."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from sqlcipher3 import dbapi2 as sqlite

from relay.config import OPEN, RelayPart, Settings, TlsPart
from relay.errors import BadKey, MovedAway
from relay.folder import Folder
from relay.store.database import open_writer
from tests.faults import cuts
from tests.faults.chunks import Attachment
from tests.faults.depositing import missing, senders
from tests.faults.desktops import CHEAP, Refusal
from tests.faults.house import House, Pair, a_house
from tests.faults.powercut import Disk, a_disk
from tests.faults.program import Command
from tests.faults.relays import RELEASED, a_relay

pytestmark = [pytest.mark.xdist_group("faults"), pytest.mark.needs_root]

RELAY_MUTANT = "tests.faults.mutants.relay_synchronous"
DESKTOP_MUTANT = "tests.faults.mutants.desktop_synchronous"
CHUNKS_MUTANT = "tests.faults.mutants.relay_syncs_no_chunks"
COUNT = 160
CHUNKS = 24


async def stored_but_gone(folder: Path, command: Command) -> int:
    """What a relay called stored, and does not have after a power cut."""
    with a_disk(folder) as disk:
        async with a_relay(folder, command, home=disk.path / "relay") as relay:
            (sender,) = await senders(relay, 1)
            await sender.deposit_some(relay, COUNT)
            disk.cut()
            await relay.kill()
            disk.back()
            assert len(sender.stored) == COUNT
            return missing(relay, [sender])


async def test_a_relays_stored_survives_a_power_cut(tmp_path: Path) -> None:
    assert await stored_but_gone(tmp_path, RELEASED) == 0


async def test_under_load(tmp_path: Path) -> None:
    figures = await cuts.run(1, 300, 3, tmp_path, print)
    assert figures.well
    assert figures.messages >= 300


@pytest.mark.parametrize("how", ["NORMAL", "OFF"])
async def test_mutant_a_relay_that_syncs_less_loses(tmp_path: Path, how: str) -> None:
    assert await stored_but_gone(tmp_path, (RELAY_MUTANT, how)) > 0


async def put_but_gone(folder: Path, command: Command) -> int:
    """Which chunks a relay called stored, and does not have after a power cut."""
    with a_disk(folder) as disk:
        async with a_relay(folder, command, home=disk.path / "relay") as relay:
            (sender,) = await senders(relay, 1)
            attachment = Attachment(sender, CHUNKS)
            await attachment.put_all(relay)
            disk.cut()
            await relay.kill()
            disk.back()
            assert len(attachment.stored) == CHUNKS
            return attachment.missing(relay)


async def test_a_relays_chunk_survives_a_power_cut(tmp_path: Path) -> None:
    assert await put_but_gone(tmp_path, RELEASED) == 0


async def test_mutant_a_relay_that_does_not_sync_chunks_loses_them(tmp_path: Path) -> None:
    assert await put_but_gone(tmp_path, (CHUNKS_MUTANT,)) > 0


def a_new_relay_is_there(folder: Path) -> bool:
    """Made, and the power goes: whether it is the same relay afterwards."""
    with a_disk(folder) as disk:
        made = Folder(disk.path / "new" / "relay")
        settings = Settings(RelayPart("Ours", "127.0.0.1:7443", "", OPEN), tls=TlsPart("", ""))
        made.make(settings, 1, os.urandom)
        key, keys = made.seed(), made.sealing_keys()
        made.note_port(7443)
        made.mark_moved(2)
        disk.cut()
        disk.back()
        try:
            with open_writer(made.store_path) as store:
                store.execute("SELECT 1 FROM envelope")
            store.close()
            if (made.seed(), made.sealing_keys(), made.last_port()) != (key, keys, 7443):
                return False
            made.still_here()
        except (BadKey, sqlite.Error):
            return False
        except MovedAway:
            return True
        return False


def test_a_new_relay_survives_a_power_cut(tmp_path: Path) -> None:
    assert a_new_relay_is_there(tmp_path)


def test_mutant_a_relay_that_is_made_without_syncing_is_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def believe(_: int) -> None:
        """It will be there some day."""

    monkeypatch.setattr(os, "fsync", believe)
    assert not a_new_relay_is_there(tmp_path)


async def said_but_gone(house: House, disk: Disk, command: Command) -> int:
    """What Alice's desktop took as composed, and does not have after a power cut."""
    house.alice.command = command
    await house.restart(house.alice)
    said = [f"{command[-1]} {number}" for number in range(20)]
    for text in said:
        await house.say(house.alice, text)
    disk.cut()
    await house.alice.kill()
    disk.back()
    house.alice.command = CHEAP
    try:
        await house.restart(house.alice)
        there = await house.texts(house.alice)
    except Refusal:
        return len(said)  # damaged as a whole
    return sum(text not in there for text in said)


async def an_evening(tmp_path: Path, pair: Pair, command: Command) -> int:
    """The same with Alice's profile on a disk of its own and nobody to write to."""
    with a_disk(tmp_path) as disk:
        async with a_house(pair, tmp_path / "house") as house:
            await house.relay.kill()
            await house.alice.kill()
            shutil.copytree(house.alice.folder, disk.path / "alice")
            os.sync()
            house.alice.folder = disk.path / "alice"
            gone = await said_but_gone(house, disk, command)
            await house.alice.kill()
        return gone


async def test_a_composed_message_survives_a_power_cut(tmp_path: Path, pair: Pair) -> None:
    assert await an_evening(tmp_path, pair, CHEAP) == 0


@pytest.mark.parametrize("how", ["NORMAL", "OFF"])
async def test_mutant_a_vault_that_syncs_less_loses(tmp_path: Path, pair: Pair, how: str) -> None:
    assert await an_evening(tmp_path, pair, (DESKTOP_MUTANT, how)) > 0
