"""``aside demo [--seconds N] [--out DIR]``: 0 if every message was seen, 1 if not, 2 if it cannot.

Everything it starts ends with it, whatever happens, and so do its folders.
"""

from __future__ import annotations

import math
import os
import signal
import sys
import tempfile
import time
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import TypeAlias

import trio

from desktop.demo import strings
from desktop.demo.crowd.leading import Gathering, gathering
from desktop.demo.evening import REACHED
from desktop.demo.person import PATIENCE_S, PROGRAM, NotSeen, Person
from desktop.demo.post_office import open_relay
from desktop.demo.stage import Guest, Stage
from desktop.demo.story import Story
from desktop.demo.transcript import Transcript
from desktop.demo.virtual import MissingProgram, open_virtual
from desktop.places import has_screen

MOST_S = 240
PICTURE_S = 10
SEEN, NOT_ALL_SEEN, CANNOT = 0, 1, 2

MakePerson: TypeAlias = Callable[[tuple[str, str], Path], Person]


def run_demo(
    out: Path,
    seconds: float | None,
    program: Sequence[str] = PROGRAM,
    patience_s: float = PATIENCE_S,
    people: int = 0,
) -> int:
    """Tell the story with desktops that run ``program``, and so many people of a room without
    windows, or without a room where there are none; the exit code."""
    out.mkdir(parents=True, exist_ok=True)

    def person(who: tuple[str, str], folder: Path) -> Person:
        return Person(*who, folder / who[0].lower(), program, patience_s)

    return trio.run(_until_stopped, out, seconds, person, people, strict_exception_groups=True)


async def _until_stopped(out: Path, seconds: float | None, person: MakePerson, people: int) -> int:
    """The demo, until it is over or somebody asks it to end."""
    ended = Ended()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(_heed_signals, nursery.cancel_scope)
        await _play(out, seconds, person, people, ended)
        nursery.cancel_scope.cancel()
    return ended.code


async def _heed_signals(scope: trio.CancelScope) -> None:
    with trio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
        async for _ in signals:
            scope.cancel()


class Ended:
    """How it ended; until every message was seen, it has failed."""

    code = NOT_ALL_SEEN


async def _play(
    out: Path, seconds: float | None, person: MakePerson, people: int, ended: Ended
) -> None:
    transcript = Transcript(out / "transcript.txt", time.monotonic, _show)
    with tempfile.TemporaryDirectory(prefix="aside-demo-") as name:
        folder = Path(name)
        alice, bob = person(strings.ALICE, folder), person(strings.BOB, folder)
        try:
            async with (
                open_stage(folder, watched=seconds != 0) as stage,
                open_relay(folder / "north", uses=1 + REACHED) as north,
                open_relay(folder / "south") as south,
                AsyncExitStack() as desks,
            ):
                transcript.say(where(stage))
                story = Story(stage, alice, bob, out, transcript)
                crowd = await desks.enter_async_context(gathering(people)) if people else None
                await _tell(story, desks, (north, south), crowd)
                ended.code = SEEN
                transcript.say(strings.WROTE.format(folder=out))
                await linger(stage, (alice, bob), seconds, transcript)
        except MissingProgram as exc:
            ended.code = CANNOT
            _complain(strings.MISSING.format(program=exc.program))
        except NotSeen as exc:
            ended.code = NOT_ALL_SEEN
            transcript.say(strings.FAILED.format(why=exc))
            _complain(strings.PICTURES_OF_FAILURE.format(folder=out))


async def _tell(
    story: Story, desks: AsyncExitStack, invitations: tuple[str, str], crowd: Gathering | None
) -> None:
    try:
        try:
            with trio.fail_after(MOST_S):
                await story.tell(desks, *invitations, crowd)
        except trio.TooSlowError as exc:
            raise NotSeen(strings.TOO_LONG.format(seconds=MOST_S)) from exc
    except NotSeen:
        with trio.move_on_after(PICTURE_S):
            await story.picture_of_failure()
        raise


async def linger(
    stage: Stage, people: Sequence[Person], seconds: float | None, transcript: Transcript
) -> None:
    """The windows stay for whoever sits before them; then they are closed, and end well.

    Raises NotSeen if one of them met an error, as soon as it has.
    """
    crashed: list[str] = []
    if not stage.alone:
        transcript.say(strings.YOURS)
        words = {"alice": strings.ALICE[1], "bob": strings.BOB[1]}
        transcript.say(strings.PASSPHRASES.format(**words))
    if not stage.alone or seconds is not None:
        with trio.move_on_after(math.inf if seconds is None else seconds):
            async with trio.open_nursery() as nursery:

                async def wait_gone(person: Person) -> None:
                    if await person.wait_gone():
                        nursery.cancel_scope.cancel()

                for person in people:
                    nursery.start_soon(wait_gone, person)
    for person in people:
        if person.here:
            await stage.close(person)
        elif code := await person.wait_gone():
            crashed.append(strings.CRASHED.format(name=person.name, code=code))
    if crashed:
        raise NotSeen(crashed[0])


@asynccontextmanager
async def open_stage(folder: Path, *, watched: bool) -> AsyncGenerator[Stage]:
    """The display that is given, where it answers; a virtual one otherwise."""
    if _is_given() and has_screen(os.environ):
        yield Guest(os.environ, watched=watched)
    else:
        async with open_virtual(folder) as virtual:
            yield virtual


def _is_given() -> bool:
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def where(stage: Stage) -> str:
    """What to say of it."""
    if not stage.alone:
        return strings.ON_GIVEN
    return strings.INSTEAD_OF_GIVEN if _is_given() else strings.ON_VIRTUAL


def _show(line: str) -> None:
    sys.stdout.write(line)
    sys.stdout.flush()


def _complain(sentence: str) -> None:
    sys.stderr.write(f"{sentence}\n")
