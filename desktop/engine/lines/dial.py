"""Open a line to a relay whose key has been checked, and say in one exception why it ended.

Until the handshake whoever answers is a stranger, a captive portal as well as a relay. Whatever
the libraries under us make of such answers is the loss of a line and never a bug of ours; so is,
later, whatever the reader of the WebSocket raises.
"""

from __future__ import annotations

import logging
import math
import ssl
from collections.abc import AsyncGenerator, Iterable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, cast

import trio

from desktop.core.errors import AsideError
from desktop.core.nearness import Nearness
from desktop.engine.lines.connector import Connector, Pipe, ProxySilent
from desktop.engine.lines.line import Line, LineLost, ProxyLost
from desktop.engine.timings import Timings
from protocol.errors import NoCommonVersion, RemoteProtocolError, WrongRelay
from protocol.keys import Rng
from protocol.wire import codec, handshake
from protocol.wire.address import RelayAddress
from protocol.wire.handshake import Agreed

if TYPE_CHECKING:
    from trio_websocket import WebSocketConnection

log = logging.getLogger(__name__)

RECEIVE_BYTES = 64 * 1024
LITTLE = 8 * 1024  # whoever catches up hears more at once, and waits for nothing


@asynccontextmanager
async def open_line(
    connector: Connector,
    address: RelayAddress,
    timings: Timings,
    rng: Rng,
    *,
    collects: bool = False,
    sits: bool = False,
    nearest: Nearness = Nearness.HERE,
) -> AsyncGenerator[Line]:
    """A line to this relay, whose key has been checked; ``collects``: a mailbox is opened on it;
    ``sits``: a seat of a room is taken on it;
    ``nearest``: it may be no nearer than this, whatever its name.

    Raises LineLost, WrongRelay, NoCommonVersion. LineLost also ends the body when the line ends.
    """
    import trio_websocket  # noqa: PLC0415 - a tenth of the start, and no list needs it

    ours: list[BaseException] = []  # raised by the line's own tasks
    inside: list[BaseException] = []  # raised by its user
    try:
        async with trio.open_nursery() as nursery:
            with trio.fail_after(timings.connect):
                pipe = await connector.connect(address, nearest)
                try:
                    stream = Upgrading(pipe.stream, timings.room_read if sits else 0.0)
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
                line = Line(socket, agreed, timings, pipe.nearness, collects=collects, sits=sits)
                nursery.start_soon(_run, line, ours)
                yield line
            except BaseException as exc:
                inside.append(exc)
                raise
            finally:
                nursery.cancel_scope.cancel()
                with trio.CancelScope(shield=True):  # or the cancel would hide what was raised
                    await trio.aclose_forcefully(pipe.stream)
    except BaseExceptionGroup as group:
        _raise_what_matters(group, ours, inside)


async def _run(line: Line, ours: list[BaseException]) -> None:
    try:
        await line.run()
    except BaseException as exc:
        ours.append(exc)
        raise


class Upgrading(trio.abc.Stream):
    """Ends the line where the stream ends before the upgrade.

    trio-websocket would go on waiting: a relay that dies or is shut off right after it accepted
    would cost the whole time allowed for connecting.

    ``rest``: what comes little by little within so long is read together. A full room tells
    something every few milliseconds, and to wake up for each costs more than what it says.
    """

    def __init__(self, stream: trio.abc.Stream, rest: float = 0.0) -> None:
        self._stream = stream
        self._rest = rest
        self._came = -math.inf
        self._again = 0.0  # not before this is more read
        self.upgraded = False

    async def receive_some(self, max_bytes: int | None = None) -> bytes | bytearray:
        if self._again:
            await trio.sleep_until(self._again)
        try:
            data = await self._stream.receive_some(max_bytes)
        except (trio.BrokenResourceError, trio.ClosedResourceError) as exc:
            if self.upgraded:
                raise
            raise LineLost from exc
        if not data and not self.upgraded:
            raise LineLost
        if self._rest and self.upgraded and len(data) < LITTLE:
            now = trio.current_time()
            self._again = now + self._rest if now < self._came + 2 * self._rest else 0.0
            self._came = now
        return data

    async def send_all(self, data: bytes | bytearray | memoryview) -> None:
        await self._stream.send_all(data)

    async def wait_send_all_might_not_block(self) -> None:
        await self._stream.wait_send_all_might_not_block()

    async def aclose(self) -> None:
        await self._stream.aclose()


async def _shake_hands(
    socket: WebSocketConnection, address: RelayAddress, pipe: Pipe, rng: Rng
) -> Agreed:
    said = handshake.hello(rng)
    await socket.send_message(said)
    heard = await socket.get_message()
    if isinstance(heard, str):
        raise RemoteProtocolError("text where bytes belong")
    return handshake.agree(said, heard, address.fingerprint, pipe.certificate)


def _lost() -> tuple[type[BaseException], ...]:
    """What says that a line broke, and no more than that."""
    import trio_websocket  # noqa: PLC0415 - loaded since the line was opened

    return (
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
    group: BaseExceptionGroup[BaseException],
    ours: list[BaseException],
    inside: list[BaseException],
) -> None:
    """Out of what a line's tasks (``ours``), its user (``inside``) and what lies under them raised
    together: a bug, a cancel, what its user can expect, a wrong relay, and only then the loss of
    the line."""
    expected_or_lost = (*_EXPECTED, LineLost, *_lost())
    body, line = _leaves(inside), _leaves(ours)
    below = [leaf for leaf in _leaves([group]) if all(leaf is not each for each in (*body, *line))]
    bugs = [leaf for leaf in body if not isinstance(leaf, (*_EXPECTED, LineLost))]
    bugs += [leaf for leaf in line if not isinstance(leaf, expected_or_lost)]
    bugs += [leaf for leaf in below if not isinstance(leaf, (Exception, trio.Cancelled))]
    cancelled = group.split(trio.Cancelled)[0]
    if bugs:
        raise bugs[0] if len(bugs) == 1 and cancelled is None else group
    if cancelled is not None:
        raise cancelled
    for expected in (AsideError, NoCommonVersion, WrongRelay):
        for leaf in (*body, *line, *below):
            if isinstance(leaf, expected):
                raise leaf
    for leaf in below:
        if not isinstance(leaf, expected_or_lost):
            log.info("no relay answers like this: %s", type(leaf).__name__)
    silent = any(isinstance(leaf, ProxySilent) for leaf in below)
    lost = ProxyLost if silent else LineLost
    raise lost(max(_asked_to_stay_away(leaf) for leaf in (*below, *line, *body))) from group


def _asked_to_stay_away(leaf: BaseException) -> float:
    return leaf.after if isinstance(leaf, LineLost) else 0.0


_EXPECTED = (trio.Cancelled, AsideError, RemoteProtocolError)


def _leaves(raised: Iterable[BaseException]) -> list[BaseException]:
    leaves: list[BaseException] = []
    for exc in raised:
        if isinstance(exc, BaseExceptionGroup):
            group = cast("BaseExceptionGroup[BaseException]", exc)
            leaves += _leaves(group.exceptions)
        else:
            leaves.append(exc)
    return leaves
