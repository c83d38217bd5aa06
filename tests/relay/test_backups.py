"""A relay in another place or time: nothing is touched before it is sure, nothing thrown away."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import trio

from protocol.wire.frames import Stored
from relay import durable
from relay.backups import files, manifest
from relay.errors import NotABackup
from relay.store import database
from tests.relay.processes import Operator, Relays, mistake, open_caller, run

BOB_MAY = b"alice gave this to bob".ljust(32)


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.name not in files.PASSING
    }


def work_on(folder: Path) -> None:
    """What a minute at work leaves."""
    store = database.open_writer(folder / "store.db")
    store.execute(
        "INSERT INTO moment (row, wall_ms, age_ms) VALUES (1, 1, 60000)"
        " ON CONFLICT DO UPDATE SET age_ms = age_ms + 60000"
    )
    store.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    store.close()


async def test_what_was_stored_before_a_backup_is_delivered_after_a_restore(
    folder: Path, tmp_path: Path, relays: Relays
) -> None:
    serving = relays.serve(folder)
    kept, again = tmp_path / "backup", tmp_path / "again"
    async with (
        open_caller(serving.address, 1) as alice,
        open_caller(serving.address, 2) as bob,
    ):
        await alice.move_in(BOB_MAY)
        for number in range(20):
            assert isinstance(await bob.deposit(BOB_MAY, number), Stored)
        # While it serves, and while deposits go on.
        async with trio.open_nursery() as nursery:
            nursery.start_soon(trio.to_thread.run_sync, run, "backup", folder, kept)
            for number in range(20, 60):
                assert isinstance(await bob.deposit(BOB_MAY, number), Stored)
    assert kept.is_dir()
    await trio.to_thread.run_sync(serving.stop)
    assert run("restore", kept, again).returncode == 0
    other = relays.serve(again)
    assert other.address.fingerprint == serving.address.fingerprint
    async with open_caller(other.address, 1) as alice, open_caller(other.address, 2) as bob:
        waiting = (await alice.open()).waiting
        assert 20 <= waiting <= 60
        bodies = [(await alice.delivery()).body for _ in range(waiting)]
        # Of one moment: a beginning of what was sent, without a hole.
        assert bodies == [bob.deposit_frame(BOB_MAY, number).body for number in range(waiting)]
    assert other.stop() == 0


def test_a_backup_is_all_of_the_relay_and_nothing_passing(
    operator: Operator, stopped: Path, tmp_path: Path
) -> None:
    (stopped / "ballast").write_bytes(b"heavy")
    (stopped / "notes" / "ab").mkdir(parents=True)
    (stopped / "notes" / "ab" / "one").write_bytes(b"a note")
    said = json.loads(operator("backup", stopped, tmp_path / "kept", "--json"))
    assert said["files"].keys() == {
        "relay.toml",
        "relay.key",
        "relay.sealing",
        "store.db",
        "notes/ab/one",
    }
    for path in (tmp_path / "kept").rglob("*"):
        assert path.stat().st_mode & 0o077 == 0, path
    operator("restore", tmp_path / "kept", tmp_path / "again")
    assert (tmp_path / "again" / "notes" / "ab" / "one").read_bytes() == b"a note"
    assert not list(tmp_path.glob(f"{durable.PARTLY}*"))


def test_what_lies_outside_the_folder_is_named(
    operator: Operator, stopped: Path, tmp_path: Path
) -> None:
    settings = stopped / "relay.toml"
    outside = tmp_path / "certificates" / "public.pem"
    settings.write_text(
        settings.read_text().replace('certificate = ""', f'certificate = "{outside}"')
    )
    assert str(outside) in operator("backup", stopped, tmp_path / "kept")


def test_a_backup_wants_a_new_folder_elsewhere(
    operator: Operator, stopped: Path, tmp_path: Path
) -> None:
    (tmp_path / "there").mkdir()
    assert "already" in operator.mistake("backup", stopped, tmp_path / "there")
    assert "own folder" in operator.mistake("backup", stopped, stopped / "inside")
    assert not (stopped / "inside").exists()


@pytest.mark.parametrize("name", ["store.db", "relay.key", "relay.toml", "backup.json"])
@pytest.mark.parametrize("how", ["changed", "cut", "gone"])
def test_a_damaged_backup_is_refused_before_anything_is_touched(
    operator: Operator, stopped: Path, tmp_path: Path, name: str, how: str
) -> None:
    kept = tmp_path / "kept"
    operator("backup", stopped, kept)
    victim = kept / name
    if how == "changed":
        data = bytearray(victim.read_bytes())
        data[len(data) // 2] ^= 4
        victim.write_bytes(data)
    elif how == "cut":
        victim.write_bytes(victim.read_bytes()[:-20])
    else:
        victim.unlink()
    before = contents(stopped)
    said = operator.mistake("restore", kept, stopped, "--over-newer", "--over-newer")
    assert "nothing was changed" in said
    assert contents(stopped) == before
    assert "backup" in operator.mistake("restore", kept, tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_a_manifest_leads_nowhere_else(stopped: Path, operator: Operator, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    operator("backup", stopped, kept)
    for name in ("../relay.key", "/etc/passwd", "a//b", "a/./b", "backup.json", "a\\..\\b"):
        said = json.loads((kept / manifest.NAME).read_text())
        said["files"][name] = said["files"]["relay.key"]
        (tmp_path / manifest.NAME).write_text(json.dumps(said))
        with pytest.raises(NotABackup):
            manifest.read(tmp_path)


def test_newer_data_is_replaced_only_when_told_twice(
    operator: Operator, stopped: Path, tmp_path: Path
) -> None:
    kept = tmp_path / "kept"
    operator("backup", stopped, kept)
    work_on(stopped)
    newer = contents(stopped)
    assert "twice" in operator.mistake("restore", kept, stopped)
    assert "twice" in operator.mistake("restore", kept, stopped, "--over-newer")
    assert contents(stopped) == newer
    restored = ["restore", kept, stopped, "--over-newer", "--over-newer", "--json"]
    said = json.loads(operator(*restored))
    # It is not gone either.
    assert contents(Path(said["replaced"])) == newer
    assert (stopped / "store.db").read_bytes() == (kept / "store.db").read_bytes()


def test_a_relay_that_saw_nothing_new_is_replaced_at_once(
    operator: Operator, stopped: Path, tmp_path: Path
) -> None:
    operator("backup", stopped, tmp_path / "first")
    work_on(stopped)
    operator("backup", stopped, tmp_path / "second")
    operator("restore", tmp_path / "second", stopped)
    # Of the restored one the same is true.
    operator("restore", tmp_path / "second", stopped)
    assert "twice" in operator.mistake("restore", tmp_path / "first", stopped)


def test_a_store_that_cannot_be_read_may_be_newer(
    operator: Operator, stopped: Path, tmp_path: Path
) -> None:
    operator("backup", stopped, tmp_path / "kept")
    (stopped / "store.db").write_bytes(b"junk" * 4096)
    assert "twice" in operator.mistake("restore", tmp_path / "kept", stopped)
    operator("restore", tmp_path / "kept", stopped, "--over-newer", "--over-newer")
    assert "damaged" not in operator("check", stopped)


def test_another_relay_is_never_replaced(operator: Operator, stopped: Path, tmp_path: Path) -> None:
    operator("init", tmp_path / "other", "--listen", "127.0.0.1:0")
    operator("backup", stopped, tmp_path / "kept")
    before = contents(tmp_path / "other")
    told = ["--over-newer", "--over-newer"]
    assert "another relay" in operator.mistake(
        "restore", tmp_path / "kept", tmp_path / "other", *told
    )
    assert contents(tmp_path / "other") == before


def test_a_relay_at_work_is_neither_replaced_nor_moved(
    folder: Path, tmp_path: Path, relays: Relays
) -> None:
    assert run("backup", folder, tmp_path / "kept").returncode == 0
    serving = relays.serve(folder)
    told = ["--over-newer", "--over-newer"]
    assert "running" in mistake(run("restore", tmp_path / "kept", folder, *told))
    assert "running" in mistake(run("move", folder, tmp_path / "moved"))
    assert not (tmp_path / "moved").exists()
    assert serving.stop() == 0


def test_a_move_leaves_one_relay(operator: Operator, stopped: Path, tmp_path: Path) -> None:
    address = operator("backup", stopped, tmp_path / "before", "--json")
    operator("move", stopped, tmp_path / "moved")
    for command in ("serve", "invite"):
        assert "moved away" in operator.mistake(command, stopped)
    assert "moved away" in operator("status", stopped)
    # The copy is not marked.
    operator("restore", tmp_path / "moved", tmp_path / "new")
    assert operator("invite", tmp_path / "new").startswith("aside://")
    moved = json.loads((tmp_path / "moved" / manifest.NAME).read_text())
    assert moved["fingerprint"] == json.loads(address)["fingerprint"]
    operator("move", stopped, "--undo")
    assert operator("invite", stopped).startswith("aside://")
    for wrong in ([], [tmp_path / "third", "--undo"]):
        assert "--undo" in operator.mistake("move", stopped, *wrong)


def test_a_move_back_is_a_restore(operator: Operator, stopped: Path, tmp_path: Path) -> None:
    operator("move", stopped, tmp_path / "moved")
    operator("restore", tmp_path / "moved", stopped)
    assert operator("invite", stopped).startswith("aside://")


def test_a_restore_that_was_cut_off_leaves_no_relay_and_nothing_lost(
    operator: Operator, stopped: Path, tmp_path: Path
) -> None:
    """Half-way the old one lies beside and the new one is not all there: nobody serves that."""
    operator("backup", stopped, tmp_path / "kept")
    replaced = stopped / f"{files.REPLACED}1"
    replaced.mkdir()
    for name in ("relay.toml", "relay.key"):
        (stopped / name).rename(replaced / name)
    shutil.copytree(tmp_path / "kept", stopped / f"{durable.PARTLY}restored")
    assert "no relay" in operator.mistake("serve", stopped)
    operator("restore", tmp_path / "kept", stopped)
    assert not list(stopped.glob(f"{durable.PARTLY}*"))
    assert (replaced / "relay.key").exists()
    assert "ok" in operator("check", stopped)


def test_a_backup_of_a_damaged_store_is_refused(
    operator: Operator, stopped: Path, tmp_path: Path
) -> None:
    with (stopped / "store.db").open("r+b") as store:
        store.seek(9000)
        store.write(b"\xff" * 60_000)
    operator.mistake("backup", stopped, tmp_path / "kept")
    assert not (tmp_path / "kept").exists()
    assert not list(tmp_path.glob(f"{durable.PARTLY}*"))


def test_a_backup_is_not_worked_on(operator: Operator, stopped: Path, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    operator("backup", stopped, kept)
    before = contents(kept)
    commands: list[tuple[object, ...]] = [
        ("serve", kept),
        ("invite", kept),
        ("quota", kept, "aaaaaaaa", "--rooms", "1"),
        ("block", kept, "--invitations"),
        ("drain", kept),
        ("rotate", kept, "--sealing"),
        ("rotate", kept, "--new-identity"),
        ("move", kept, tmp_path / "moved"),
    ]
    for command in commands:
        assert "is a backup" in operator.mistake(*map(str, command)), command
    assert "backup: ok" in operator("check", kept)
    assert operator("status", kept).startswith("not running")
    assert contents(kept) == before
    operator("restore", kept, tmp_path / "again")
    # Of a damaged one check says so.
    (kept / "relay.toml").write_text("")
    assert "relay.toml is not what it was" in operator.unwell("check", kept)


def test_what_an_operator_took_since_is_newer_data(
    operator: Operator, stopped: Path, tmp_path: Path
) -> None:
    """Restored over it, what was blocked would be let in again."""
    link = operator("invite", stopped).strip()
    operator("backup", stopped, tmp_path / "kept")
    operator("block", stopped, link)
    assert "twice" in operator.mistake("restore", tmp_path / "kept", stopped)


def test_a_chunk_of_the_first_minute_is_newer_data(
    operator: Operator, stopped: Path, tmp_path: Path
) -> None:
    operator("backup", stopped, tmp_path / "kept")
    store = database.open_writer(stopped / "store.db")
    store.execute("INSERT INTO chunk (blob, number, digest) VALUES (1, 0, x'00')")
    store.close()
    assert "twice" in operator.mistake("restore", tmp_path / "kept", stopped)


def test_a_backup_of_an_older_version_is_restored(
    operator: Operator, stopped: Path, tmp_path: Path
) -> None:
    kept = tmp_path / "kept"
    operator("backup", stopped, kept)
    said = json.loads((kept / manifest.NAME).read_text())
    for new in ("handed_in", "chunks", "granted"):
        del said["standing"][new]
    (kept / manifest.NAME).write_text(json.dumps(said))
    operator("restore", kept, stopped)
