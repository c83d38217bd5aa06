"""A TCP stream with fewer steps between the loop and the kernel.

Same bytes as trio's own SocketStream, whose socket it takes over. It waits before it reads instead
of trying first, it can send at once without a task in between, and what comes can be dealt with
without one: on the way of a deposit those steps cost more than everything else this relay does.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable

import outcome
import trio

from relay.readiness import Readiness

RECEIVE_BYTES = 64 * 1024

# What a socket says that is not ready, with or without TLS.
_LATER = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError)


class SocketPipe(trio.abc.Stream):
    """Has the stream's socket from now on; the stream itself is of no more use."""

    def __init__(self, stream: trio.SocketStream, readiness: Readiness | None = None) -> None:
        self._readiness = readiness if readiness is not None and readiness.works else None
        ours = stream.socket
        family, kind, proto = ours.family, ours.type, ours.proto
        self._raw = socket.socket(family, kind, proto, fileno=ours.detach())
        self._raw.setblocking(False)
        self._take: Callable[[bytes], bool] | None = None
        self._reader: trio.lowlevel.Task | None = None

    async def receive_some(self, max_bytes: int | None = None) -> bytes:
        while True:
            self._check_open()
            await trio.lowlevel.wait_readable(self._raw)
            data = self._receive_now(max_bytes or RECEIVE_BYTES)
            if data is not None:
                return data

    async def receive_into(self, take: Callable[[bytes], bool]) -> bool:
        """Give ``take`` whatever comes, as long as it says yes; False when nothing more will come.

        What ``take`` raises is raised here.
        """
        if self._readiness is None:
            while data := await self.receive_some():
                if not take(data):
                    return True
            return False
        self._check_open()
        self._take, self._reader = take, trio.lowlevel.current_task()
        self._readiness.watch(self._raw.fileno(), self._ready)
        more: bool = await trio.lowlevel.wait_task_rescheduled(self._give_up)
        return more

    # Thousands of lines wait here for hours, so what they wait with is as little as can be.

    def _ready(self) -> None:
        """There is something to be read."""
        try:
            data = self._receive_now(RECEIVE_BYTES)
            if data is None or (data and self._take is not None and self._take(data)):
                return
        except BaseException as exc:  # noqa: BLE001 - it is the reader's
            self._wake(outcome.Error(exc))
        else:
            self._wake(outcome.Value(bool(data)))

    def _wake(self, found: outcome.Outcome[bool | None]) -> None:
        # What was taken just now may have ended the waiting from elsewhere.
        reader = self._reader
        if reader is not None:
            self._give_up()
            trio.lowlevel.reschedule(reader, found)

    def _give_up(self, _: object = None) -> trio.lowlevel.Abort:
        self._take = self._reader = None
        if self._readiness is not None:
            self._readiness.forget(self._raw.fileno())
        return trio.lowlevel.Abort.SUCCEEDED

    def send_now(self, data: bytes) -> int:
        """How many of these bytes the kernel took without waiting; why not more shows later."""
        try:
            return self._raw.send(data)
        except OSError:
            return 0

    async def send_all(self, data: bytes | bytearray | memoryview) -> None:
        self._check_open()
        await trio.lowlevel.checkpoint()
        left = memoryview(data)
        while left:
            self._check_open()
            try:
                left = left[self._send_some(left) :]
            except _LATER:
                await trio.lowlevel.wait_writable(self._raw)
            except OSError as exc:
                raise trio.BrokenResourceError from exc

    async def wait_send_all_might_not_block(self) -> None:
        self._check_open()
        await trio.lowlevel.wait_writable(self._raw)

    async def aclose(self) -> None:
        self._wake(outcome.Error(trio.ClosedResourceError()))
        if self._raw.fileno() >= 0:
            trio.lowlevel.notify_closing(self._raw)
            self._raw.close()
        await trio.lowlevel.checkpoint()

    def _check_open(self) -> None:
        # The number of a closed one may belong to another connection by now.
        if self._raw.fileno() < 0:
            raise trio.ClosedResourceError

    def _send_some(self, data: memoryview) -> int:
        return self._raw.send(data)

    def _receive_now(self, most: int) -> bytes | None:
        """None where nothing is there yet."""
        try:
            return self._raw.recv(most)
        except _LATER:
            return None
        except OSError as exc:
            raise trio.BrokenResourceError from exc
