"""The relay's end of the control socket. Whoever may open it may do anything an operator may.

It lies in the relay's folder, for the relay's own user only. Few callers at a time, short lines,
little patience: nobody who forgets to hang up holds up the next.
"""

from __future__ import annotations

import os
import socket
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import TypeAlias

import trio

from relay.control.words import MOST_BYTES, Answer, AnyOrder, Wrong, line_of, read_order

NAME = "control"
CALLERS = 8
PATIENCE_S = 10.0

Handler: TypeAlias = Callable[[AnyOrder], Awaitable[Answer]]


@contextmanager
def open_socket(folder: Path) -> Generator[socket.socket]:
    """The socket in this folder, of nobody but its user. Raises OSError.

    Held by whoever holds the folder's lock, so that one left by a relay that was killed can go.
    """
    made = socket.socket(socket.AF_UNIX)
    try:
        with inside(folder):
            Path(NAME).unlink(missing_ok=True)
            before = os.umask(0o177)
            try:
                made.bind(NAME)
            finally:
                os.umask(before)
        made.listen(CALLERS)
        yield made
    finally:
        made.close()
        (folder / NAME).unlink(missing_ok=True)


@contextmanager
def inside(folder: Path) -> Generator[None]:
    """The socket's path may have some hundred bytes and a folder's any number, so it is named from
    within. For moments when this process has one thread."""
    back = os.open(".", os.O_RDONLY)
    try:
        os.chdir(folder)
        yield
    finally:
        os.fchdir(back)
        os.close(back)


@asynccontextmanager
async def answering(made: socket.socket, handle: Handler) -> AsyncGenerator[None]:
    """Answer on this socket for as long as it is entered."""
    listener = trio.SocketListener(_as_trio(made))
    callers = trio.CapacityLimiter(CALLERS)

    async def serve(stream: trio.SocketStream) -> None:
        async with callers, stream:
            await converse(stream, handle)

    async with trio.open_nursery() as nursery:
        await nursery.start(trio.serve_listeners, serve, [listener])
        yield
        nursery.cancel_scope.cancel()


async def converse(stream: trio.abc.Stream, handle: Handler) -> None:
    """One caller, line by line, until it hangs up or says what nobody understands."""
    heard = bytearray()
    try:
        while True:
            with trio.fail_after(PATIENCE_S):
                line = await _line(stream, heard)
            if line is None:
                return
            order = read_order(line)
            answer = order if isinstance(order, Wrong) else await handle(order)
            with trio.fail_after(PATIENCE_S):
                await stream.send_all(line_of(answer))
            if isinstance(order, Wrong):
                return
    except (trio.BrokenResourceError, trio.TooSlowError):
        # The caller went, or sleeps.
        return


async def _line(stream: trio.abc.Stream, heard: bytearray) -> bytes | None:
    """The next line; None at the end. One that is too long is handed on as it is, unreadable."""
    while b"\n" not in heard and len(heard) <= MOST_BYTES:
        data = await stream.receive_some(MOST_BYTES)
        if not data:
            return None
        heard += data
    line, _, rest = bytes(heard).partition(b"\n")
    heard[:] = rest
    return line if len(line) <= MOST_BYTES else b"too long"


def _as_trio(made: socket.socket) -> trio.socket.SocketType:
    # The listener closes what it is given; the socket itself belongs to whoever opened it.
    copy = made.dup()
    copy.setblocking(False)
    return trio.socket.from_stdlib_socket(copy)
