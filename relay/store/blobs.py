"""Which blobs there are, in SQLite. Chunks are large, so rows are few, and written one by one."""

from __future__ import annotations

from collections.abc import Iterable

from sqlcipher3 import dbapi2 as sqlite

from relay.rules.records import Blob, Place
from relay.store.passes import SqlitePasses
from relay.store.tally import BLOB_ROOM

_FIND = "SELECT hash, writer, pass, chunks, ends_ms, row FROM blob WHERE {by} = ? AND ends_ms > ?"
_PLACE = (
    "SELECT b.row, b.chunks, c.digest, p.blob_bytes = 0 FROM blob b"
    " JOIN pass p ON p.row = b.pass LEFT JOIN chunk c ON c.blob = b.row AND c.number = ?"
    " WHERE b.{by} = ? AND b.ends_ms > ?"
)


def read_place(
    database: sqlite.Connection, hashed: bytes, number: int, age_ms: int, *, writer: bool
) -> Place | None:
    """Of one chunk, by anybody's connection: committed ones only."""
    sql = _PLACE.format(by="writer" if writer else "hash")
    found = database.execute(sql, (number, hashed, age_ms)).fetchone()
    if found is None:
        return None
    row, chunks, digest, shut = found
    return Place(row, chunks, digest, bool(shut))


def read_gone(database: sqlite.Connection, most: int) -> list[int]:
    """Blobs whose files have to go, by anybody's connection."""
    found = database.execute("SELECT row FROM blob_gone ORDER BY row LIMIT ?", (most,))
    return [row for (row,) in found]


def read_known(database: sqlite.Connection) -> set[int]:
    """Blobs that have, or had, a right to a file, by anybody's connection."""
    found = database.execute("SELECT row FROM blob UNION ALL SELECT row FROM blob_gone")
    return {row for (row,) in found}


class SqliteBlobs:
    """``held_bytes`` is counted along and recounted from the disk at start."""

    def __init__(self, database: sqlite.Connection, passes: SqlitePasses) -> None:
        self._database = database
        self._passes = passes
        self.held_bytes = 0
        self.recount()

    def recount(self) -> None:
        """Ask the disk, which is the truth."""
        self.held_bytes = self._database.execute(f"SELECT {BLOB_ROOM} FROM blob").fetchone()[0]

    def find(self, blob_hash: bytes, age_ms: int) -> Blob | None:
        return self._find("hash", blob_hash, age_ms)

    def find_by_writer(self, writer_hash: bytes, age_ms: int) -> Blob | None:
        return self._find("writer", writer_hash, age_ms)

    def add(self, blob: Blob) -> bool:
        cursor = self._database.execute(
            "INSERT OR IGNORE INTO blob (hash, writer, pass, chunks, ends_ms)"
            " VALUES (?, ?, ?, ?, ?)",
            (blob.hash, blob.writer, blob.owner.row, blob.chunks, blob.ends_ms),
        )
        if not cursor.rowcount:
            return False
        blob.row = cursor.lastrowid or 0
        self._hold(blob, blob.room)
        return True

    def there(self, blob: Blob) -> set[int]:
        found = self._database.execute("SELECT number FROM chunk WHERE blob = ?", (blob.row,))
        return {number for (number,) in found}

    def place(self, blob_hash: bytes, number: int, age_ms: int, *, writer: bool) -> Place | None:
        return read_place(self._database, blob_hash, number, age_ms, writer=writer)

    def keep(self, blob: int, number: int, digest: bytes) -> bool:
        kept = self._database.execute(
            "INSERT OR REPLACE INTO chunk (blob, number, digest)"
            " SELECT row, ?, ? FROM blob WHERE row = ?",
            (number, digest, blob),
        )
        return kept.rowcount > 0

    def lose(self, blob: int, number: int) -> None:
        self._database.execute("DELETE FROM chunk WHERE blob = ? AND number = ?", (blob, number))

    def forget(self, blob: Blob) -> None:
        for sql in (
            "INSERT INTO blob_gone (row) VALUES (?)",
            "DELETE FROM chunk WHERE blob = ?",
            "DELETE FROM blob WHERE row = ?",
        ):
            self._database.execute(sql, (blob.row,))
        self._hold(blob, -blob.room)

    def expire(self, age_ms: int, most: int) -> int:
        due = self._database.execute(
            "SELECT hash, writer, pass, chunks, ends_ms, row FROM blob WHERE ends_ms <= ?"
            " ORDER BY ends_ms, row LIMIT ?",
            (age_ms, most),
        ).fetchall()
        for found in due:
            self.forget(self._made(found))
        return len(due)

    def gone(self, most: int) -> list[int]:
        return read_gone(self._database, most)

    def known(self) -> set[int]:
        return read_known(self._database)

    def forget_gone(self, blobs: Iterable[int]) -> None:
        self._database.executemany(
            "DELETE FROM blob_gone WHERE row = ?", [(blob,) for blob in blobs]
        )

    def _find(self, by: str, hashed: bytes, age_ms: int) -> Blob | None:
        found = self._database.execute(_FIND.format(by=by), (hashed, age_ms)).fetchone()
        return None if found is None else self._made(found)

    def _made(self, found: tuple[bytes, bytes, int, int, int, int]) -> Blob:
        hashed, writer, owner, chunks, ends_ms, row = found
        return Blob(hashed, writer, self._passes.by_row(owner), chunks, ends_ms, row)

    def _hold(self, blob: Blob, size: int) -> None:
        blob.owner.holding.used_bytes += size
        self.held_bytes += size
