"""``aside-relay du``: what takes up room, by kind and by file, and how much is free."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from msgspec.structs import asdict

from relay.commands import strings
from relay.commands.damage import reading
from relay.commands.said import Said
from relay.commands.worded import sized
from relay.folder import Folder
from relay.store.usage import read_blob_usage, read_room_usage, read_usage


def du(folder: Folder) -> Said:
    """Works running and stopped."""
    limits = folder.settings().limits
    limit = limits.stored_bytes
    with reading(folder) as beside:
        kinds = {kind: asdict(usage) for kind, usage in read_usage(beside).items()}
        blobs = read_blob_usage(beside)
        rooms = {kind: asdict(usage) for kind, usage in read_room_usage(beside).items()}
    counted = sum(usage["bytes"] for usage in kinds.values())
    files = dict(sorted(_sizes(folder.path).items(), key=lambda item: -item[1]))
    free = shutil.disk_usage(folder.path).free
    facts = {
        "kinds": kinds,
        "counted_bytes": counted,
        "limit_bytes": limit,
        "rooms": rooms,
        "blobs": {**asdict(blobs), "limit_bytes": limits.blob_bytes},
        "files": files,
        "free_bytes": free,
    }
    lines = [_line(kind, usage) for kind, usage in kinds.items()]
    lines.append(strings.DU_COUNTED.format(size=sized(counted), limit=sized(limit)))
    lines += [_line(kind, usage) for kind, usage in rooms.items()]
    lines.append(
        strings.DU_BLOBS.format(
            size=sized(blobs.bytes), count=blobs.count, limit=sized(limits.blob_bytes)
        )
    )
    lines += [strings.DU_FILE.format(name=name, size=sized(size)) for name, size in files.items()]
    lines.append(strings.DU_FREE.format(size=sized(free)))
    return Said("\n".join(lines), facts)


def _line(kind: str, usage: dict[str, int]) -> str:
    named = strings.KINDS.get(kind, kind)
    return strings.DU_KIND.format(kind=named, size=sized(usage["bytes"]), count=usage["count"])


def _sizes(folder: Path) -> dict[str, int]:
    """What each file takes on the disk; a folder counts as one."""
    found = dict[str, int]()
    for where, _, names in os.walk(folder):
        for name in names:
            path = Path(where) / name
            try:
                status = path.lstat()
            except FileNotFoundError:
                continue
            top = path.relative_to(folder).parts[0]
            # Windows does not tell blocks.
            size = getattr(status, "st_blocks", -(-status.st_size // 512)) * 512
            found[top] = found.get(top, 0) + size
    return found
