"""Opening the file: a version of SQLite known to be sound, WAL, FULL, and the schema's steps.

A file of a newer schema is refused before anything in it is touched.
"""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from sqlcipher3 import dbapi2 as sqlite

from relay.errors import NewerStore, NotAStore, UnsoundSqlite

# Before 3.51.3 a WAL reset may corrupt the file.
SOUND_SQLITE = (3, 51, 3)
APPLICATION_ID = 0x41536964  # "ASid"
PAGE_BYTES = 8192
BUSY_S = 5.0


def steps() -> list[str]:
    """The schema's steps, in order."""
    folder = files("relay.store.schema")
    names = sorted(item.name for item in folder.iterdir() if item.name.endswith(".sql"))
    return [folder.joinpath(name).read_text("utf-8") for name in names]


def create(path: Path) -> None:
    """Make a new store; readable by its owner only."""
    path.touch(mode=0o600, exist_ok=False)
    database = _connect(path)
    try:
        database.execute(f"PRAGMA page_size = {PAGE_BYTES}")
        database.execute("PRAGMA journal_mode = WAL")
        database.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        _upgrade(database)
    finally:
        database.close()


def open_writer(path: Path) -> sqlite.Connection:
    """The connection that commits; brings an older schema up to date."""
    database = open_reader(path)
    try:
        database.execute("PRAGMA query_only = OFF")
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = FULL")
        # Checkpoints run beside, on a connection of their own.
        database.execute("PRAGMA wal_autocheckpoint = 0")
        database.execute("PRAGMA cache_size = -65536")
        _upgrade(database)
    except sqlite.Error as exc:
        database.close()
        raise NotAStore(type(exc).__name__) from exc
    return database


def open_reader(path: Path) -> sqlite.Connection:
    """A connection that only reads. Raises NewerStore, NotAStore, UnsoundSqlite."""
    if not path.is_file():
        raise NotAStore("missing")
    database = _connect(path)
    try:
        database.execute("PRAGMA query_only = ON")
        found = version(database)
        ours = database.execute("PRAGMA application_id").fetchone()[0] == APPLICATION_ID
    except sqlite.Error as exc:
        database.close()
        raise NotAStore(type(exc).__name__) from exc
    if ours and found <= len(steps()):
        return database
    database.close()
    if ours:
        raise NewerStore
    raise NotAStore("another application's")


def version(database: sqlite.Connection) -> int:
    """How many steps this file has taken."""
    found: int = database.execute("PRAGMA user_version").fetchone()[0]
    return found


def intact(database: sqlite.Connection) -> bool:
    """Whether SQLite finds the whole file consistent."""
    return bool(database.execute("PRAGMA integrity_check(1)").fetchone()[0] == "ok")


def _connect(path: Path) -> sqlite.Connection:
    if sqlite.sqlite_version_info < SOUND_SQLITE:
        raise UnsoundSqlite(sqlite.sqlite_version)
    database = sqlite.connect(path, timeout=BUSY_S, isolation_level=None, check_same_thread=False)
    # SQLCipher would write its own lines to stderr, which is the operator's log.
    database.execute("PRAGMA cipher_log_level = NONE")
    return database


def _upgrade(database: sqlite.Connection) -> None:
    for number, step in enumerate(steps()[version(database) :], version(database) + 1):
        database.executescript(
            f"BEGIN IMMEDIATE;\n{step}\nPRAGMA user_version = {number};\nCOMMIT;"
        )
