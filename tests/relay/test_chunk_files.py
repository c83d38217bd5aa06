"""Where chunks lie, on a disk and in memory: one contract; and what only a disk can do."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from protocol.wire.frames import CHUNK_BYTES
from relay.store import chunk_files
from relay.store.chunk_files import ChunkFiles, ChunksInMemory, FolderOfChunks, path_in


def body(number: int) -> bytes:
    return bytes([number]) * CHUNK_BYTES


@pytest.fixture(params=["memory", "folder"])
def files(request: pytest.FixtureRequest, tmp_path: Path) -> ChunkFiles:
    return ChunksInMemory() if request.param == "memory" else FolderOfChunks(tmp_path / "blobs")


def test_a_chunk_comes_back_from_its_place(files: ChunkFiles) -> None:
    for number in (3, 0, 1):
        files.write(7, number, body(number + 1))
    files.write(8, 0, body(9))
    assert [files.read(7, number) for number in (0, 1, 3)] == [body(1), body(2), body(4)]
    assert files.read(8, 0) == body(9)
    assert files.blobs() == {7, 8}


def test_what_was_never_put_does_not_look_like_a_chunk(files: ChunkFiles) -> None:
    assert files.read(7, 0) == b""
    files.write(7, 1, body(1))
    assert files.read(7, 2) == b""
    assert files.read(7, 0) in (b"", bytes(CHUNK_BYTES))  # a hole; its digest is nobody's


def test_deleted_is_gone_and_may_be_said_again(files: ChunkFiles) -> None:
    files.write(7, 0, body(1))
    files.write(263, 0, body(2))
    files.delete(7)
    files.delete(7)
    assert files.read(7, 0) == b""
    assert files.blobs() == {263}
    files.write(7, 0, body(3))
    assert files.read(7, 0) == body(3)


def test_there_is_room_where_nothing_was_put_yet(files: ChunkFiles) -> None:
    assert files.free() > 0
    assert files.blobs() == set()


def test_files_are_for_their_owner_only(tmp_path: Path) -> None:
    FolderOfChunks(tmp_path / "blobs").write(300, 0, body(1))
    path = path_in(tmp_path / "blobs", 300)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    for folder in (path.parent, tmp_path / "blobs"):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_bytes_are_synced_before_and_names_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file's bytes each time; the folders that lead to it with its first chunk."""
    synced: list[str] = []

    def note(handle: int) -> None:
        synced.append(Path(f"/proc/self/fd/{handle}").readlink().name)

    monkeypatch.setattr(chunk_files, "_sync_bytes", note)
    monkeypatch.setattr(os, "fsync", note)
    files = FolderOfChunks(tmp_path / "blobs")
    files.write(5, 0, body(1))
    assert synced == [tmp_path.name, "blobs", "5", "05"]
    files.write(5, 1, body(1))
    assert synced[4:] == ["5"]
    # Another process cannot know how far the one before came.
    FolderOfChunks(tmp_path / "blobs").write(5, 2, body(1))
    assert synced[5:] == [tmp_path.name, "blobs", "5", "05"]
    files.delete(5)
    assert synced[9:] == ["05"], "that it is gone as well"
    files.delete(5)
    assert len(synced) == 10


def test_a_write_that_takes_less_than_all_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pwrite = os.pwrite

    def little(handle: int, data: memoryview, at: int) -> int:
        return pwrite(handle, data[:100_000], at)

    monkeypatch.setattr(os, "pwrite", little)
    files = FolderOfChunks(tmp_path / "blobs")
    whole = os.urandom(CHUNK_BYTES)
    files.write(5, 1, whole)
    assert files.read(5, 1) == whole
