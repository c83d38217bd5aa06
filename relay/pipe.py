"""A TCP stream with fewer steps between the loop and the kernel.

Same bytes as trio's own SocketStream, which it wraps. It waits before it reads instead of trying
first, and it can send at once without a task in between: on the way of a deposit those steps
cost more than everything else this relay does.
"""

from __future__ import annotations

import socket

import trio

RECEIVE_BYTES = 64 * 1024


class SocketPipe(trio.abc.Stream):
    """Shares the stream's socket; closing it closes the stream."""

    def __init__(self, stream: trio.SocketStream) -> None:
        self._stream = stream
        ours = stream.socket
        self._raw = socket.socket(ours.family, ours.type, ours.proto, fileno=ours.fileno())
        self._raw.setblocking(False)

    async def receive_some(self, max_bytes: int | None = None) -> bytes:
        while True:
            if self._raw.fileno() < 0:
                raise trio.ClosedResourceError
            await trio.lowlevel.wait_readable(self._raw)
            try:
                return self._raw.recv(max_bytes or RECEIVE_BYTES)
            except BlockingIOError:
                continue
            except OSError as exc:
                raise trio.BrokenResourceError from exc

    def send_now(self, data: bytes) -> int:
        """How many of these bytes the kernel took without waiting; why not more shows later."""
        try:
            return self._raw.send(data)
        except OSError:
            return 0

    async def send_all(self, data: bytes | bytearray | memoryview) -> None:
        await self._stream.send_all(data)

    async def wait_send_all_might_not_block(self) -> None:
        await self._stream.wait_send_all_might_not_block()

    async def aclose(self) -> None:
        # The number must not be used any more once it may belong to another connection.
        self._raw.detach()
        await self._stream.aclose()
