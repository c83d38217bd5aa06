"""``aside-relay backup``, ``restore`` and ``move``: the relay in another place or time."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import msgspec
from msgspec.structs import asdict

from protocol.wire.address import text_of
from relay.backups.making import Made, back_up
from relay.backups.manifest import Manifest
from relay.backups.restoring import restore as put_back
from relay.commands import strings
from relay.commands.said import Said
from relay.commands.worded import sized, worded
from relay.errors import WrongUse
from relay.folder import Folder


def backup(folder: Folder, destination: Path, now_ms: int) -> Said:
    """Also while it serves."""
    made = back_up(folder, destination, now_ms)
    return Said(_said(strings.BACKED_UP, made, destination), _facts(made, destination))


def restore(source: Path, folder: Folder, now_ms: int, *, told: int) -> Said:
    """Only while it is stopped."""
    replaced = put_back(source, folder, now_ms, told=told)
    lines = [strings.RESTORED.format(source=source, folder=folder.path)]
    if replaced is not None:
        lines.append(strings.REPLACED.format(replaced=replaced))
    facts = {
        "folder": str(folder.path),
        "fingerprint": text_of(folder.fingerprint()),
        "replaced": None if replaced is None else str(replaced),
    }
    return Said("\n".join(lines), facts)


def move(folder: Folder, destination: Path | None, now_ms: int, *, undo: bool) -> Said:
    """A backup after which this folder serves no more; or the way back."""
    if undo == (destination is not None):
        raise WrongUse(strings.MOVE_WHERE)
    with folder.lock():
        if destination is None:
            folder.unmark_moved()
            return Said(strings.MOVE_UNDONE, {"moved": False})
        made = back_up(folder, destination, now_ms)
        folder.mark_moved(now_ms)
    facts = _facts(made, destination) | {"moved": True}
    return Said(_said(strings.MOVING, made, destination, folder), facts)


def _said(template: str, made: Made, destination: Path, folder: Folder | None = None) -> str:
    manifest = made.manifest
    said = worded(
        template,
        destination=destination,
        files=len(manifest.files),
        size=sized(_bytes(manifest)),
        folder=folder.path if folder else "",
    )
    outside = [strings.OUTSIDE.format(name=name) for name in made.outside]
    return "\n".join([said, *outside])


def _facts(made: Made, destination: Path) -> dict[str, object]:
    manifest = made.manifest
    return {
        "destination": str(destination),
        "bytes": _bytes(manifest),
        "fingerprint": manifest.fingerprint,
        "made": datetime.fromtimestamp(manifest.made_ms / 1000, UTC).isoformat(),
        "standing": asdict(manifest.standing),
        "files": msgspec.to_builtins(manifest.files),
        "outside": list(made.outside),
    }


def _bytes(manifest: Manifest) -> int:
    return sum(kept.bytes for kept in manifest.files.values())
