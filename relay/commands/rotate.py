"""``aside-relay rotate``: new keys, after a breach or because it is time."""

from __future__ import annotations

import os
from pathlib import Path

from protocol.keys import SEED_BYTES
from relay import certificate
from relay.backups import files
from relay.commands import strings
from relay.commands.said import Said
from relay.config import Settings
from relay.errors import CannotWrite, ForeignCertificate, WrongUse
from relay.folder import Folder


def rotate(folder: Folder, now_ms: int, *, renew: bool, identity: bool) -> Said:
    """A new certificate of the relay's own, or a new identity, which makes it another relay.

    Raises AlreadyRunning, CannotWrite, ForeignCertificate, WrongUse.
    """
    settings = folder.settings()
    if renew == identity:
        raise WrongUse(strings.ROTATE_WHAT)
    try:
        if renew:
            return _new_certificate(folder, settings, now_ms)
        with folder.lock():
            return _new_identity(folder, settings, now_ms)
    except OSError as exc:
        raise CannotWrite(str(folder.path)) from exc


def _new_certificate(folder: Folder, settings: Settings, now_ms: int) -> Said:
    if not settings.tls.certificate:
        raise WrongUse(strings.ROTATE_NO_TLS)
    public_path, key_path = _own(folder, settings.tls.certificate), _own(folder, settings.tls.key)
    host = folder.likely_address(settings).host
    public, secret = certificate.make(host, now_ms)
    # The key first: who looks between the two finds a pair that does not fit, not an old one.
    files.replace(key_path, secret)
    files.replace(public_path, public)
    facts = {"certificate": str(public_path), "host": host}
    return Said(strings.NEW_CERTIFICATE.format(host=host), facts)


def _new_identity(folder: Folder, settings: Settings, now_ms: int) -> Said:
    old = folder.likely_address(settings)
    aside = folder.path / f"{files.REPLACED}{now_ms}"
    aside.mkdir(mode=0o700)
    files.copy_file(folder.key_path, aside / folder.key_path.name)
    files.settle(aside)
    files.replace(folder.key_path, os.urandom(SEED_BYTES).hex().encode() + b"\n")
    new = folder.likely_address(settings)
    facts = {"address": str(new), "before": str(old), "replaced": str(aside)}
    return Said(strings.NEW_IDENTITY.format(new=new, aside=aside, folder=folder.path), facts)


def _own(folder: Folder, name: str) -> Path:
    """A file of the relay's own making, or of somebody else's who has to renew it."""
    path = folder.path / name
    if path.is_symlink() or path.resolve().parent != folder.path.resolve():
        raise ForeignCertificate(str(path))
    return path
