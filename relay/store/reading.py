"""Whether a store is sound, and what can still be read of one that is not."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct
from sqlcipher3 import dbapi2 as sqlite

# How many steps of SQLite's own go between two looks at the clock.
_STEPS = 10_000


class Readable(Struct, frozen=True):
    """How many rows of a table could be read, and whether those were all."""

    table: str
    read: int
    whole: bool


def seems_intact(database: sqlite.Connection, enough: Callable[[], bool]) -> bool:
    """Whether no damage is seen before all is looked at or it is ``enough``."""
    database.set_progress_handler(lambda: int(enough()), _STEPS)
    try:
        found = database.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite.OperationalError as exc:
        if getattr(exc, "sqlite_errorcode", None) == sqlite.SQLITE_INTERRUPT:
            return True
        raise
    except sqlite.DatabaseError:
        return False
    finally:
        database.set_progress_handler(None, 0)
    return bool(found[0] == "ok")


def read_what_is_left(database: sqlite.Connection) -> list[Readable]:
    """Read every row of every table from both ends, up to where it breaks."""
    try:
        tables = [
            (name, "WITHOUT ROWID" in sql)
            for name, sql in database.execute(
                "SELECT name, sql FROM sqlite_schema WHERE type = 'table' ORDER BY name"
            )
            if not name.startswith("sqlite_")
        ]
    except sqlite.Error:
        return []
    return [_read(database, name, keyed=keyed) for name, keyed in tables]


def _read(database: sqlite.Connection, table: str, *, keyed: bool) -> Readable:
    order = _key(database, table) if keyed else "rowid"
    forward, whole = _count(database, f"SELECT * FROM {table} NOT INDEXED ORDER BY {order}")
    if whole:
        return Readable(table, forward, whole=True)
    backward = _last_first(order)
    behind, _ = _count(database, f"SELECT * FROM {table} NOT INDEXED ORDER BY {backward}")
    return Readable(table, forward + behind, whole=False)


def _count(database: sqlite.Connection, select: str) -> tuple[int, bool]:
    count = 0
    try:
        for _ in database.execute(select):
            count += 1
    except (sqlite.Error, UnicodeDecodeError):
        return count, False
    return count, True


def _key(database: sqlite.Connection, table: str) -> str:
    found = database.execute(
        "SELECT name FROM pragma_table_info(?) WHERE pk > 0 ORDER BY pk", (table,)
    )
    return ", ".join(name for (name,) in found)


def _last_first(order: str) -> str:
    return ", ".join(f"{name} DESC" for name in order.split(", "))
