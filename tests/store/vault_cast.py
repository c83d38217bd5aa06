"""Alice's vault for tests: a cheap cost, a toy schema, and the ways to look at it from outside."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random

from sqlcipher3.dbapi2 import Connection

from desktop.store import header
from desktop.store.header import Cost
from desktop.store.threads import Threads, WorkerThreads
from desktop.store.vault import Vault
from protocol.keys import Secret

CHEAP = Cost(ops=1, memory=8192)
PASSPHRASE = "correct horse battery staple"
KEY = Secret(bytes(range(32)))
SEED = Secret(bytes(range(32, 64)))

STEPS = (
    "CREATE TABLE note (number INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE) STRICT;",
    "ALTER TABLE note ADD COLUMN colour TEXT NOT NULL DEFAULT 'blue';",
    "CREATE VIRTUAL TABLE words USING fts5 (text); INSERT INTO words SELECT text FROM note;",
)


def new_vault(
    folder: Path, steps: Sequence[str] = STEPS[:1], threads: Threads | None = None
) -> Vault:
    """A whole profile, made in the order that the engine keeps."""
    vault = Vault.create(folder, KEY, steps=steps, threads=threads or WorkerThreads())
    rng = Random(7).randbytes
    header.create(folder, PASSPHRASE, CHEAP, rng, identity_seed=SEED, db_key=KEY)
    return vault


def write_note(number: int, text: str | None = None) -> Callable[[Connection], int]:
    """Work that adds one row and answers its number."""

    def work(db: Connection) -> int:
        said = f"note {number}" if text is None else text
        db.execute("INSERT INTO note (number, text) VALUES (?, ?)", (number, said))
        return number

    return work


def numbers(db: Connection) -> list[int]:
    """What is there, in order."""
    return [number for (number,) in db.execute("SELECT number FROM note ORDER BY number")]


def fingerprints(folder: Path, *names: str) -> dict[str, str]:
    """What the named files hold, or all of them: to see that nothing was touched."""
    chosen = [folder / name for name in names] if names else sorted(folder.iterdir())
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in chosen}


def flip(path: Path, offset: int) -> None:
    """One bit of the disk goes wrong."""
    data = bytearray(path.read_bytes())
    data[offset] ^= 1
    path.write_bytes(data)
