"""What a store says of the chunks beside it, for who looks after a relay: copies and checks."""

from __future__ import annotations

from pathlib import Path

from msgspec import Struct
from sqlcipher3 import dbapi2 as sqlite

from relay.store import chunk_files
from relay.store.chunk_files import FolderOfChunks, digest_of


class Looked(Struct, frozen=True):
    """How many chunks are as they were put, and how many are not."""

    sound: int
    lost: int


def blob_rows(database: sqlite.Connection) -> list[int]:
    """All blobs that are there."""
    return [row for (row,) in database.execute("SELECT row FROM blob ORDER BY row").fetchall()]


def chunk_rows(database: sqlite.Connection, blob: int) -> list[tuple[int, bytes]]:
    """Number and digest of each chunk of a blob."""
    return database.execute(
        "SELECT number, digest FROM chunk WHERE blob = ? ORDER BY number", (blob,)
    ).fetchall()


def forget_chunks(database: sqlite.Connection, blob: int, numbers: list[int]) -> None:
    """A copy of a store does not have these."""
    database.executemany(
        "DELETE FROM chunk WHERE blob = ? AND number = ?", [(blob, number) for number in numbers]
    )


def forget_gone(database: sqlite.Connection) -> None:
    """A copy of a store has no files of blobs that are over."""
    database.execute("DELETE FROM blob_gone")


def look_at_chunks(database: sqlite.Connection, store: Path) -> Looked:
    """Read all of them. A blob that ends meanwhile takes its file along, and is no finding."""
    files = FolderOfChunks(store.with_name(chunk_files.NAME))
    sound = lost = 0
    for blob in blob_rows(database):
        found = [
            digest_of(files.read(blob, number)) == digest
            for number, digest in chunk_rows(database, blob)
        ]
        if all(found) or _is_there(database, blob):
            sound, lost = sound + found.count(True), lost + found.count(False)
    return Looked(sound, lost)


def _is_there(database: sqlite.Connection, blob: int) -> bool:
    found = database.execute("SELECT 1 FROM blob WHERE row = ?", (blob,)).fetchone()
    return found is not None
