"""Opening the file: a version of SQLite known to be sound, WAL, FULL, and the schema's steps.

A step leads from the version before it, and says in its first line from which version on a
program may use what it leaves: one that only adds what others need not know of says an earlier
one (``-- reads_from: 3``), any other says nothing and means its own. The file carries both numbers
in SQLite's ``user_version``, so that a program of the version before either goes on with a newer
file or refuses it before anything in it is touched.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path

from msgspec import Struct
from sqlcipher3 import dbapi2 as sqlite

from relay.errors import NewerStore, NotAllowed, NotAStore, UnsoundSqlite

# Before 3.51.3 a WAL reset may corrupt the file.
SOUND_SQLITE = (3, 51, 3)
APPLICATION_ID = 0x41536964  # "ASid"
PAGE_BYTES = 8192
BUSY_S = 5.0
# Of a few kinds there is one for each number of rows (many.py).
STATEMENTS = 256
# The low half of user_version counts steps; the high half is the oldest version for the file,
# or 0 where that is the file's own.
_STEP_BITS = 16
_STEPS = (1 << _STEP_BITS) - 1
# Of bytes the module asks each time whether anybody knows how to adapt them, which takes eight
# times as long as to copy them into what it never asks about.
sqlite.register_adapter(bytes, bytearray)
_READS_FROM = re.compile(r"-- reads_from: (\d+)\n")


class Step(Struct, frozen=True):
    """One step of the schema, and the oldest version that may use what it leaves."""

    sql: str
    reads_from: int


def steps() -> list[Step]:
    """The schema's steps, in order."""
    folder = files("relay.store.schema")
    names = sorted(item.name for item in folder.iterdir() if item.name.endswith(".sql"))
    texts = [folder.joinpath(name).read_text("utf-8") for name in names]
    return [read_step(text, number) for number, text in enumerate(texts, 1)]


def read_step(sql: str, number: int) -> Step:
    """A step as its file has it."""
    said = _READS_FROM.match(sql)
    return Step(sql, int(said[1]) if said else number)


def create(path: Path, known: Sequence[Step] | None = None) -> None:
    """Make a new store; readable by its owner only."""
    path.touch(mode=0o600, exist_ok=False)
    database = _connect(path)
    try:
        database.execute(f"PRAGMA page_size = {PAGE_BYTES}")
        database.execute("PRAGMA journal_mode = WAL")
        database.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        _upgrade(database, steps() if known is None else known)
    finally:
        database.close()


def open_writer(path: Path, known: Sequence[Step] | None = None) -> sqlite.Connection:
    """The connection that commits; brings an older schema up to date."""
    database = open_reader(path, known)
    try:
        database.execute("PRAGMA query_only = OFF")
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = FULL")
        # Checkpoints run beside, on a connection of their own.
        database.execute("PRAGMA wal_autocheckpoint = 0")
        database.execute("PRAGMA cache_size = -65536")
        _upgrade(database, steps() if known is None else known)
    except sqlite.Error as exc:
        database.close()
        raise NotAStore(type(exc).__name__) from exc
    return database


def open_reader(path: Path, known: Sequence[Step] | None = None) -> sqlite.Connection:
    """A connection that only reads; ``known`` are the steps this program has.

    Raises NewerStore, NotAStore, UnsoundSqlite.
    """
    if not path.is_file():
        raise NotAStore("missing")
    if not os.access(path, os.R_OK):
        raise NotAllowed(str(path))
    database = _connect(path)
    try:
        database.execute("PRAGMA query_only = ON")
        oldest = oldest_reader(database)
        ours = database.execute("PRAGMA application_id").fetchone()[0] == APPLICATION_ID
    except sqlite.Error as exc:
        database.close()
        raise NotAStore(type(exc).__name__) from exc
    if ours and oldest <= len(steps() if known is None else known):
        return database
    database.close()
    if ours:
        raise NewerStore
    raise NotAStore("another application's")


def open_broken(path: Path) -> sqlite.Connection | None:
    """A connection that only reads, to one of ours that was cut off; None where not even its first
    page is left. What is told of it counts for nothing else."""
    if not path.is_file() or not os.access(path, os.R_OK):
        return None
    database = _connect(path)
    try:
        # Without this SQLite reads nothing of a file that is shorter than it says.
        database.execute("PRAGMA writable_schema = ON")
        database.execute("PRAGMA query_only = ON")
        ours = database.execute("PRAGMA application_id").fetchone()[0] == APPLICATION_ID
    except sqlite.Error:
        ours = False
    if ours:
        return database
    database.close()
    return None


def version(database: sqlite.Connection) -> int:
    """How many steps this file has taken."""
    return _numbers(database)[0]


def is_older(database: sqlite.Connection) -> bool:
    """Whether there are steps that this file has not taken."""
    return version(database) < len(steps())


def intact(database: sqlite.Connection) -> bool:
    """Whether SQLite finds the whole file consistent."""
    return bool(database.execute("PRAGMA integrity_check(1)").fetchone()[0] == "ok")


def _connect(path: Path) -> sqlite.Connection:
    if sqlite.sqlite_version_info < SOUND_SQLITE:
        raise UnsoundSqlite(sqlite.sqlite_version)
    database = sqlite.connect(
        path,
        timeout=BUSY_S,
        isolation_level=None,
        check_same_thread=False,
        cached_statements=STATEMENTS,
    )
    # SQLCipher would write its own lines to stderr, which is the operator's log.
    database.execute("PRAGMA cipher_log_level = NONE")
    return database


def oldest_reader(database: sqlite.Connection) -> int:
    """The oldest version that may use this file."""
    taken, oldest = _numbers(database)
    return oldest or taken


def _numbers(database: sqlite.Connection) -> tuple[int, int]:
    """How many steps the file has taken, and the oldest version for it where that is another."""
    found: int = database.execute("PRAGMA user_version").fetchone()[0]
    return found & _STEPS, found >> _STEP_BITS


def _upgrade(database: sqlite.Connection, known: Sequence[Step]) -> None:
    taken, oldest = version(database), oldest_reader(database)
    for number, step in enumerate(known[taken:], taken + 1):
        oldest = max(oldest, step.reads_from)
        both = number if oldest == number else number | oldest << _STEP_BITS
        database.executescript(
            f"BEGIN IMMEDIATE;\n{step.sql}\nPRAGMA user_version = {both};\nCOMMIT;"
        )
