"""``aside-relay rotate``: new keys, after a breach or because it is time.

Each works without the old one: after a breach an operator brings the store and the settings to
another machine, and none of the keys.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from enum import Enum
from pathlib import Path

from sqlcipher3 import dbapi2 as sqlite

from protocol.keys import SEED_BYTES
from relay import certificate, durable
from relay.backups import files
from relay.commands import strings
from relay.commands.damage import look_before_writing
from relay.commands.said import Said
from relay.commands.worded import worded
from relay.config import Settings
from relay.errors import BadKey, CannotWrite, ForeignCertificate, WrongUse
from relay.folder import Folder
from relay.rules.clock import DAY_MS
from relay.rules.custody import Custody
from relay.store.sqlite import SqliteStore
from relay.two_hops.sealing import new_sealing_key, write_keys

# A packet waits seven days at most for its relay, and whoever sealed it may have had the card for
# as long as a desktop was away.
OLD_DAYS = 60


class New(Enum):
    """What can be new."""

    CERTIFICATE = 1
    SEALING = 2
    IDENTITY = 3


def rotate(folder: Folder, now_ms: int, what: Sequence[New]) -> Said:
    """One of them. Raises AlreadyRunning, BadKey, CannotWrite, ForeignCertificate,
    IsABackup, WrongUse."""
    settings = folder.settings()
    folder.no_backup()
    # New keys save no relay whose store is lost; what does is a backup, which has the old ones.
    look_before_writing(folder)
    try:
        match what:
            case [New.CERTIFICATE]:
                return _new_certificate(folder, settings, now_ms)
            case [New.SEALING]:
                return _new_sealing(folder, now_ms)
            case [New.IDENTITY]:
                with folder.lock():
                    return _new_identity(folder, settings, now_ms)
            case _:
                raise WrongUse(strings.ROTATE_WHAT)
    except OSError as exc:
        raise CannotWrite(str(folder.path)) from exc


def _new_certificate(folder: Folder, settings: Settings, now_ms: int) -> Said:
    if not settings.tls.certificate:
        raise WrongUse(strings.ROTATE_NO_TLS)
    public_path, key_path = _own(folder, settings.tls.certificate), _own(folder, settings.tls.key)
    host = folder.host(settings)
    public, secret = certificate.make(host, now_ms)
    # The key first: who looks between the two finds a pair that does not fit, not an old one.
    durable.replace(key_path, secret)
    durable.replace(public_path, public)
    facts = {"certificate": str(public_path), "host": host}
    return Said(strings.NEW_CERTIFICATE.format(host=host), facts)


def _new_sealing(folder: Folder, now_ms: int) -> Said:
    there = folder.sealing_keys() if folder.sealing_path.exists() else []
    keys = sorted(there, key=lambda key: key.made_ms)
    # Each was replaced when the next one was made, the last one now.
    replaced = [*(key.made_ms for key in keys), now_ms][1:]
    kept = [
        key for key, at_ms in zip(keys, replaced, strict=True) if at_ms > now_ms - OLD_DAYS * DAY_MS
    ]
    # Also where the clock stood still or went back, the new one is the newest.
    fresh = new_sealing_key(max([now_ms, *(key.made_ms + 1 for key in keys)]))
    durable.replace(folder.sealing_path, write_keys([*kept, fresh]))
    template = strings.NEW_SEALING if kept else strings.FIRST_SEALING
    said = worded(template, old=len(kept), days=OLD_DAYS)
    return Said(said, {"keys": len(kept) + 1})


def _new_identity(folder: Folder, settings: Settings, now_ms: int) -> Said:
    try:
        before = str(folder.likely_address(settings))
    except BadKey:
        before = None
    # First what makes nobody else's link good for the new one, wherever this is cut off.
    codes = _end_codes(folder)
    aside = _keep_old_key(folder, now_ms)
    durable.replace(folder.key_path, os.urandom(SEED_BYTES).hex().encode() + b"\n")
    new = folder.likely_address(settings)
    facts = {
        "address": str(new),
        "before": before,
        "replaced": None if aside is None else str(aside),
        "codes": codes,
    }
    lines = [worded(strings.NEW_IDENTITY, new=new, codes=codes)]
    if aside is not None:
        lines.append(strings.OLD_IDENTITY.format(aside=aside))
    lines.append(strings.RENEW_THE_REST.format(folder=folder.path))
    return Said("\n".join(lines), facts)


def _end_codes(folder: Folder) -> int:
    """How many could still be used. A store of an older version is brought up to date: without its
    old key nobody could serve it before."""
    try:
        store = SqliteStore(folder.store_path)
        try:
            store.begin()
            count = Custody(store).forget_codes()
            store.commit()
        finally:
            store.close()
    except sqlite.Error as exc:
        raise CannotWrite(str(folder.store_path)) from exc
    return count


def _keep_old_key(folder: Folder, now_ms: int) -> Path | None:
    """Sound or not; nothing where there is none."""
    if not folder.key_path.exists():
        return None
    aside = folder.path / f"{files.REPLACED}{now_ms}"
    aside.mkdir(mode=0o700)
    files.copy_file(folder.key_path, aside / folder.key_path.name)
    durable.settle(aside)
    return aside


def _own(folder: Folder, name: str) -> Path:
    """A file of the relay's own making, or of somebody else's who has to renew it."""
    path = folder.path / name
    if path.is_symlink() or path.resolve().parent != folder.path.resolve():
        raise ForeignCertificate(str(path))
    return path
