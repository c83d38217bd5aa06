"""The operator's commands beside the first five: what each takes, and what it runs.

Each loads what it needs when it is run, so that a quick command is quick.
"""

from __future__ import annotations

import re
from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

from relay.commands import strings
from relay.commands.said import Said
from relay.errors import WrongUse
from relay.folder import Folder

Declare: TypeAlias = Callable[[str, str], ArgumentParser]


def declare(command: Declare) -> None:
    """Tell the parser. Each command has a folder already."""
    command("du", strings.HELP_DU)
    made = command("doctor", strings.HELP_DOCTOR)
    made.add_argument("--believe-clock", action="store_true", help=strings.HELP_BELIEVE)
    made = command("backup", strings.HELP_BACKUP)
    made.add_argument("destination", metavar="DEST", type=a_path, help=strings.HELP_DESTINATION)
    command("passes", strings.HELP_PASSES)
    made = command("quota", strings.HELP_QUOTA)
    made.add_argument("handle", metavar="HANDLE", help=strings.HELP_HANDLE)
    for name in ("mailboxes", "bytes", "blobs", "invites", "forwards", "rooms"):
        made.add_argument(f"--{name}", metavar="N", type=_number, help=strings.HELP_BOUNDS[name])
    made = command("block", strings.HELP_BLOCK)
    made.add_argument("what", metavar="HANDLE|LINK", nargs="?", help=strings.HELP_BLOCKED)
    made.add_argument("--invitations", action="store_true", help=strings.HELP_INVITATIONS)
    made = command("drain", strings.HELP_DRAIN)
    made.add_argument("--stop", action="store_true", help=strings.HELP_STOP)
    made = command("rotate", strings.HELP_ROTATE)
    made.add_argument("--certificate", action="store_true", help=strings.HELP_CERTIFICATE)
    made.add_argument("--sealing", action="store_true", help=strings.HELP_SEALING)
    made.add_argument("--new-identity", action="store_true", help=strings.HELP_IDENTITY)
    made = command("move", strings.HELP_MOVE)
    made.add_argument(
        "destination", metavar="DEST", type=a_path, nargs="?", help=strings.HELP_MOVED
    )
    made.add_argument("--undo", action="store_true", help=strings.HELP_UNDO)


def a_path(text: str) -> Path:
    """An empty one would be taken for the current folder. Raises WrongUse."""
    if not text.strip():
        raise WrongUse(strings.NO_PATH)
    return Path(text)


def uses(text: str) -> int:
    """How many people may use a link. Raises WrongUse."""
    if re.fullmatch(r"-?[0-9]{1,12}", text) is None:
        raise WrongUse(strings.BAD_USES)
    return int(text)


def _number(text: str) -> int:
    """Plain, or in units of 1024: 512K, 200M, 2G, 1T. Raises WrongUse."""
    found = re.fullmatch(r"(-?[0-9]{1,16})([KMGT]?)", text)
    if found is None:
        raise WrongUse(strings.BAD_NUMBER.format(text=text[:40]))
    times: int = 1024 ** " KMGT".index(found[2] or " ")
    return int(found[1]) * times


def declare_restore(made: ArgumentParser) -> None:
    """The only one that names its source first."""
    made.add_argument("source", metavar="SRC", type=a_path, help=strings.HELP_SOURCE)
    made.add_argument("dir", metavar="DIR", type=a_path, help=strings.HELP_RESTORED)
    made.add_argument("--over-newer", action="count", default=0, help=strings.HELP_OVER_NEWER)


def _du(folder: Folder, asked: Namespace) -> Said:
    from relay.commands.du import du

    return du(folder)


def _doctor(folder: Folder, asked: Namespace) -> Said:
    from relay.commands.doctor import believe_clock, doctor
    from relay.server import wall_ms

    return believe_clock(folder, wall_ms()) if asked.believe_clock else doctor(folder, wall_ms())


def _backup(folder: Folder, asked: Namespace) -> Said:
    from relay.commands.backup import backup
    from relay.server import wall_ms

    return backup(folder, asked.destination, wall_ms())


def _restore(folder: Folder, asked: Namespace) -> Said:
    from relay.commands.backup import restore
    from relay.server import wall_ms

    return restore(asked.source, folder, wall_ms(), told=asked.over_newer)


def _move(folder: Folder, asked: Namespace) -> Said:
    from relay.commands.backup import move
    from relay.server import wall_ms

    return move(folder, asked.destination, wall_ms(), undo=asked.undo)


def _passes(folder: Folder, asked: Namespace) -> Said:
    from relay.commands.quota import passes

    return passes(folder)


def _quota(folder: Folder, asked: Namespace) -> Said:
    from relay.commands.quota import Bounds, quota

    bounds = Bounds(
        asked.mailboxes,
        asked.bytes,
        asked.invites,
        asked.forwards,
        rooms=asked.rooms,
        blob_bytes=asked.blobs,
    )
    return quota(folder, asked.handle, bounds)


def _block(folder: Folder, asked: Namespace) -> Said:
    from relay.commands.quota import block, block_invitations

    if asked.invitations == (asked.what is not None):
        raise WrongUse(strings.BLOCK_WHAT)
    return block_invitations(folder) if asked.invitations else block(folder, asked.what)


def _drain(folder: Folder, asked: Namespace) -> Said:
    from relay.commands.drain import drain

    return drain(folder, stop=asked.stop)


def _rotate(folder: Folder, asked: Namespace) -> Said:
    from relay.commands.rotate import New, rotate
    from relay.server import wall_ms

    kinds = (
        (New.CERTIFICATE, asked.certificate),
        (New.SEALING, asked.sealing),
        (New.IDENTITY, asked.new_identity),
    )
    return rotate(folder, wall_ms(), what=[kind for kind, said in kinds if said])


_RUN: dict[str, Callable[[Folder, Namespace], Said]] = {
    "du": _du,
    "doctor": _doctor,
    "backup": _backup,
    "restore": _restore,
    "passes": _passes,
    "quota": _quota,
    "block": _block,
    "drain": _drain,
    "rotate": _rotate,
    "move": _move,
}


def knows(name: str) -> bool:
    """Whether it is one of these."""
    return name in _RUN


def run(folder: Folder, asked: Namespace) -> Said:
    """Run the command that was asked for."""
    return _RUN[asked.command](folder, asked)
