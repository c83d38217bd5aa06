"""What an operator sees of attachments, and what becomes of them in a copy of the relay."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from protocol.wire import frames
from protocol.wire.frames import CHUNK_BYTES, BlobShown, chunks_in
from relay.backups import making
from relay.rules.admission import pass_hash
from relay.rules.custody import handle_of
from relay.rules.limits import House
from relay.rules.records import KeepChunk, room_of
from relay.store import copying
from relay.store.chunk_files import FolderOfChunks, digest_of, path_in
from relay.store.sqlite import SqliteStore
from tests.relay.processes import Operator
from tests.relay.rules_cast import ALICE_PASS, Office, call
from tests.relay.test_blobs import NAME, delete, opened, row, show

FIRST, THIRD = b"1" * CHUNK_BYTES, b"3" * CHUNK_BYTES
OTHER, ITS_WRITER = b"another".ljust(32), b"its own writer".ljust(32)


@pytest.fixture
def kept(stopped: Path) -> Path:
    """A relay with two blobs of Alice's: two chunks of three, and all of one."""
    store = SqliteStore(stopped / "store.db")
    office = Office(store, House(open=True))
    office.admit()
    office.create()
    files = FolderOfChunks(stopped / "blobs")
    opened(office)
    opened(office, OTHER, ITS_WRITER, chunks=1)
    for name, number, body in ((NAME, 0, FIRST), (NAME, 2, THIRD), (OTHER, 0, THIRD)):
        files.write(row(office, name), number, body)
        office.answer(KeepChunk(call(), row(office, name), number, digest_of(body)))
    store.close()
    return stopped


def there(folder: Path, name: bytes = NAME) -> dict[int, bytes] | None:
    """The chunks that a relay would hand out."""
    store = SqliteStore(folder / "store.db")
    office = Office(store, House(open=True))
    files = FolderOfChunks(folder / "blobs")
    try:
        shown = office.ask(frames.ShowBlob(call=call(), name=name))
        if not isinstance(shown, BlobShown):
            return None
        blob = row(office, name)
        return {number: files.read(blob, number) for number in chunks_in(shown.there)}
    finally:
        store.close()


def test_a_backup_has_the_chunks_that_count_and_nothing_else(
    operator: Operator, kept: Path, tmp_path: Path
) -> None:
    FolderOfChunks(kept / "blobs").write(1, 1, b"x" * CHUNK_BYTES)  # in its file, not in the store
    FolderOfChunks(kept / "blobs").write(99, 0, FIRST)  # nobody's
    said = json.loads(operator("backup", kept, tmp_path / "kept", "--json"))
    assert {name for name in said["files"] if "/" in name} == {"blobs/01/1", "blobs/02/2"}
    operator("restore", tmp_path / "kept", tmp_path / "again")
    again = tmp_path / "again"
    assert there(again) == {0: FIRST, 2: THIRD}
    assert there(again, OTHER) == {0: THIRD}
    assert path_in(again / "blobs", 1).read_bytes()[CHUNK_BYTES : 2 * CHUNK_BYTES] == bytes(
        CHUNK_BYTES
    )
    for path in (again / "blobs").rglob("*"):
        assert path.stat().st_mode & 0o077 == 0, path
    assert "attachments: ok" in operator("check", again)


def test_a_blob_that_ends_while_a_backup_is_made_is_no_failure(
    operator: Operator, kept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def copy_and_then_end(source: Path, copy: Path) -> None:
        copying.copy_store(source, copy)
        store = SqliteStore(kept / "store.db")
        delete(Office(store, House(open=True)), ITS_WRITER)
        store.close()
        FolderOfChunks(kept / "blobs").delete(2)

    monkeypatch.setattr(making, "copy_store", copy_and_then_end)
    operator("backup", kept, tmp_path / "kept")
    operator("restore", tmp_path / "kept", tmp_path / "again")
    assert there(tmp_path / "again") == {0: FIRST, 2: THIRD}
    assert there(tmp_path / "again", OTHER) == {}
    assert "attachments: ok" in operator("check", tmp_path / "again")


def test_a_move_takes_attachments_along(operator: Operator, kept: Path, tmp_path: Path) -> None:
    operator("move", kept, tmp_path / "kept")
    operator("restore", tmp_path / "kept", tmp_path / "again")
    assert there(tmp_path / "again") == {0: FIRST, 2: THIRD}


def test_check_reads_every_chunk(operator: Operator, kept: Path) -> None:
    assert "attachments: ok" in operator("check", kept)
    with path_in(kept / "blobs", 1).open("r+b") as file:
        file.seek(5)
        file.write(b"!")
    path_in(kept / "blobs", 2).unlink()
    said = json.loads(operator.unwell("check", kept, "--json"))
    (found,) = [each for each in said["findings"] if each["name"] == "attachments"]
    assert not found["ok"]
    assert "2 chunks" in found["sentence"]
    assert "1 is sound" in found["sentence"]


def test_an_operator_sees_and_sets_the_room_for_attachments(operator: Operator, kept: Path) -> None:
    used = room_of(3) + room_of(1)
    handle = handle_of(pass_hash(ALICE_PASS))
    (held,) = json.loads(operator("passes", kept, "--json"))["passes"]
    assert (held["blob_bytes"], held["used_blob_bytes"]) == (512 * 1024**2, used)
    assert "1.0 MiB of 512.0 MiB for attachments" in operator("passes", kept)
    changed = json.loads(operator("quota", kept, handle, "--blobs", "7", "--json"))
    assert changed["blob_bytes"] == 7
    operator("block", kept, handle)
    (held,) = json.loads(operator("passes", kept, "--json"))["passes"]
    assert (held["blob_bytes"], held["used_blob_bytes"]) == (0, used)
    found = json.loads(operator("du", kept, "--json"))
    assert found["blobs"] == {"count": 2, "bytes": used, "limit_bytes": 20 * 1024**3}
    assert found["counted_bytes"] == 0
    assert 3 * CHUNK_BYTES <= found["files"]["blobs"] < 4 * CHUNK_BYTES  # a hole takes no room
    status = json.loads(operator("status", kept, "--json"))
    assert (status["blobs"], status["blob_bytes"]) == (2, used)
    assert "2 attachments" in operator("status", kept)


def test_a_pass_s_room_survives_a_restart(kept: Path) -> None:
    store = SqliteStore(kept / "store.db")
    held = store.passes.find(pass_hash(ALICE_PASS))
    assert held is not None
    assert held.holding.used_bytes == store.blob_bytes == room_of(3) + room_of(1)
    assert show(Office(store, House(open=True))).chunks == 3
    store.close()
