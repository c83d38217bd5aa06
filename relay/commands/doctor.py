"""``aside-relay doctor``: everything that can be told from here, each with what to do."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from pathlib import Path

from relay.commands.damage import look_for_damage
from relay.commands.said import Said
from relay.commands.worded import sized, worded
from relay.config import Settings
from relay.doctor import clock, disk, machine, ports, strings
from relay.doctor.findings import Finding, Grade
from relay.errors import BadKey, MovedAway, PortUnknown, StoreError
from relay.folder import Folder
from relay.rules.clock import Now
from relay.store.standing import set_wall, standing_of

SECRETS = "secrets"
STORE = "store"
_SIZES = ("free", "min_free")


def doctor(folder: Folder, now_ms: int) -> Said:
    """Works running and stopped; what cannot be told is said to be unknown."""
    settings = folder.settings()
    findings = list(_look(folder, settings, now_ms))
    well = not any(found.grade is Grade.WRONG for found in findings)
    facts = {
        "ok": well,
        "findings": [
            {
                "subject": found.subject,
                "grade": str(found.grade),
                "kind": found.kind,
                "sentence": _sentence(found),
                "facts": dict(found.facts),
            }
            for found in findings
        ],
    }
    lines = [
        strings.DOCTOR_LINE.format(
            grade=strings.GRADES[found.grade], subject=found.subject, sentence=_sentence(found)
        )
        for found in findings
    ]
    return Said("\n".join(lines), facts, well)


def believe_clock(folder: Folder, now_ms: int) -> Said:
    """Take the machine's time for what it is, whatever was written down; ages stay as they are.

    Raises AlreadyRunning, CannotWrite, DamagedStore.
    """
    folder.settings()
    with folder.lock():
        look_for_damage(folder)
        set_wall(folder.store_path, now_ms)
    return Said(strings.CLOCK_BELIEVED, {"believed": True})


def _sentence(found: Finding) -> str:
    shown = {
        name: sized(value) if name in _SIZES and isinstance(value, int) else value
        for name, value in found.facts.items()
    }
    return worded(strings.DOCTOR[found.kind], **shown)


def _look(folder: Folder, settings: Settings, now_ms: int) -> Iterator[Finding]:
    written = list(_look_at_store(folder))
    keys = list(_look_at_keys(folder))
    for found in clock.look(now_ms, _last_moment(folder), _newest_ms(folder), clock.kept_right()):
        # Without the store there is little to hold it against.
        if found.kind != "clock_plausible" or written[0].grade is Grade.OK:
            yield found
    yield from written
    yield from keys
    yield from disk.look(folder.path, settings.limits.min_free, time.perf_counter_ns)
    try:
        folder.still_here()
    except MovedAway:
        yield Finding(ports.LISTENING, Grade.WARNING, "moved")
    else:
        # Without its key it can neither be asked for nor be reached.
        if not keys:
            yield from _look_at_ports(folder, settings)
    if not keys:
        yield from _look_at_tls(folder, settings, now_ms)
    yield from machine.look_at_files(settings.limits.connections)
    if not keys:
        yield from _look_at_secrets(folder, settings)
    yield from machine.look_at_versions()


def _look_at_store(folder: Folder) -> Iterator[Finding]:
    """As serve does before it starts."""
    try:
        look_for_damage(folder)
        # An older one is brought up to date by serve, and read only then.
        sound = standing_of(folder.store_path) is not None
    except StoreError:
        sound = False
    if sound:
        yield Finding(STORE, Grade.OK, "store_sound")
    else:
        yield Finding(STORE, Grade.WRONG, "store_unreadable", {"folder": str(folder.path)})


def _look_at_keys(folder: Folder) -> Iterator[Finding]:
    """Nothing where they are fine: serve makes a key for packets where there is none."""
    try:
        folder.seed()
        if folder.sealing_path.exists():
            folder.sealing_keys()
    except BadKey as exc:
        facts = {"path": exc.about, "folder": str(folder.path)}
        yield Finding(SECRETS, Grade.WRONG, "secrets_unreadable", facts)


def _look_at_ports(folder: Folder, settings: Settings) -> Iterator[Finding]:
    host, port = settings.listen
    if not folder.is_running():
        return ports.look_stopped(host, port)
    try:
        here = folder.address(settings)
    except PortUnknown:
        # It is starting or stopping this very moment.
        return iter([Finding(ports.LISTENING, Grade.UNKNOWN, "here_silent", _at(host, port))])
    return ports.look_running(here, host, port or folder.port_in_use())


def _look_at_tls(folder: Folder, settings: Settings, now_ms: int) -> Iterator[Finding]:
    tls = settings.tls
    if not tls.certificate:
        return iter([Finding(machine.CERTIFICATE, Grade.OK, "certificate_none")])
    host = folder.host(settings)
    public, key = folder.path / tls.certificate, folder.path / tls.key
    return machine.look_at_certificate(public, key, host, now_ms)


def _look_at_secrets(folder: Folder, settings: Settings) -> Iterator[Finding]:
    if sys.platform == "win32":
        return
    paths = [folder.key_path, folder.store_path]
    if settings.tls.key:
        paths.append(folder.path / settings.tls.key)
    names = [path.name for path in paths if _is_open(path)]
    if names:
        yield Finding(SECRETS, Grade.WRONG, "secrets_open", {"names": ", ".join(names)})
    else:
        yield Finding(SECRETS, Grade.OK, "secrets_closed")


def _is_open(path: Path) -> bool:
    return path.exists() and bool(path.stat().st_mode & 0o077)


def _last_moment(folder: Folder) -> Now | None:
    try:
        found = standing_of(folder.store_path)
    except StoreError:
        return None
    return None if found is None else Now(found.wall_ms, found.age_ms)


def _newest_ms(folder: Folder) -> int:
    """When a file that only the relay and its operator write was written last."""
    paths = (folder.settings_path, folder.key_path, folder.store_path)
    return max((int(p.stat().st_mtime * 1000) for p in paths if p.exists()), default=0)


def _at(host: str, port: int) -> dict[str, object]:
    return {"host": host, "port": port}
