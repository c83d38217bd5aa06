"""Somebody with a desktop: starts it, looks at its window, waits until it shows something.

Law: nobody sleeps and hopes. Whatever is waited for is looked for again and again, and a time
that ran out says what it was.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar

import msgspec
import trio

from desktop.demo import strings
from desktop.demo.sight import Asked, Box, Close, Look, Row, Sight, Thing

PROGRAM = ("-m", "desktop.demo.watched")
LOOK_S, SELDOM_S = 0.05, 0.2
PATIENCE_S = 30.0
ENDING_S = 15.0
ANSWER_S = 15.0


Found = TypeVar("Found")

_sights = msgspec.json.Decoder(Sight)


class NotSeen(Exception):
    """Something did not appear in time, or a program of the demo ended too early."""


class Person:
    """Whoever sits before one desktop."""

    def __init__(
        self,
        name: str,
        passphrase: str,
        folder: Path,
        program: Sequence[str] = PROGRAM,
        patience_s: float = PATIENCE_S,
    ) -> None:
        self._program = program
        self.patience_s = patience_s
        self.name = name
        self.passphrase = passphrase
        self.folder = folder
        self.process: trio.Process | None = None
        self._rest = b""
        self._one = trio.Lock()

    @asynccontextmanager
    async def at_the_desk(self, environment: Mapping[str, str]) -> AsyncGenerator[None]:
        """The app runs; in the end it is closed as a window is closed, and must end well."""
        command = [sys.executable, *self._program, "--profile", str(self.folder)]
        self._rest = b""
        process = await trio.lowlevel.open_process(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=dict(environment),
            start_new_session=True,  # Ctrl+C is for whoever leads the demo
        )
        self.process = process
        try:
            yield
        finally:
            with trio.CancelScope(shield=True):
                await self._end(process)

    @property
    def here(self) -> bool:
        """Whether the app runs."""
        return self.process is not None and self.process.poll() is None

    # what is seen

    async def ask(self, question: Asked) -> bytes:
        """Put a question to the one who looks at the window."""
        process = self._running()
        # Shielded: half an answer must not be left behind for the next question.
        async with self._one:
            with trio.move_on_after(ANSWER_S, shield=True):
                return await self._exchange(process, question)
        raise NotSeen(strings.NO_ANSWER.format(name=self.name))

    async def look(self) -> Sight:
        return _sights.decode(await self.ask(Look()))

    async def wait_for(
        self,
        what: str,
        find: Callable[[Sight], Found | None],
    ) -> Found:
        """The first thing that ``find`` finds. Raises NotSeen, which names ``what``.

        What takes long is looked for less often: each look costs the window time.
        """
        seconds, pause = self.patience_s, LOOK_S
        with trio.move_on_after(seconds):
            while True:
                found = find(await self.look())
                if found is not None:
                    return found
                await trio.sleep(pause)
                pause = min(1.25 * pause, SELDOM_S)
        raise NotSeen(strings.NOT_SEEN.format(name=self.name, what=what, seconds=round(seconds)))

    async def thing(self, name: str, *roles: str, text: str | None = None) -> Thing:
        """Something that can be used now, found by its accessible name.

        It has stood in the same place for two looks: a click goes where it was seen, and what
        has just appeared may still be moving.
        """
        before: Thing | None = None

        def find(sight: Sight) -> Thing | None:
            nonlocal before
            last, before = before, usable(sight)
            still = before is not None and last is not None and before.box == last.box
            return before if still else None

        def usable(sight: Sight) -> Thing | None:
            for thing in sight.things:
                if (
                    thing.name == name
                    and thing.enabled
                    and thing.reachable
                    and (not roles or thing.role in roles)
                    and (text is None or thing.text == text)
                ):
                    return thing
            return None

        return await self.wait_for(strings.A_THING.format(name=name), find)

    async def reads(self, words: str) -> None:
        """These words stand somewhere in the window, as a name."""

        def find(sight: Sight) -> bool | None:
            return any(words in thing.name for thing in sight.things) or None

        await self.wait_for(strings.A_THING.format(name=words), find)

    async def row(self, words: str, mine: bool, ready: Callable[[Row, Box], bool]) -> Row:
        """A message that is on the screen with all its words."""
        return await self._painted(
            words, ready, lambda row: row.spoken.startswith(strings.MINE) is mine
        )

    async def entry(self, words: str, ready: Callable[[Row, Box], bool]) -> Row:
        """An entry of a room's stage, whoever said it; the newest that says this."""
        return await self._painted(
            words, ready, lambda row: not row.spoken.endswith(strings.ON_ITS_WAY)
        )

    async def _painted(
        self, words: str, ready: Callable[[Row, Box], bool], wanted: Callable[[Row], bool]
    ) -> Row:
        return await self.wait_for(
            strings.A_MESSAGE.format(words=strings.short(words)),
            lambda sight: next(
                (
                    row
                    for row in reversed(sight.rows)
                    if words in row.spoken
                    and wanted(row)
                    and row.whole
                    and row.inked
                    and ready(row, sight.at)
                ),
                None,
            ),
        )

    # how it ends

    async def shut(self) -> None:
        """Close the window from inside, as its title bar's button would."""
        await self.ask(Close())

    async def wait_gone(self) -> int:
        """Until whoever plays with the window has closed it, or an error has; the exit code."""
        return await self._running().wait()

    async def wait_closed(self) -> None:
        """The window was closed; the program must end by itself, and well."""
        process = self._running()
        with trio.move_on_after(ENDING_S):
            code = await process.wait()
            if code:
                raise NotSeen(strings.ENDED_BADLY.format(name=self.name, code=code))
            return
        raise NotSeen(strings.DID_NOT_END.format(name=self.name))

    def _running(self) -> trio.Process:
        if self.process is None:
            raise NotSeen(strings.ENDED_EARLY.format(name=self.name))
        return self.process

    async def _exchange(self, process: trio.Process, question: Asked) -> bytes:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            await process.stdin.send_all(msgspec.json.encode(question) + b"\n")
            while b"\n" not in self._rest:
                came = await process.stdout.receive_some()
                if not came:
                    raise NotSeen(strings.ENDED_EARLY.format(name=self.name))
                self._rest += came
        except trio.BrokenResourceError as exc:
            raise NotSeen(strings.ENDED_EARLY.format(name=self.name)) from exc
        line, _, self._rest = self._rest.partition(b"\n")
        return line

    async def _end(self, process: trio.Process) -> None:
        if process.poll() is None and process.stdin is not None:
            with trio.move_on_after(ENDING_S):
                await process.stdin.aclose()  # whoever looks at the window closes it then
                await process.wait()
        if process.poll() is None:
            process.kill()
            await process.wait()
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                await stream.aclose()
