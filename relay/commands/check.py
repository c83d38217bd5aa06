"""``aside-relay check``: whether everything in the folder is sound, also while stopped."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable

from msgspec import Struct
from msgspec.structs import asdict
from sqlcipher3 import dbapi2 as sqlite

from relay import certificate
from relay.backups.making import check as check_backup
from relay.commands import strings
from relay.commands.worded import worded
from relay.errors import NotARelay, NotAStore, OperatorError
from relay.folder import Folder
from relay.server import wall_ms
from relay.store import database
from relay.store.chunk_rows import look_at_chunks
from relay.store.reading import Readable, read_what_is_left
from relay.strings import sentence


class Finding(Struct, frozen=True):
    """One thing that was looked at; no sentence where it is fine."""

    name: str
    ok: bool
    sentence: str


def check(folder: Folder, *, as_json: bool) -> tuple[bool, str]:
    """Whether all is well, and what to print. Raises NotARelay."""
    if not folder.is_begun():
        raise NotARelay(str(folder.path))
    kept = list[Readable]()
    settings = _look(strings.CHECK_SETTINGS, lambda: _settings(folder))
    findings = [
        settings,
        _look(strings.CHECK_KEY, lambda: _key(folder)),
        _look(strings.CHECK_CERTIFICATE, lambda: _certificate(folder, read=settings.ok)),
        _look(strings.CHECK_STORE, lambda: _store(folder, kept)),
    ]
    if findings[-1].ok:
        findings.append(_look(strings.CHECK_BLOBS, lambda: _blobs(folder)))
    if folder.is_backup():
        findings.append(_look(strings.CHECK_BACKUP, lambda: _backup(folder)))
    well = all(each.ok for each in findings)
    if as_json:
        facts = {
            "ok": well,
            "findings": [asdict(f) for f in findings],
            "readable": [asdict(each) for each in kept],
        }
        return well, json.dumps(facts, indent=2)
    lines = [f"{each.name}: {each.sentence or strings.CHECK_FINE}" for each in findings]
    lines += [_readable(each) for each in kept]
    return well, "\n".join(lines)


def _look(name: str, at: Callable[[], str]) -> Finding:
    try:
        wrong = at()
    except OperatorError as exc:
        wrong = sentence(exc)
    return Finding(name, not wrong, wrong)


def _settings(folder: Folder) -> str:
    folder.settings()
    return ""


def _key(folder: Folder) -> str:
    folder.seed()
    paths = [folder.key_path]
    # A relay of an older version gets one when it is served.
    if folder.sealing_path.exists():
        folder.sealing_keys()
        paths.append(folder.sealing_path)
    for path in paths:
        if sys.platform != "win32" and path.stat().st_mode & 0o077:
            return strings.KEY_TOO_OPEN.format(about=path)
    return ""


def _certificate(folder: Folder, *, read: bool) -> str:
    """``read``: whether relay.toml, which names it, could be; its mistake is said once."""
    if not read:
        return strings.CHECK_NOT_LOOKED
    tls = folder.settings().tls
    folder.certificates(folder.settings())
    if not tls.certificate:
        return ""
    path = folder.path / tls.certificate
    starts_ms, ends_ms = certificate.lasts(path)
    return "" if starts_ms <= wall_ms() <= ends_ms else strings.CERTIFICATE_OLD


def _store(folder: Folder, kept: list[Readable]) -> str:
    """``kept`` is filled with what can be read where not all can."""
    try:
        beside = database.open_reader(folder.store_path)
    except NotAStore as exc:
        kept += _left_of_a_broken_one(folder)
        return strings.STORE_DAMAGED if kept else strings.STORE_LOST.format(about=exc.about)
    try:
        if _is_sound(beside):
            return ""
        kept += read_what_is_left(beside)
    finally:
        beside.close()
    return strings.STORE_DAMAGED


def _left_of_a_broken_one(folder: Folder) -> list[Readable]:
    broken = database.open_broken(folder.store_path)
    if broken is None:
        return []
    try:
        return read_what_is_left(broken)
    finally:
        broken.close()


def _blobs(folder: Folder) -> str:
    """Every chunk is read, as the store's every page was."""
    beside = database.open_reader(folder.store_path)
    try:
        if database.is_older(beside):
            # Brought up to date by whoever serves it next.
            return ""
        found = look_at_chunks(beside, folder.store_path)
    except (OSError, sqlite.Error) as exc:
        return strings.CHUNKS_UNREADABLE.format(about=type(exc).__name__)
    finally:
        beside.close()
    return worded(strings.CHUNKS_LOST, count=found.lost, sound=found.sound) if found.lost else ""


def _backup(folder: Folder) -> str:
    """Whether every file is still what was written."""
    check_backup(folder.path)
    return ""


def _is_sound(beside: sqlite.Connection) -> bool:
    try:
        return database.intact(beside)
    except sqlite.Error:
        # Damaged so that looking at it fails.
        return False


def _readable(each: Readable) -> str:
    template = strings.READ_WHOLE if each.whole else strings.READ_PART
    return template.format(table=each.table, count=each.read)
