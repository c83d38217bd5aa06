"""``aside-relay``: one sentence for each mistake, and no traceback for anybody.

A command loads what it needs when it is run, so that a quick one is quick.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

from relay import strings
from relay.commands import operating
from relay.commands import strings as command_strings
from relay.commands.owner import become_owner, of_its_own
from relay.commands.said import Said
from relay.config import DEFAULT_LISTEN, RelayPart
from relay.errors import OperatorError, UnreadableProgram, WrongUse
from relay.faults import place
from relay.folder import Folder

WRONG_USE = 2
BROKEN = 1
TRY_AGAIN = 75  # EX_TEMPFAIL
NOBODY_READS = 141  # as who is ended by SIGPIPE


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise WrongUse(strings.NOT_UNDERSTOOD.format(message=message, program=self.prog))


class _Version(argparse.Action):
    """Looked up when it is asked for."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from relay.release import release

        print(parser.prog, release())
        parser.exit()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit code."""
    try:
        try:
            words = sys.argv[1:] if arguments is None else arguments
            return _run(_parser().parse_args(_joined(words)))
        finally:
            sys.stdout.flush()
    except BrokenPipeError:
        # Whoever read, as `head` does, has read enough.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return NOBODY_READS
    except OperatorError as exc:
        return _refused(exc)
    except BaseExceptionGroup as exc:
        # What went wrong while several things ran; in truth it is always one.
        known, rest = exc.split(OperatorError)
        if known is not None and rest is None:
            return _refused(_first(known))
        _complain(strings.BROKEN.format(place=place(exc)))
        return BROKEN
    except Exception as exc:  # noqa: BLE001
        # The last exit: what nobody expected is told by its type and place.
        _complain(strings.BROKEN.format(place=place(exc)))
        return BROKEN


def _refused(exc: OperatorError) -> int:
    _complain(strings.sentence(exc))
    return TRY_AGAIN if exc.passing else WRONG_USE


def _joined(words: Sequence[str]) -> list[str]:
    """argparse takes a time below zero for an option, and would not say what is wrong with it."""
    joined: list[str] = []
    for word in words:
        if joined and joined[-1] == "--expires" and word[:1] == "-" and word[1:2].isdigit():
            joined[-1] += f"={word}"
        else:
            joined.append(word)
    return joined


def _first(group: BaseExceptionGroup[OperatorError]) -> OperatorError:
    first = group.exceptions[0]
    return _first(first) if isinstance(first, BaseExceptionGroup) else first


def _run(asked: argparse.Namespace) -> int:
    # Before anything is opened there. Who serves goes on for long, and is said to be whom.
    if asked.command == "serve":
        of_its_own(asked.dir)
        return _do(asked)
    became = become_owner(asked.dir)
    try:
        return _do(asked)
    except ImportError as exc:
        if not became:
            raise
        raise UnreadableProgram(str(Path(__file__).parent), became) from exc


def _do(asked: argparse.Namespace) -> int:
    folder = Folder(asked.dir)
    match asked.command:
        case "init":
            from relay.commands.init import hints, init

            address = init(
                folder,
                name=asked.name,
                listen=asked.listen,
                public_url=asked.public_url,
                everybody=asked.open,
            )
            facts = {"address": address, "folder": str(folder.path)}
            print(Said(address, facts).printed(as_json=asked.json), flush=True)
            for hint in hints(folder):
                print(hint, file=sys.stderr)
        case "serve":
            from relay.commands.serve import serve

            serve(folder, _say)
        case "invite":
            from relay.commands.invite import invite
            from relay.server import wall_ms

            said = invite(folder, asked.uses, asked.expires, wall_ms, os.urandom)
            print(said.printed(as_json=asked.json))
        case "status":
            from relay.commands.status import status

            said = status(folder)
            print(said.printed(as_json=asked.json))
            return 0 if said.well else BROKEN
        case name if operating.knows(name):
            said = operating.run(folder, asked)
            print(said.printed(as_json=asked.json))
            return 0 if said.well else BROKEN
        case _:
            from relay.commands.check import check

            well, text = check(folder, as_json=asked.json)
            print(text)
            return 0 if well else BROKEN
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="aside-relay", description=strings.PROGRAM, allow_abbrev=False)
    parser.add_argument("--version", nargs=0, action=_Version, help=strings.HELP_VERSION)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def command(name: str, text: str) -> argparse.ArgumentParser:
        made: argparse.ArgumentParser = commands.add_parser(
            name, help=text, description=text, allow_abbrev=False
        )
        made.add_argument("dir", metavar="DIR", type=operating.a_path, help=strings.HELP_DIR)
        return made

    def with_json(name: str, text: str) -> argparse.ArgumentParser:
        made = command(name, text)
        made.add_argument("--json", action="store_true", help=strings.HELP_JSON)
        return made

    made = with_json("init", command_strings.HELP_INIT)
    made.add_argument("--name", default=RelayPart().name, help=strings.HELP_NAME)
    made.add_argument(
        "--listen", metavar="HOST:PORT", default=DEFAULT_LISTEN, help=strings.HELP_LISTEN
    )
    made.add_argument("--public-url", metavar="URL", default="", help=strings.HELP_PUBLIC_URL)
    who = made.add_mutually_exclusive_group()
    who.add_argument("--open", action="store_true", help=strings.HELP_OPEN)
    who.add_argument("--invite-only", action="store_true", help=strings.HELP_INVITE_ONLY)
    command("serve", command_strings.HELP_SERVE)
    made = with_json("invite", command_strings.HELP_INVITE)
    made.add_argument("--uses", metavar="N", type=operating.uses, default=1, help=strings.HELP_USES)
    made.add_argument("--expires", metavar="TIME", default="7d", help=strings.HELP_EXPIRES)
    for name, text in (
        ("status", command_strings.HELP_STATUS),
        ("check", command_strings.HELP_CHECK),
    ):
        with_json(name, text)
    operating.declare(with_json)
    text = command_strings.HELP_RESTORE
    made = commands.add_parser("restore", help=text, description=text, allow_abbrev=False)
    operating.declare_restore(made)
    made.add_argument("--json", action="store_true", help=strings.HELP_JSON)
    return parser


def _say(line: str) -> None:
    """To whoever started it. A relay goes on serving where nobody listens to that."""
    with suppress(BrokenPipeError):
        print(line, flush=True)


def _complain(sentence: str) -> None:
    print(strings.ONE_SENTENCE_ERROR.format(sentence=sentence), file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
