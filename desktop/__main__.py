"""The command line: ``aside``, ``aside rpc``, ``aside demo``; the same as ``python -m desktop``.

Law: wrong use gets one sentence on stderr and exit code 2; ``rpc`` never loads Qt.
"""

from __future__ import annotations

import gc
import math
import os
import sys
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from desktop import places
from desktop.strings import (
    DEMO,
    DEMO_OUT,
    DEMO_PEOPLE,
    DEMO_SECONDS,
    NO_SCREEN,
    PEOPLE_WANTED,
    PROFILE,
    RPC,
    SECONDS_WANTED,
    no_folder,
    wrong_use,
)

_WRONG_USE = 2
PEOPLE = {0, *range(4, 501)}  # in the demo's room without a window: four have a part in it
USUAL = 102


class _Parser(ArgumentParser):
    def error(self, message: str) -> NoReturn:
        print(wrong_use(message), file=sys.stderr)
        sys.exit(_WRONG_USE)


def main(arguments: Sequence[str] | None = None) -> int:
    words = list(sys.argv[1:] if arguments is None else arguments)
    match words:
        case ["rpc", *rest]:
            return _rpc(rest)
        case ["demo", *rest]:
            return _demo(rest)
        case _:
            return _window(words)


def _window(words: list[str]) -> int:
    parser = _Parser("aside", epilog=f"{RPC} {DEMO}")
    parser.add_argument("--profile", type=Path, metavar="DIR", help=PROFILE)
    asked: Path | None = parser.parse_args(words).profile
    profile, screen = asked or _default_profile(), places.has_screen(os.environ)
    if not places.made(profile):
        if screen and not places.is_at_terminal():
            from desktop.app import say_last  # noqa: PLC0415 - seldom needed

            say_last(no_folder(profile))
        return _refuse(no_folder(profile))
    if not screen:
        return _refuse(NO_SCREEN)
    gc.disable()  # what is loaded now stays; it works again once the window has settled
    from desktop.app import run_app  # noqa: PLC0415 - only this command needs a window

    return run_app(profile)


def _rpc(words: list[str]) -> int:
    parser = _Parser("aside rpc", description=RPC)
    parser.add_argument("--profile", type=Path, metavar="DIR", required=True, help=PROFILE)
    profile: Path = parser.parse_args(words).profile
    if not places.made(profile):
        return _refuse(no_folder(profile))
    from desktop.engine.composition import released  # noqa: PLC0415
    from desktop.engine.engine import open_engine  # noqa: PLC0415
    from desktop.hardening import no_core_dumps  # noqa: PLC0415
    from desktop.rpc.stdio import run_rpc  # noqa: PLC0415

    no_core_dumps()
    return run_rpc(open_engine(profile, released()))


def _demo(words: list[str]) -> int:
    parser = _Parser("aside demo", description=DEMO)
    parser.add_argument("--seconds", type=_seconds, metavar="N", help=DEMO_SECONDS)
    parser.add_argument("--out", type=Path, metavar="DIR", default=Path("demo-out"), help=DEMO_OUT)
    parser.add_argument("--people", type=_people, metavar="N", default=USUAL, help=DEMO_PEOPLE)
    asked = parser.parse_args(words)
    people: int = asked.people
    seconds: float | None = asked.seconds
    out: Path = asked.out
    if not places.made(out, 0o777):
        return _refuse(no_folder(out))
    from desktop.demo.command import run_demo  # noqa: PLC0415 - only this command plays

    return run_demo(out, seconds, people=people)


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not 0 <= seconds < math.inf:
        raise ArgumentTypeError(SECONDS_WANTED)
    return seconds


def _people(text: str) -> int:
    if not text.isdecimal() or int(text) not in PEOPLE:
        raise ArgumentTypeError(PEOPLE_WANTED)
    return int(text)


def _refuse(said: str) -> int:
    print(said, file=sys.stderr)
    return _WRONG_USE


def _default_profile() -> Path:
    from platformdirs import user_data_path  # noqa: PLC0415

    return user_data_path("aside", appauthor=False)


if __name__ == "__main__":
    sys.exit(main())
