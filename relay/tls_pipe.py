"""The same short way to the kernel with TLS on it, on the side of who was called.

OpenSSL reads and writes the socket itself, so nothing is copied or kept in between, and what goes
out needs no task either. The SSLStream of trio, which goes over any stream, takes longer for a
handshake than the handshake itself does, and more memory while nothing comes.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable

import trio

from relay.pipe import RECEIVE_BYTES, SocketPipe
from relay.readiness import Readiness

RECORD_BYTES = 16 * 1024


class TlsPipe(SocketPipe):
    """Shakes hands when it is first read or written. Raises OSError where the other side is gone.

    Who says goodbye without TLS's own goodbye is understood: every message has its length.
    """

    def __init__(
        self,
        stream: trio.SocketStream,
        context: ssl.SSLContext,
        readiness: Readiness | None = None,
    ) -> None:
        super().__init__(stream, readiness)
        self._tls = context.wrap_socket(self._raw, server_side=True, do_handshake_on_connect=False)
        self._raw = self._tls
        self._greeted = False

    async def receive_some(self, max_bytes: int | None = None) -> bytes:
        await self._shake_hands()
        # Of a record that was longer than what was asked for, the rest is here already.
        if self._tls.pending() and (data := self._receive_now(max_bytes or RECEIVE_BYTES)):
            await trio.lowlevel.checkpoint()
            return data
        return await super().receive_some(max_bytes)

    async def receive_into(self, take: Callable[[bytes], bool]) -> bool:
        await self._shake_hands()
        while self._tls.pending() and (data := self._receive_now(RECEIVE_BYTES)):
            if not take(data):
                return True
        return await super().receive_into(take)

    def send_now(self, data: bytes) -> int:
        sent, left = 0, memoryview(data)
        try:
            while self._greeted and sent < len(data):
                sent += self._send_some(left[sent:])
        except OSError:
            pass
        return sent

    async def send_all(self, data: bytes | bytearray | memoryview) -> None:
        await self._shake_hands()
        await super().send_all(data)

    async def _shake_hands(self) -> None:
        while not self._greeted:
            self._check_open()
            try:
                self._tls.do_handshake()
            except ssl.SSLWantReadError:
                await trio.lowlevel.wait_readable(self._raw)
            except ssl.SSLWantWriteError:
                await trio.lowlevel.wait_writable(self._raw)
            except OSError as exc:
                raise trio.BrokenResourceError from exc
            else:
                self._greeted = True

    def _send_some(self, data: memoryview) -> int:
        # One record: of more, OpenSSL would have to be asked again for all when half went out.
        return self._tls.send(data[:RECORD_BYTES])
