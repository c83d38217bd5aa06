"""Leading a crowd from another process: one order after the other, each with its answer."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final, TypeVar

import msgspec
import trio

from desktop.demo.crowd import strings
from desktop.demo.crowd.told import Answer, Done, Gather, Order
from desktop.demo.person import NotSeen

PROGRAM: Final = ("-m", "desktop.demo.crowd")
ENDING_S = 20.0
SEED = 5
_IN_MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of our own is made in it, for us alone

T = TypeVar("T")
_answers = msgspec.json.Decoder(Answer)


def folder_of_vaults() -> tempfile.TemporaryDirectory[str]:
    """In memory where there is such a place: a crowd syncs hundreds of vaults at each entry."""
    where = _IN_MEMORY if _IN_MEMORY.is_dir() else None
    try:
        return tempfile.TemporaryDirectory(prefix="aside-crowd-", dir=where)
    except PermissionError:
        return tempfile.TemporaryDirectory(prefix="aside-crowd-")


class Led:
    """One crowd's process."""

    def __init__(self, process: trio.Process) -> None:
        self.process = process
        self._rest = b""
        self._one = trio.Lock()

    async def tell(self, order: Order) -> Done:
        """One that is answered when it is done. Raises NotSeen."""
        return await self.ask(order, Done)

    async def ask(self, order: Order, kind: type[T]) -> T:
        """Raises NotSeen where the crowd has ended."""
        answer: Answer | None = None
        async with self._one:
            with trio.CancelScope(shield=True):  # half an answer must not be left for the next
                answer = _answers.decode(await self._exchange(order))
        if not isinstance(answer, kind):
            raise NotSeen(strings.NOT_WHAT)
        return answer

    async def _exchange(self, order: Order) -> bytes:
        hear, say = self.process.stdout, self.process.stdin
        assert hear is not None
        assert say is not None
        try:
            await say.send_all(msgspec.json.encode(order) + b"\n")
            while b"\n" not in self._rest:
                came = await hear.receive_some()
                if not came:
                    raise NotSeen(strings.ENDED)
                self._rest += came
        except trio.BrokenResourceError as exc:
            raise NotSeen(strings.ENDED) from exc
        line, _, self._rest = self._rest.partition(b"\n")
        return line


@asynccontextmanager
async def open_crowd(environment: Mapping[str, str] | None = None) -> AsyncGenerator[Led]:
    """A crowd without anybody in it yet; in the end everybody goes home."""
    process = await trio.lowlevel.open_process(
        [sys.executable, *PROGRAM],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=None if environment is None else dict(environment),
        start_new_session=True,  # Ctrl+C is for whoever leads
    )
    try:
        yield Led(process)
    finally:
        with trio.CancelScope(shield=True):
            await _end(process)


async def _end(process: trio.Process) -> None:
    assert process.stdin is not None
    assert process.stdout is not None
    await process.stdin.aclose()
    with trio.move_on_after(ENDING_S):
        await process.wait()
    if process.poll() is None:
        process.kill()
        await process.wait()
    await process.stdout.aclose()


class Gathering:
    """A crowd that gets ready while something else goes on."""

    def __init__(self, led: Led) -> None:
        self._led = led
        self._ready = trio.Event()

    async def gather(self, people: int, folder: str) -> None:
        """Everybody makes a profile. Raises NotSeen."""
        await self._led.tell(Gather(folder, 0, people, SEED))
        self._ready.set()

    async def all_there(self) -> Led:
        """Once they are."""
        await self._ready.wait()
        return self._led


@asynccontextmanager
async def gathering(people: int) -> AsyncGenerator[Gathering]:
    """So many people, in one process, each with a vault that goes with it."""
    with folder_of_vaults() as folder:
        async with open_crowd() as led:
            try:
                async with trio.open_nursery() as nursery:
                    made = Gathering(led)
                    nursery.start_soon(made.gather, people, folder)
                    yield made
                    nursery.cancel_scope.cancel()
            except BaseExceptionGroup as group:  # of one: either failed, and the other was stopped
                raise group.exceptions[0] from None
