"""What was acknowledged is there, wherever the process or the machine stopped."""

from __future__ import annotations

import shutil
import subprocess
import sys
from functools import partial
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import pytest
from sqlcipher3.dbapi2 import Connection

from desktop.store.beginnings import VAULT_FILE
from desktop.store.vault import Vault
from tests.store.vault_cast import KEY, STEPS, new_vault, numbers, write_note

ROOT = Path(__file__).parents[2]
ONE = STEPS[:1]


def killed_after(folder: Path, lines: int, seed: int, *flags: str) -> set[int]:
    """Let a process write until it has said ``lines`` numbers, kill it; all it has said."""
    writing = subprocess.Popen(
        [sys.executable, "-m", "tests.store.vault_writing", str(folder), str(seed), *flags],
        cwd=ROOT,
        stdout=subprocess.PIPE,
    )
    assert writing.stdout is not None
    with writing, writing.stdout as out:
        said = [int(out.readline()) for _ in range(lines)]
        writing.kill()
        said += [int(line) for line in out.read().splitlines()]
    return set(said)


def read_back(folder: Path) -> set[int]:
    vault = Vault.open(folder, KEY, steps=ONE)
    found = set(vault.write(numbers))
    assert vault.write(lambda db: db.execute("PRAGMA quick_check").fetchall()) == [("ok",)]
    assert vault.write(lambda db: db.execute("PRAGMA cipher_integrity_check").fetchall()) == []
    vault.close()
    return found


def test_killed_while_writing_keeps_all_that_was_acknowledged(tmp_path: Path) -> None:
    new_vault(tmp_path).close()
    random = Random(5)
    said: set[int] = set()
    for run in range(6):
        said |= killed_after(tmp_path, random.randrange(1, 400), run)
        assert said <= read_back(tmp_path)


def test_speaking_before_saving_would_be_noticed(tmp_path: Path) -> None:
    """The mutant of the test above."""
    new_vault(tmp_path).close()
    lost: set[int] = set()
    for run in range(20):
        lost |= killed_after(tmp_path, 1, run, "--unsafe") - read_back(tmp_path)
        if lost:
            break
    assert lost


def test_the_files_at_any_moment_hold_all_that_was_acknowledged(tmp_path: Path) -> None:
    """Copied in the middle of a transaction, as a machine that stops would leave them."""
    vault = new_vault(tmp_path / "alive")
    random = Random(3)
    copies: list[tuple[Path, int]] = []

    def stop_here(db: Connection, number: int) -> None:
        db.execute("PRAGMA cache_spill = ON")
        db.execute("PRAGMA cache_size = 10")
        for extra in range(60):  # more than the cache holds, so that the journal has a part of it
            write_note(100_000 + number * 100 + extra, f"{number} {extra} " + "z" * 3000)(db)
        copy = tmp_path / f"copy{number}"
        copy.mkdir()
        for name in (VAULT_FILE, f"{VAULT_FILE}-wal"):
            shutil.copy(tmp_path / "alive" / name, copy / name)
        copies.append((copy, number))
        raise LookupError("the power went")

    for number in range(200):
        if random.random() < 0.05:
            with pytest.raises(LookupError):
                vault.write(partial(stop_here, number=number))
        vault.write(write_note(number, f"{number} " + "y" * random.randrange(9000)))
    vault.close()
    assert len(copies) >= 5
    for copy, number in copies:
        assert read_back(copy) == set(range(number))


def test_killed_between_any_two_steps() -> None:
    """Of making a profile: none or a whole one. Of changing the passphrase: one of the two."""
    memory = Path("/dev/shm")  # a kill leaves what the kernel has: no disk is needed for it
    with TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder:
        done = subprocess.run(
            [sys.executable, "-m", "tests.store.vault_killed", folder],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            check=True,
        )
    deaths = [int(number) for number in done.stdout.split()]
    assert len(deaths) == 4
    assert min(deaths) >= 5
