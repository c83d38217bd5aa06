"""How far a store has come, so that of two copies of one relay the later can be told."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

from msgspec import Struct, structs
from sqlcipher3 import dbapi2 as sqlite

from relay.errors import CannotWrite
from relay.store import database

# Everything a relay promises to keep moves one of these: what comes is given the next number,
# what goes moves a mark, and each minute at work is written down. What its operator grants and
# takes is small and compared as it is: a block that a backup does not know of would be undone.
_STANDING = (
    "SELECT coalesce((SELECT wall_ms FROM moment), 0), coalesce((SELECT age_ms FROM moment), 0),"
    " (SELECT coalesce(sum(m.forgotten), 0) FROM mailbox m) + (SELECT count(*) FROM {waiting}),"
    " (SELECT coalesce(max(row), 0) FROM pass), (SELECT coalesce(max(row), 0) FROM mailbox),"
    " (SELECT coalesce(max(row), 0) FROM capability), (SELECT coalesce(max(row), 0) FROM bundle)"
)
# Not in stores of older versions, which whoever serves them brings up to date.
_LATER = (
    "SELECT (SELECT coalesce(sum(seq), 0) FROM sqlite_sequence WHERE name IN ('packet', 'blob')),"
    " (SELECT count(*) FROM chunk)"
)
_GRANTED = (
    "SELECT hash, mailboxes, stored_bytes, invites, forwards, rooms, blob_bytes FROM pass"
    " ORDER BY hash",
    "SELECT hash, uses, expires_ms, invites FROM code ORDER BY hash",
)


class Standing(Struct, frozen=True):
    """Numbers that only grow while a relay works on one store, but for the last two: those tell
    only that something is otherwise. Backups of older versions have none of the last three."""

    wall_ms: int
    age_ms: int
    numbered: int
    passes: int
    mailboxes: int
    capabilities: int
    bundles: int
    handed_in: int = 0
    chunks: int = 0
    granted: str = ""

    def beyond(self, other: Standing) -> bool:
        """Whether something happened here that the other has not seen."""
        return (
            self.age_ms > other.age_ms
            or self.numbered > other.numbered
            or self.passes > other.passes
            or self.mailboxes > other.mailboxes
            or self.capabilities > other.capabilities
            or self.bundles > other.bundles
            or self.handed_in > other.handed_in
            or (bool(other.granted) and self.chunks != other.chunks)
            or (bool(other.granted) and self.granted != other.granted)
        )


def _granted(beside: sqlite.Connection) -> str:
    found = sha256()
    for select in _GRANTED:
        for row in beside.execute(select):
            found.update(repr(row).encode())
    return found.hexdigest()


def set_wall(path: Path, wall_ms: int) -> None:
    """Have the relay go on from this time. Raises CannotWrite and what opening raises."""
    beside = database.open_reader(path)
    try:
        beside.execute("PRAGMA query_only = OFF")
        beside.execute("PRAGMA synchronous = FULL")
        beside.execute("UPDATE moment SET wall_ms = ?", (wall_ms,))
    except sqlite.Error as exc:
        raise CannotWrite(str(path)) from exc
    finally:
        beside.close()


def standing_of(path: Path) -> Standing | None:
    """None where it cannot be read in full. Raises NewerStore, NotAStore, UnsoundSqlite."""
    beside = database.open_reader(path)
    try:
        older = database.is_older(beside)
        waiting = "envelope" if older else "waiting"
        found = Standing(*beside.execute(_STANDING.format(waiting=waiting)).fetchone())
        if older:
            return found
        handed_in, chunks = beside.execute(_LATER).fetchone()
        return structs.replace(found, handed_in=handed_in, chunks=chunks, granted=_granted(beside))
    except sqlite.Error:
        return None
    finally:
        beside.close()
