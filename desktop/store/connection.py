"""An encrypted connection, and what SQLite's failures mean to a member.

Never open unencrypted by accident: a connection leaves here only after the cipher answered and
the first page was read with the key. The key is formatted into the statement because
``PRAGMA key`` takes no parameter; it is checked to be 32 bytes and written as hex.

``cipher_memory_security`` stays off. The cipher wipes its keys without it; what it adds is locking
and wiping of every buffer of every connection in the process, which made the search index 15 times
slower (0.64 instead of 0.04 ms a message), for pages whose texts are in Python's memory anyway.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from sqlcipher3 import dbapi2 as sql
from sqlcipher3.dbapi2 import Connection

from desktop.core.errors import VaultDamaged, VaultFull
from protocol.keys import Secret

KEY_BYTES = 32
PAGE_BYTES = 4096  # SQLCipher 4's pages; a vault is a whole number of them
OLDEST_SOUND = (3, 51, 3)  # before it, a WAL reset could corrupt the file
BUSY_S = 10.0

_DAMAGED = (sql.SQLITE_CORRUPT, sql.SQLITE_NOTADB, sql.SQLITE_IOERR, sql.SQLITE_CANTOPEN)
_NO_ROOM_FOR_SHM = sql.SQLITE_IOERR | 19 << 8  # SQLITE_IOERR_SHMSIZE: the journal's index too
_FULL = (sql.SQLITE_FULL, _NO_ROOM_FOR_SHM)


class UnsoundSQLite(RuntimeError):
    """The SQLite at hand is too old or has no cipher: a broken installation."""


def connect(path: Path, key: Secret, *, read_only: bool = False) -> Connection:
    """A keyed connection in autocommit mode.

    ``read_only`` leaves the file as it is, even one that a killed process left with a journal.
    Raises VaultDamaged where the key does not open the file.
    """
    if len(key) != KEY_BYTES:
        raise ValueError("a database key has 32 bytes")
    if sql.sqlite_version_info < OLDEST_SOUND:
        raise UnsoundSQLite(sql.sqlite_version)
    mode = "ro" if read_only else "rwc"
    with translated():
        connection = sql.connect(
            f"file:{quote(str(path.absolute()))}?mode={mode}",
            uri=True,
            timeout=BUSY_S,
            isolation_level=None,
            check_same_thread=False,  # SQLite serialises; one limiter per connection orders us
        )
        try:
            _unlock(connection, key)
        except BaseException:
            connection.close()
            raise
    return connection


def _unlock(connection: Connection, key: Secret) -> None:
    connection.execute("PRAGMA cipher_log_level = NONE")
    if not connection.execute("PRAGMA cipher_version").fetchone():
        raise UnsoundSQLite("no cipher")
    connection.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
    if connection.execute("PRAGMA cipher_status").fetchone() != ("1",):
        raise UnsoundSQLite("the cipher is off")
    connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    for pragma in ("temp_store = MEMORY", "foreign_keys = ON", "secure_delete = ON"):
        connection.execute(f"PRAGMA {pragma}")


def make_writing(connection: Connection) -> None:
    """Durable once committed: a write-ahead log and an fsync at every commit."""
    with translated():
        mode = connection.execute("PRAGMA journal_mode = WAL").fetchone()
        if mode != ("wal",):
            raise UnsoundSQLite("no write-ahead log")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA journal_size_limit = 16777216")


def make_reading(connection: Connection) -> None:
    """Refuse every write."""
    connection.execute("PRAGMA query_only = ON")


@contextmanager
def translated() -> Generator[None]:
    """Give SQLite's failures the type a caller can react to; the others pass."""
    try:
        yield
    except sql.Error as exc:
        code = getattr(exc, "sqlite_errorcode", sql.SQLITE_OK)
        if code in _FULL:
            raise VaultFull from exc
        if code & 0xFF in _DAMAGED:  # the low byte is the kind, the rest its flavour
            raise VaultDamaged from exc
        if isinstance(exc, sql.OperationalError) and code == sql.SQLITE_OK:
            raise VaultDamaged from exc  # a text that is none: SQLite itself saw nothing wrong
        raise
