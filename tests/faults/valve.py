"""A stretch of line in front of a relay, which can be torn, shut, or dead while it looks alive."""

from __future__ import annotations

import socket
from enum import Enum, auto
from functools import partial

import trio

PIECE = 65536


class Flow(Enum):
    """What becomes of what is said."""

    OPEN = auto()
    SHUT = auto()  # lines break, and nobody can call
    MUTE = auto()  # lines stay, and nothing comes through


class Valve:
    """Listens on ``port`` of the loopback and passes on to ``to`` there."""

    def __init__(self, port: int, to: int) -> None:
        self._port = port
        self._to = to
        self._flow = Flow.OPEN
        self._lines = trio.CancelScope()
        self._turned = trio.Event()

    def turn(self, flow: Flow) -> None:
        """From now on."""
        self._flow = flow
        if flow is Flow.SHUT:
            self._lines.cancel()
        self._turned.set()
        self._turned = trio.Event()

    async def run(self, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        """Until cancelled; listening when it is started."""
        while True:
            serve = partial(trio.serve_tcp, self._pass_on, self._port, host="127.0.0.1")
            with trio.CancelScope() as self._lines:
                async with trio.open_nursery() as nursery:
                    await nursery.start(serve)
                    task_status.started()
                    task_status = trio.TASK_STATUS_IGNORED
            while self._flow is Flow.SHUT:
                await self._turned.wait()

    async def _pass_on(self, caller: trio.SocketStream) -> None:
        try:
            relay = await trio.open_tcp_stream("127.0.0.1", self._to)
        except OSError:
            _break(caller)
            return
        try:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(self._pump, caller, relay, nursery.cancel_scope)
                nursery.start_soon(self._pump, relay, caller, nursery.cancel_scope)
        finally:
            _break(caller)
            _break(relay)

    async def _pump(
        self, source: trio.SocketStream, sink: trio.SocketStream, both: trio.CancelScope
    ) -> None:
        try:
            while data := await source.receive_some(PIECE):
                while self._flow is Flow.MUTE:
                    await self._turned.wait()
                await sink.send_all(data)
        except (trio.BrokenResourceError, trio.ClosedResourceError):
            pass
        both.cancel()


def _break(stream: trio.SocketStream) -> None:
    """At once and without a word, as a line that is torn."""
    stream.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    stream.socket.close()
