"""What is on the disk at each fsync: bytes before their name, and the name before "done"."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from desktop.store import durable


class Disk:
    """What a power cut would leave of one name: its bytes as of the last fsync of the folder."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self.synced: set[int] = set()  # inodes whose bytes are on the disk
        self.named: dict[str, bytes] = {}
        self._fsync = os.fsync
        monkeypatch.setattr("desktop.store.durable.os.fsync", self._sync)

    def _sync(self, handle: int) -> None:
        self._fsync(handle)
        found = os.fstat(handle)
        if not stat.S_ISDIR(found.st_mode):
            self.synced.add(found.st_ino)
            return
        assert found.st_ino == self.folder.stat().st_ino
        self.named = {
            path.name: path.read_bytes() if path.stat().st_ino in self.synced else b"<holes>"
            for path in self.folder.iterdir()
        }


def test_a_name_is_on_the_disk_with_its_bytes_when_put_returns(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = Disk(tmp_path, monkeypatch)
    path = tmp_path / "vault.header"
    for data in (b"first", b"second"):
        durable.put(durable.write_beside(path, data), path)
        assert disk.named == {path.name: data}


def test_a_new_folder_is_on_the_disk_when_it_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[Path] = []
    monkeypatch.setattr(durable, "sync_folder", synced.append)
    durable.make_folder(tmp_path / "alice")
    durable.make_folder(tmp_path / "alice")
    assert synced == [tmp_path]
