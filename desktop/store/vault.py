"""The encrypted local store: one file, one writer, a few readers beside it.

A folder holds one vault: ``vault.db`` here, ``vault.header`` (see :mod:`desktop.store.header`),
``vault.lock``. **The header is written last: it is what makes a profile.** What a start that never
ended has left is made anew (see :mod:`desktop.store.beginnings`).

Nothing is touched in a vault that is damaged, newer, or open in another process.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Self, TypeVar

from sqlcipher3.dbapi2 import Connection

from desktop.core.errors import ProfileExists, ProfileMissing, VaultDamaged
from desktop.store import beginnings, durable, header
from desktop.store.beginnings import VAULT_FILE
from desktop.store.connection import (
    PAGE_BYTES,
    connect,
    make_reading,
    make_writing,
    translated,
)
from desktop.store.lock import FolderLock
from desktop.store.readers import Readers
from desktop.store.steps import apply_steps, check_not_newer, released_steps, seen
from desktop.store.threads import Threads, WorkerThreads
from desktop.store.writer import Writer
from protocol.keys import Secret

T = TypeVar("T")

SUSPECT_FILE = "vault.suspect"  # there after damage was met: look at every page at the next start
READERS = 2

_WORKERS = WorkerThreads()


class Vault:
    """An open vault. Made by :meth:`create` or :meth:`open`, both of which block."""

    def __init__(self, folder: Path, key: Secret, lock: FolderLock, threads: Threads) -> None:
        self._folder = folder
        self._key = key
        self._lock = lock
        self._threads = threads
        with ExitStack() as opened:
            writing, *reading = [
                opened.enter_context(closing(connect(folder / VAULT_FILE, key)))
                for _ in range(1 + READERS)
            ]
            make_writing(writing)
            for connection in reading:
                make_reading(connection)
            opened.pop_all()
        self._writer = Writer(writing, threads, self._suspect)
        self._readers = Readers(reading, threads)

    @classmethod
    def create(
        cls,
        folder: Path,
        db_key: Secret,
        *,
        steps: Sequence[str] | None = None,
        threads: Threads = _WORKERS,
    ) -> Self:
        """A new vault. The profile is there once :func:`desktop.store.header.create` returned.

        Raises ProfileExists, VaultInUse, VaultFull, VaultDamaged where a vault lost its header.
        """
        durable.make_folder(folder)
        lock = FolderLock(folder)
        try:
            _clear(folder)
            _grow(folder / VAULT_FILE, db_key, released_steps() if steps is None else steps)
            return cls(folder, db_key, lock, threads)
        except BaseException:
            lock.release()
            raise

    @classmethod
    def open(
        cls,
        folder: Path,
        db_key: Secret,
        *,
        steps: Sequence[str] | None = None,
        threads: Threads = _WORKERS,
    ) -> Self:
        """The vault in ``folder``, brought to this version's schema.

        Raises ProfileMissing, VaultInUse, VaultDamaged, VaultNewer, VaultFull.
        """
        path = folder / VAULT_FILE
        if not folder.is_dir():
            raise ProfileMissing
        lock = FolderLock(folder)
        try:
            known = released_steps() if steps is None else steps
            with _leaving_nothing(path):
                _look(path, db_key, known, thoroughly=(folder / SUSPECT_FILE).exists())
            _suspect_no_more(folder / SUSPECT_FILE)
            _grow(path, db_key, known)
            return cls(folder, db_key, lock, threads)
        except BaseException:
            lock.release()
            raise

    def write(self, work: Callable[[Connection], T]) -> T:
        """Do ``work`` in a transaction of its own, in this thread. A failure undoes it."""
        return self._writer.write(work)

    async def transact(self, work: Callable[[Connection], T]) -> T:
        """Do ``work`` in the next transaction; it is on disk when this returns."""
        return await self._writer.transact(work)

    async def read(self, work: Callable[[Connection], T]) -> T:
        """Do ``work``, which only reads, on one state of the vault."""
        try:
            return await self._readers.read(work)
        except VaultDamaged:
            await self._threads.run(self._suspect)
            raise

    async def copy_to(self, path: Path) -> None:
        """A consistent copy under the same key, at ``path`` only once it is whole and durable."""
        await self.read(lambda connection: _copy(connection, path, self._key))

    def close(self) -> None:
        """Close the files. Whoever still asks hears ProfileLocked."""
        self._readers.close()
        self._writer.close()  # last, so that it folds the journal in
        self._lock.release()

    def _suspect(self) -> None:
        """Damage was met: write nothing more, and look at every page at the next start."""
        self._writer.halt()
        suspect = self._folder / SUSPECT_FILE
        if not suspect.exists():
            durable.put(durable.write_beside(suspect, b""), suspect)


def _clear(folder: Path) -> None:
    if header.exists(folder):
        raise ProfileExists
    beginnings.begin(folder)
    beginnings.clear(folder)


@contextmanager
def _leaving_nothing(path: Path) -> Generator[None]:
    """SQLite makes a journal beside a file as soon as it looks; not beside what was refused."""
    journals = [path.with_name(path.name + end) for end in ("-wal", "-shm")]
    new = [one for one in journals if not one.exists()]
    try:
        yield
    except BaseException:
        for journal in new:
            journal.unlink(missing_ok=True)
        raise


def _look(path: Path, key: Secret, steps: Sequence[str], *, thoroughly: bool) -> None:
    """Refuse what must not be touched, by means that cannot touch it."""
    if not path.is_file():
        raise VaultDamaged
    torn = path.stat().st_size % PAGE_BYTES != 0
    if torn and not _has_journal(path):
        raise VaultDamaged  # SQLite would take what is missing for zeros, and write on
    connection = connect(path, key, read_only=True)
    try:
        check_not_newer(connection, steps)
        if seen(connection) == 0:
            raise VaultDamaged  # an empty file, where there was a vault
        if thoroughly or torn:
            with translated():
                if (
                    not torn
                    and connection.execute("PRAGMA cipher_integrity_check").fetchone() is not None
                ):
                    raise VaultDamaged
                if connection.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
                    raise VaultDamaged
    finally:
        connection.close()


def _has_journal(path: Path) -> bool:
    """A power cut while the journal was folded in may tear the file; the journal has it whole."""
    journal = path.with_name(path.name + "-wal")
    return journal.is_file() and journal.stat().st_size > 0


def _suspect_no_more(suspect: Path) -> None:
    """All was looked at. A folder of that name is nothing of ours: it stays, and so does the
    looking."""
    if not suspect.is_dir():
        suspect.unlink(missing_ok=True)


def _grow(path: Path, key: Secret, steps: Sequence[str]) -> None:
    """Apply the steps that are missing, with a copy beside while an existing vault is changed."""
    connection = connect(path, key)
    try:
        make_writing(connection)
        before = seen(connection)
        copy = path.with_name(f"{VAULT_FILE}.before-{before + 1}")
        if 0 < before < len(steps):
            _copy(connection, copy, key)
        apply_steps(connection, steps)
        copy.unlink(missing_ok=True)
    finally:
        connection.close()


def _copy(connection: Connection, path: Path, key: Secret) -> None:
    beside = path.with_name(path.name + ".tmp")
    beside.unlink(missing_ok=True)
    beside.touch(mode=0o600)
    with translated():
        copy = connect(beside, key)
        try:
            connection.backup(copy)
        finally:
            copy.close()
    durable.sync_file(beside)
    durable.put(beside, path)
