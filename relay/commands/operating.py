"""The operator's commands beside the first five: what each takes, and what it runs."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

from relay.commands import backup, strings
from relay.commands.doctor import believe_clock, doctor
from relay.commands.drain import drain
from relay.commands.du import du
from relay.commands.quota import Bounds, block, passes, quota
from relay.commands.rotate import New, rotate
from relay.commands.said import Said
from relay.folder import Folder
from relay.server import wall_ms

Declare: TypeAlias = Callable[[str, str], ArgumentParser]


def declare(command: Declare) -> None:
    """Tell the parser. Each command has a folder already."""
    command("du", strings.HELP_DU)
    made = command("doctor", strings.HELP_DOCTOR)
    made.add_argument("--believe-clock", action="store_true", help=strings.HELP_BELIEVE)
    made = command("backup", strings.HELP_BACKUP)
    made.add_argument("destination", metavar="DEST", type=Path)
    command("passes", strings.HELP_PASSES)
    made = command("quota", strings.HELP_QUOTA)
    made.add_argument("handle", metavar="HANDLE", help=strings.HELP_HANDLE)
    for name in ("mailboxes", "bytes", "invites", "forwards"):
        made.add_argument(f"--{name}", metavar="N", type=int)
    made = command("block", strings.HELP_BLOCK)
    made.add_argument("what", metavar="HANDLE|LINK", help=strings.HELP_BLOCKED)
    made = command("drain", strings.HELP_DRAIN)
    made.add_argument("--stop", action="store_true", help=strings.HELP_STOP)
    made = command("rotate", strings.HELP_ROTATE)
    made.add_argument("--certificate", action="store_true", help=strings.HELP_CERTIFICATE)
    made.add_argument("--sealing", action="store_true", help=strings.HELP_SEALING)
    made.add_argument("--new-identity", action="store_true", help=strings.HELP_IDENTITY)
    made = command("move", strings.HELP_MOVE)
    made.add_argument("destination", metavar="DEST", type=Path, nargs="?")
    made.add_argument("--undo", action="store_true", help=strings.HELP_UNDO)


def declare_restore(made: ArgumentParser) -> None:
    """The only one that names its source first."""
    made.add_argument("source", metavar="SRC", type=Path)
    made.add_argument("dir", metavar="DIR", type=Path)
    made.add_argument("--over-newer", action="count", default=0, help=strings.HELP_OVER_NEWER)


_RUN: dict[str, Callable[[Folder, Namespace], Said]] = {
    "du": lambda folder, asked: du(folder),
    "doctor": lambda folder, asked: (
        believe_clock(folder, wall_ms()) if asked.believe_clock else doctor(folder, wall_ms())
    ),
    "backup": lambda folder, asked: backup.backup(folder, asked.destination, wall_ms()),
    "restore": lambda folder, asked: backup.restore(
        asked.source, folder, wall_ms(), told=asked.over_newer
    ),
    "passes": lambda folder, asked: passes(folder),
    "quota": lambda folder, asked: quota(
        folder, asked.handle, Bounds(asked.mailboxes, asked.bytes, asked.invites, asked.forwards)
    ),
    "block": lambda folder, asked: block(folder, asked.what),
    "drain": lambda folder, asked: drain(folder, stop=asked.stop),
    "rotate": lambda folder, asked: rotate(
        folder,
        wall_ms(),
        what=[
            kind
            for kind, said in (
                (New.CERTIFICATE, asked.certificate),
                (New.SEALING, asked.sealing),
                (New.IDENTITY, asked.new_identity),
            )
            if said
        ],
    ),
    "move": lambda folder, asked: backup.move(
        folder, asked.destination, wall_ms(), undo=asked.undo
    ),
}


def knows(name: str) -> bool:
    """Whether it is one of these."""
    return name in _RUN


def run(folder: Folder, asked: Namespace) -> Said:
    """Run the command that was asked for."""
    return _RUN[asked.command](folder, asked)
