"""Putting a backup back: checked before anything is touched, and nothing that was there is deleted.

A relay that is there already is replaced only where it has seen nothing the backup has not, or
where the operator said twice that the newer data may go. It is moved into a folder beside, never
thrown away. ``relay.toml`` leaves first and comes last: a folder that was left half-way holds no
relay.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

from protocol.wire.address import text_of
from relay import durable
from relay.backups import files
from relay.backups.making import check
from relay.backups.manifest import Manifest
from relay.errors import (
    AnotherRelay,
    BadKey,
    CannotWrite,
    NewerData,
    StoreError,
)
from relay.folder import Folder
from relay.store.standing import standing_of

# How often somebody has to say that newer data may go.
TOLD = 2


def restore(source: Path, folder: Folder, now_ms: int, *, told: int) -> Path | None:
    """Where what was there before lies now.

    Raises AlreadyRunning, AnotherRelay, BackupDamaged, CannotWrite, ClosedBackup, NewerData,
    NewerStore, NotABackup.
    """
    manifest = check(source)
    try:
        folder.path.mkdir(parents=True, exist_ok=True, mode=0o700)
        with folder.lock():
            if _holds_a_relay(folder):
                _may_replace(manifest, folder, told)
            return _put_back(source, manifest, folder.path, now_ms)
    except OSError as exc:
        raise CannotWrite(str(folder.path)) from exc


def _holds_a_relay(folder: Folder) -> bool:
    return any(p.exists() for p in (folder.settings_path, folder.key_path, folder.store_path))


def _may_replace(manifest: Manifest, folder: Folder, told: int) -> None:
    try:
        if text_of(folder.fingerprint()) != manifest.fingerprint:
            raise AnotherRelay(str(folder.path))
    except BadKey:
        # Damaged or lost: the reason for restoring, perhaps.
        pass
    if told >= TOLD:
        return
    try:
        found = standing_of(folder.store_path)
    except StoreError:
        found = None
    if found is None or found.beyond(manifest.standing):
        raise NewerData(str(folder.path))


def _put_back(source: Path, manifest: Manifest, folder: Path, now_ms: int) -> Path | None:
    coming = folder / f"{durable.PARTLY}restored"
    shutil.rmtree(coming, ignore_errors=True)
    for name in manifest.files:
        files.copy_file(source / name, coming / name)
    durable.settle(coming)
    replaced = folder / f"{files.REPLACED}{now_ms}"
    for old in list(_in_place(folder)):
        replaced.mkdir(exist_ok=True, mode=0o700)
        old.rename(replaced / old.name)
    for new in sorted(coming.iterdir(), key=_last_the_settings):
        new.rename(folder / new.name)
    coming.rmdir()
    durable.settle(folder)
    return replaced if replaced.exists() else None


def _in_place(folder: Path) -> Iterator[Path]:
    """What a relay consists of, its settings first."""
    for path in sorted(folder.iterdir(), key=_last_the_settings, reverse=True):
        if path.name not in files.PASSING and not path.name.startswith(
            (durable.PARTLY, files.REPLACED)
        ):
            yield path


def _last_the_settings(path: Path) -> tuple[bool, str]:
    return path.name == "relay.toml", path.name
