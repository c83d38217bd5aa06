"""A copy of a store that is of one moment, made while the relay goes on writing."""

from __future__ import annotations

import os
from pathlib import Path

from sqlcipher3 import dbapi2 as sqlite

from relay.errors import CannotWrite, NotAStore
from relay.store import database


def copy_store(source: Path, copy: Path) -> None:
    """Write what is committed now to a new file of the owner's only.

    One reading transaction holds the moment; the relay's own commits go on beside it. Raises
    CannotWrite, NewerStore, NotAStore, UnsoundSqlite.
    """
    beside = database.open_reader(source)
    try:
        os.close(os.open(copy, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        # SQLite counts the copy as writing, though nothing of the source is touched.
        beside.execute("PRAGMA query_only = OFF")
        beside.execute("VACUUM INTO ?", (str(copy),))
    except sqlite.DatabaseError as exc:
        if getattr(exc, "sqlite_errorcode", None) in (sqlite.SQLITE_CORRUPT, sqlite.SQLITE_NOTADB):
            raise NotAStore(type(exc).__name__) from exc
        raise CannotWrite(str(copy)) from exc
    except OSError as exc:
        raise CannotWrite(str(copy)) from exc
    finally:
        beside.close()
