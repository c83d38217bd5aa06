"""The power goes a moment after the operator was told that it is done: then it is."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TypeAlias

import pytest

from relay import durable
from relay.backups import files
from relay.commands.backup import backup, move, restore
from relay.commands.rotate import New, rotate
from relay.config import OPEN, RelayPart, Settings, TlsPart
from relay.folder import Folder
from tests.faults.powercut import Disk, a_disk

pytestmark = [pytest.mark.xdist_group("faults"), pytest.mark.needs_root]

NOW_MS = 1_795_000_000_000
Done: TypeAlias = Callable[[Folder], list[Path]]
"""What an operator does to a relay; the folders that are to be as they are then."""


def moved(relay: Folder) -> list[Path]:
    there = relay.path / ".." / "there"
    move(relay, there, NOW_MS, undo=False)
    return [relay.path, there]


def rotated(what: New, relay: Folder) -> list[Path]:
    rotate(relay, NOW_MS + 1, [what])
    return [relay.path]


def restored(relay: Folder) -> list[Path]:
    kept, again = relay.path / ".." / "kept", relay.path / ".." / "again"
    backup(relay, kept, NOW_MS)
    restore(kept, Folder(again), NOW_MS + 1, told=0)
    return [kept, again]


def restored_in_its_place(relay: Folder) -> list[Path]:
    kept = relay.path / ".." / "kept"
    backup(relay, kept, NOW_MS)
    restore(kept, relay, NOW_MS + 1, told=0)
    return [relay.path]


DONE: dict[str, Done] = {
    "moved": moved,
    "restored": restored,
    "restored in its place": restored_in_its_place,
    **{f"rotated {what.name}": partial(rotated, what) for what in New},
}


def contents(folders: list[Path]) -> list[dict[str, bytes]]:
    return [
        {
            path.relative_to(folder).as_posix(): path.read_bytes()
            for path in folder.rglob("*")
            if path.is_file() and path.name not in files.PASSING
        }
        for folder in folders
    ]


def gone(disk: Disk, badly: Callable[[pytest.MonkeyPatch], None] | None = None) -> set[str]:
    """What was done to a relay that was there, well or badly, and is not so after a power cut."""
    found = set[str]()
    for number, (name, done) in enumerate(DONE.items()):
        relay = Folder(disk.path / str(number) / "relay")
        tls = TlsPart("certificate.pem", "certificate.key")
        relay.make(Settings(RelayPart("Ours", "127.0.0.1:7443", "", OPEN), tls=tls), 1, os.urandom)
        with pytest.MonkeyPatch.context() as patch:
            if badly is not None:
                badly(patch)
            folders = done(relay)
        before = contents(folders)
        assert all(before)
        disk.cut()
        disk.back()
        if contents(folders) != before:
            found.add(name)
    return found


def test_what_is_done_survives_a_power_cut(tmp_path: Path) -> None:
    with a_disk(tmp_path) as disk:
        assert gone(disk) == set()


def test_mutant_that_believes_the_disk(tmp_path: Path) -> None:
    def believe(_: int) -> None:
        """It will be there some day."""

    with a_disk(tmp_path) as disk:
        assert gone(disk, lambda patch: patch.setattr(os, "fsync", believe)) == DONE.keys()


def test_mutant_that_restores_and_does_not_wait_for_the_names(tmp_path: Path) -> None:
    settle = durable.settle

    def only_copies(folder: Path) -> None:
        if folder.name.startswith(durable.PARTLY):
            settle(folder)

    with a_disk(tmp_path) as disk:
        lost = gone(disk, lambda patch: patch.setattr(durable, "settle", only_copies))
    assert {"restored", "restored in its place"} <= lost
