"""Open a line to a relay whose key has been checked, and say in one exception why it ended."""

from __future__ import annotations

import ssl
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import cast

import trio
import trio_websocket

from desktop.core.errors import AsideError
from desktop.engine.connector import Connector, Pipe
from desktop.engine.line import Line, LineLost
from desktop.engine.timings import Timings
from protocol.errors import NoCommonVersion, RemoteProtocolError, WrongRelay
from protocol.keys import Rng
from protocol.wire import codec, handshake
from protocol.wire.address import RelayAddress
from protocol.wire.handshake import Agreed

RECEIVE_BYTES = 64 * 1024


@asynccontextmanager
async def open_line(
    connector: Connector, address: RelayAddress, timings: Timings, rng: Rng
) -> AsyncGenerator[Line]:
    """A line to this relay, whose key has been checked.

    Raises LineLost, WrongRelay, NoCommonVersion. LineLost also ends the body when the line ends.
    """
    inside: BaseException | None = None
    try:
        async with trio.open_nursery() as nursery:
            with trio.fail_after(timings.connect):
                pipe = await connector.connect(address)
                try:
                    stream = _Upgrading(pipe.stream)
                    socket = await trio_websocket.wrap_client_stream(
                        nursery,
                        cast(trio.SocketStream, stream),  # any Stream serves it
                        f"{address.host}:{address.port}",
                        "/",
                        message_queue_size=8,
                        max_message_size=codec.MAX_MESSAGE,
                        receive_buffer_size=RECEIVE_BYTES,
                    )
                    stream.upgraded = True
                    agreed = await _shake_hands(socket, address, pipe, rng)
                except BaseException:
                    await trio.aclose_forcefully(pipe.stream)
                    raise
            try:
                line = Line(socket, agreed, timings)
                nursery.start_soon(line.run)
                yield line
            except BaseException as exc:
                inside = exc
                raise
            finally:
                nursery.cancel_scope.cancel()
                with trio.CancelScope(shield=True):  # or the cancel would hide what was raised
                    await trio.aclose_forcefully(pipe.stream)
    except BaseExceptionGroup as group:
        _raise_what_matters(group, inside)


class _Upgrading(trio.abc.Stream):
    """Ends the line where the stream ends before the upgrade.

    trio-websocket would go on waiting: a relay that dies or is shut off right after it accepted
    would cost the whole time allowed for connecting.
    """

    def __init__(self, stream: trio.abc.Stream) -> None:
        self._stream = stream
        self.upgraded = False

    async def receive_some(self, max_bytes: int | None = None) -> bytes | bytearray:
        try:
            data = await self._stream.receive_some(max_bytes)
        except (trio.BrokenResourceError, trio.ClosedResourceError) as exc:
            if self.upgraded:
                raise
            raise LineLost from exc
        if not data and not self.upgraded:
            raise LineLost
        return data

    async def send_all(self, data: bytes | bytearray | memoryview) -> None:
        await self._stream.send_all(data)

    async def wait_send_all_might_not_block(self) -> None:
        await self._stream.wait_send_all_might_not_block()

    async def aclose(self) -> None:
        await self._stream.aclose()


async def _shake_hands(
    socket: trio_websocket.WebSocketConnection, address: RelayAddress, pipe: Pipe, rng: Rng
) -> Agreed:
    said = handshake.hello(rng)
    await socket.send_message(said)
    heard = await socket.get_message()
    if isinstance(heard, str):
        raise RemoteProtocolError("text where bytes belong")
    return handshake.agree(said, heard, address.fingerprint, pipe.certificate)


_LOST = (
    OSError,
    ssl.SSLError,
    trio.BrokenResourceError,
    trio.ClosedResourceError,
    trio.TooSlowError,
    trio_websocket.HandshakeError,
    trio_websocket.ConnectionClosed,
    trio_websocket.ConnectionTimeout,
    trio_websocket.DisconnectionTimeout,
)


def _raise_what_matters(
    group: BaseExceptionGroup[BaseException], inside: BaseException | None
) -> None:
    """Out of what a line's tasks and its user (``inside``) raised together: a bug, a cancel, what
    its user can expect, a wrong relay, and only then the loss of the line."""
    body = [] if inside is None else _leaves(inside)
    line = [leaf for leaf in _leaves(group) if all(leaf is not each for each in body)]
    bugs = [leaf for leaf in body if not isinstance(leaf, (*_EXPECTED, LineLost))]
    bugs += [leaf for leaf in line if not isinstance(leaf, (*_EXPECTED, LineLost, *_LOST))]
    cancelled = group.split(trio.Cancelled)[0]
    if bugs:
        raise bugs[0] if len(bugs) == 1 and cancelled is None else group
    if cancelled is not None:
        raise cancelled
    for expected in (AsideError, NoCommonVersion, WrongRelay):
        for leaf in (*body, *line):
            if isinstance(leaf, expected):
                raise leaf
    raise LineLost(max(_asked_to_stay_away(leaf) for leaf in (*line, *body))) from group


def _asked_to_stay_away(leaf: BaseException) -> float:
    return leaf.after if isinstance(leaf, LineLost) else 0.0


_EXPECTED = (trio.Cancelled, AsideError, RemoteProtocolError)


def _leaves(exc: BaseException) -> list[BaseException]:
    if not isinstance(exc, BaseExceptionGroup):
        return [exc]
    group = cast("BaseExceptionGroup[BaseException]", exc)
    return [leaf for each in group.exceptions for leaf in _leaves(each)]
