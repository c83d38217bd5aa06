"""Making a backup: the store first, of one moment, then the files beside it; checked at the end.

What is being made carries another name until it is whole, so that a folder with the name that was
asked for is always a backup that was read again after it was written.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from msgspec import Struct
from sqlcipher3 import dbapi2 as sqlite

from protocol.wire.address import text_of
from relay import durable
from relay.backups import files, manifest
from relay.backups.blobs import copy_blobs
from relay.backups.manifest import Manifest
from relay.errors import BackupDamaged, CannotWrite, DestinationTaken, NotAStore, WithinItself
from relay.folder import Folder
from relay.release import release
from relay.store import database
from relay.store.copying import copy_store
from relay.store.standing import standing_of


class Made(Struct, frozen=True):
    """A backup, and which files that the settings name lie outside the folder and so outside it."""

    manifest: Manifest
    outside: tuple[str, ...]


def back_up(folder: Folder, destination: Path, now_ms: int) -> Made:
    """A copy of the relay in a new folder.

    Raises BackupDamaged, BadKey, CannotWrite, DestinationTaken, WithinItself and what opening the
    store and reading the settings raise.
    """
    settings = folder.settings()
    fingerprint = folder.fingerprint()
    try:
        taken = destination.exists()
    except PermissionError as exc:
        raise CannotWrite(str(destination)) from exc
    if taken:
        raise DestinationTaken(str(destination))
    if folder.path.resolve() in (destination.resolve(), *destination.resolve().parents):
        raise WithinItself(str(destination))
    partly = destination.with_name(f"{durable.PARTLY}{destination.name}-{os.getpid()}")
    try:
        partly.mkdir(parents=True, mode=0o700)
        copy_store(folder.store_path, partly / folder.store_path.name)
        copy_blobs(folder.store_path, partly / folder.store_path.name)
        for name in files.beside_the_store(folder.path):
            try:
                files.copy_file(folder.path / name, partly / name)
            except FileNotFoundError:
                # Its time was over while the store was being copied.
                (partly / name).unlink(missing_ok=True)
        made = _described(partly, text_of(fingerprint), now_ms)
        made.write(partly)
        durable.settle(partly)
        check(partly)
        partly.rename(destination)
        durable.settle_name(destination)
    except OSError as exc:
        raise CannotWrite(str(destination)) from exc
    finally:
        shutil.rmtree(partly, ignore_errors=True)
    named = (settings.tls.certificate, settings.tls.key)
    outside = tuple(name for name in named if name and Path(name).is_absolute())
    return Made(made, outside)


def check(folder: Path) -> Manifest:
    """Whether all of a backup is there and sound.

    Raises BackupDamaged, ClosedBackup, NotABackup.
    """
    found = manifest.read(folder)
    manifest.verify(folder, found)
    for needed in ("store.db", "relay.toml", "relay.key"):
        if needed not in found.files:
            raise BackupDamaged(needed)
    beside = database.open_reader(folder / "store.db")
    try:
        if not database.intact(beside):
            raise BackupDamaged("store.db")
    except sqlite.Error as exc:
        raise BackupDamaged("store.db") from exc
    finally:
        beside.close()
    return found


def _described(partly: Path, fingerprint: str, now_ms: int) -> Manifest:
    store = partly / "store.db"
    standing = standing_of(store)
    if standing is None:
        raise NotAStore("unreadable")
    beside = database.open_reader(store)
    try:
        version = database.version(beside)
    finally:
        beside.close()
    names = ["store.db", *(name for name in files.lasting(partly))]
    kept = {name: manifest.digest_of(partly / name) for name in names}
    return Manifest(manifest.VERSION, now_ms, release(), version, fingerprint, standing, kept)
