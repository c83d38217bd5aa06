"""The attachments of a backup: those chunks that the copied store counts, and no others.

The store is copied first, so every chunk it names was on disk before and does not change any more.
What can no longer be read, because its blob ended while others were copied or because it was
damaged before, does not count in the copy; whoever sent it can put it again.
"""

from __future__ import annotations

from pathlib import Path

from sqlcipher3 import dbapi2 as sqlite

from protocol.wire.frames import CHUNK_BYTES
from relay.backups.files import make_folders
from relay.durable import open_new
from relay.errors import CannotWrite
from relay.store import chunk_files, database
from relay.store.chunk_files import FolderOfChunks, digest_of, path_in
from relay.store.chunk_rows import blob_rows, chunk_rows, forget_chunks, forget_gone


def copy_blobs(store: Path, copy: Path) -> None:
    """Bring the chunks that ``copy`` counts beside it. Raises CannotWrite, OSError."""
    files = FolderOfChunks(store.with_name(chunk_files.NAME))
    folder = copy.with_name(chunk_files.NAME)
    beside = database.open_reader(copy)
    try:
        beside.execute("PRAGMA query_only = OFF")
        forget_gone(beside)
        for blob in blob_rows(beside):
            rows = chunk_rows(beside, blob)
            forget_chunks(beside, blob, _not_copied(files, path_in(folder, blob), blob, rows))
    except sqlite.Error as exc:
        raise CannotWrite(str(copy)) from exc
    finally:
        beside.close()


def _not_copied(
    files: FolderOfChunks, path: Path, blob: int, rows: list[tuple[int, bytes]]
) -> list[int]:
    """Copy one file in its places, with its holes; which chunks could not be read."""
    lost: list[int] = []
    if rows:
        make_folders(path.parent)
        with open_new(path) as file:
            for number, digest in rows:
                body = files.read(blob, number)
                if digest_of(body) == digest:
                    file.seek(number * CHUNK_BYTES)
                    file.write(body)
                else:
                    lost.append(number)
    return lost
