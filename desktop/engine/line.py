"""One connection to one relay after the handshake: ask and be answered, hear deliveries.

One task writes, so that frames never interleave and no cancelled caller leaves half a frame on
the wire; whoever is in doubt ends the whole line. What was asked is sent in the order of asking.
"""

from __future__ import annotations

import math
import ssl
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any, Generic, TypeVar, cast

import trio
import trio_websocket

from desktop.engine.connector import Connector, Pipe
from desktop.engine.timings import Timings
from protocol.errors import ProtocolError, RemoteProtocolError
from protocol.ids import CallId
from protocol.keys import Rng
from protocol.wire import codec, handshake
from protocol.wire.address import RelayAddress
from protocol.wire.frames import Delivery, Farewell, Ping, Refused, Reply, Request, Side
from protocol.wire.handshake import Agreed

R = TypeVar("R", bound=Reply)

MOST_DELIVERIES = 512  # a relay sends no more than it may have unacknowledged


class LineLost(Exception):
    """The connection could not be opened, broke, or was given up."""


class Pending(Generic[R]):
    """A request that was handed to the writer, in its order."""

    def __init__(self, expected: type[Reply]) -> None:
        self._expected = expected
        self._event = trio.Event()
        self._reply: Reply | None = None

    def settle(self, reply: Reply | None) -> None:
        """The answer, or None if none will come."""
        if reply is not None and not isinstance(reply, (self._expected, Refused)):
            raise RemoteProtocolError("an answer to another question")
        self._reply = reply
        self._event.set()

    async def reply(self) -> R | Refused:
        """What the relay answered. Raises LineLost."""
        await self._event.wait()
        if self._reply is None:
            raise LineLost
        return self._reply  # type: ignore[return-value]  # settle() checked the class


class Line:
    """An open line. Made by :func:`open_line`."""

    def __init__(
        self, socket: trio_websocket.WebSocketConnection, agreed: Agreed, timings: Timings
    ) -> None:
        self.agreed = agreed
        self._socket = socket
        self._timings = timings
        self._calls = 0
        self._pending: dict[CallId, Pending[Reply]] = {}
        self._say, self._to_say = trio.open_memory_channel[Request[Reply]](math.inf)
        self._deliver, self.deliveries = trio.open_memory_channel[Delivery](MOST_DELIVERIES)
        self._lost = False

    def call(self) -> CallId:
        """A fresh call id."""
        self._calls += 1
        return CallId(self._calls)

    def submit(self, request: Request[R]) -> Pending[R]:
        """Queue a request. Those submitted first are sent first. Raises LineLost."""
        if self._lost:
            raise LineLost
        pending = Pending[R](type(request).reply())
        self._pending[request.call] = pending  # type: ignore[assignment]  # invariance of R
        self._say.send_nowait(request)  # type: ignore[arg-type]
        return pending

    async def ask(self, request: Request[R]) -> R | Refused:
        """Send a request and wait for its answer. Raises LineLost."""
        return await self.submit(request).reply()

    async def run(self) -> None:
        """Keep the line until it ends. Raises LineLost."""
        try:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(self._write)
                nursery.start_soon(self._read)
                nursery.start_soon(self._keep_alive)
        finally:
            self._lost = True
            self._deliver.close()
            for pending in self._pending.values():
                pending.settle(None)
            self._pending.clear()

    async def _write(self) -> None:
        async for first in self._to_say:
            batch = [first]
            while len(batch) < codec.MAX_FRAMES // 4:
                try:
                    batch.append(self._to_say.receive_nowait())
                except trio.WouldBlock:
                    break
            for part in _portions(batch):
                await self._send(codec.dump(part))

    async def _send(self, message: bytes) -> None:
        with trio.move_on_after(self._timings.answer) as patience:
            try:
                await self._socket.send_message(message)
            except trio_websocket.ConnectionClosed as exc:
                raise LineLost from exc
        if patience.cancelled_caught:
            raise LineLost  # half a frame may be out there: nothing more may follow it

    async def _read(self) -> None:
        while True:
            try:
                message = await self._socket.get_message()
            except trio_websocket.ConnectionClosed as exc:
                raise LineLost from exc
            if isinstance(message, str):
                raise LineLost
            for frame in codec.load(message, Side.RELAY):
                match frame:
                    case Reply():
                        pending = self._pending.pop(frame.call, None)
                        if pending is not None:
                            pending.settle(frame)
                    case Delivery():
                        await self._deliver.send(frame)
                    case Farewell():
                        raise LineLost
                    case _:
                        pass  # what a newer relay says unasked

    async def _keep_alive(self) -> None:
        while True:
            await trio.sleep(self._timings.ping)
            with trio.move_on_after(self._timings.answer) as patience:
                await self.ask(Ping(call=self.call()))
            if patience.cancelled_caught:
                raise LineLost


def _portions(batch: list[Request[Reply]]) -> list[list[Request[Reply]]]:
    """Split what would be too large for one message."""
    portions: list[list[Request[Reply]]] = [[]]
    size = 0
    for request in batch:
        weight = len(codec.dump([request]))
        if portions[-1] and size + weight > codec.MAX_MESSAGE // 2:
            portions.append([])
            size = 0
        portions[-1].append(request)
        size += weight
    return portions


@asynccontextmanager
async def open_line(
    connector: Connector, address: RelayAddress, timings: Timings, rng: Rng
) -> AsyncGenerator[Line]:
    """A line to this relay, whose key has been checked.

    Raises LineLost, WrongRelay, NoCommonVersion. LineLost also ends the body when the line ends.
    """
    try:
        async with trio.open_nursery() as nursery:
            with trio.fail_after(timings.connect):
                pipe = await connector.connect(address)
                try:
                    socket = await trio_websocket.wrap_client_stream(
                        nursery,
                        cast(trio.SocketStream, pipe.stream),  # any Stream serves it
                        f"{address.host}:{address.port}",
                        "/",
                        message_queue_size=8,
                        max_message_size=codec.MAX_MESSAGE,
                    )
                    agreed = await _shake_hands(socket, address, pipe, rng)
                except BaseException:
                    await trio.aclose_forcefully(pipe.stream)
                    raise
            try:
                line = Line(socket, agreed, timings)
                nursery.start_soon(line.run)
                yield line
            finally:
                nursery.cancel_scope.cancel()
                await trio.aclose_forcefully(pipe.stream)
    except BaseExceptionGroup as group:
        _raise_what_matters(group)


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


def _raise_what_matters(group: BaseExceptionGroup[BaseException]) -> None:
    """Out of what a line's tasks raised together: a bug, a cancel, a wrong relay, then loss."""
    cancelled, rest = group.split(trio.Cancelled)
    _, rest = (None, None) if rest is None else rest.split(_LOST)
    _, rest = (None, None) if rest is None else rest.split(LineLost)
    leaves = [] if rest is None else _leaves(rest)
    protocol = [leaf for leaf in leaves if isinstance(leaf, ProtocolError)]
    if rest is not None and len(protocol) < len(leaves):
        others = [leaf for leaf in leaves if not isinstance(leaf, ProtocolError)]
        raise others[0] if len(others) == 1 and cancelled is None else group
    if cancelled is not None:
        raise cancelled
    for leaf in protocol:
        if type(leaf) is not RemoteProtocolError:
            raise leaf
    raise LineLost from group


def _leaves(group: BaseExceptionGroup[Any]) -> list[BaseException]:
    found: list[BaseException] = []
    for each in group.exceptions:
        found += _leaves(each) if isinstance(each, BaseExceptionGroup) else [each]
    return found
