"""One connection to one relay after the handshake: ask and be answered, hear deliveries.

One task writes, so that frames never interleave and no cancelled caller leaves half a frame on
the wire; whoever is in doubt ends the whole line. What was asked is sent in the order of asking.

A line is given up when its relay is silent: when it says nothing at all, not even to a ping, or
when it owes answers and none comes for too long, whatever else it says. It is given up, too, when
a relay delivers what nobody asked for, or more than it may: who reads answers waits for nobody.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Generic, TypeVar

import trio

from desktop.core.nearness import Nearness
from desktop.engine.timings import Timings
from protocol.errors import RemoteProtocolError
from protocol.ids import CallId, CapabilityHash
from protocol.wire import codec
from protocol.wire.frames import (
    Answered,
    Continue,
    Delivery,
    Farewell,
    Notice,
    Ping,
    Pong,
    Refused,
    Reply,
    Request,
    Side,
    Signalled,
    Told,
)
from protocol.wire.handshake import Agreed

if TYPE_CHECKING:
    from trio_websocket import WebSocketConnection

R = TypeVar("R", bound=Reply)

MOST_ROOM = 64
MOST_SIGNALS = 16  # what is fleeting is dropped over its bounds
MOST_TOLD = 16
MOST_DELIVERIES = 512  # a relay sends no more than it may have unacknowledged
MOST_ANSWERS = 1024  # over that they are fetched later
MOST_NOTICES = 2048  # from a room; who falls so far behind fetches what was missed
LONGEST_FAREWELL = 60.0
PORTION = 128 * 1024  # of a message, so that a slow line shows progress
RECEIVE_BYTES = 64 * 1024


class LineLost(Exception):
    """The connection could not be opened, broke, or was given up.

    ``after``: the seconds that the relay asked to stay away for, when it said farewell.
    """

    def __init__(self, after: float = 0.0) -> None:
        super().__init__(after)
        self.after = after


class ProxyLost(LineLost):
    """No line, because the proxy does not answer. Nothing goes around it."""


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
    """An open line. Made by :func:`desktop.engine.lines.dial.open_line`."""

    def __init__(
        self,
        socket: WebSocketConnection,
        agreed: Agreed,
        timings: Timings,
        nearness: Nearness,
        *,
        collects: bool,
        sits: bool = False,
    ) -> None:
        from trio_websocket import ConnectionClosed  # noqa: PLC0415 - loaded since it was dialled

        self._closed = ConnectionClosed
        self.agreed = agreed
        self.nearness = nearness
        self._socket = socket
        self._timings = timings
        self._collects = collects
        self._sits = sits
        self._calls = 0
        self._pending: dict[CallId, Pending[Reply]] = {}
        self._say, self._to_say = trio.open_memory_channel[Request[Reply]](math.inf)
        self._deliver, self.deliveries = trio.open_memory_channel[Delivery](MOST_DELIVERIES)
        self._answer, self.answers = trio.open_memory_channel[Answered](MOST_ANSWERS)
        self._signal, self.signals = trio.open_memory_channel[Signalled](MOST_SIGNALS)
        self._notice, self.notices = trio.open_memory_channel[Notice](MOST_NOTICES)
        self._told: dict[CallId, trio.MemorySendChannel[Told]] = {}
        self._lost = False
        self.room: set[CapabilityHash] = set()  # by which deposits were refused and may go on
        self.on_room: Callable[[], None] = lambda: None
        self._owed_since = math.inf  # when the relay last answered, or was asked; inf: owes none

    def call(self) -> CallId:
        """A fresh call id."""
        self._calls += 1
        return CallId(self._calls)

    def submit(self, request: Request[R]) -> Pending[R]:
        """Queue a request. Those submitted first are sent first. Raises LineLost."""
        if self._lost:
            raise LineLost
        pending = Pending[R](type(request).reply())
        if not self._pending:
            self._owed_since = trio.current_time()
        self._pending[request.call] = pending  # type: ignore[assignment]  # invariance of R
        self._say.send_nowait(request)  # type: ignore[arg-type]
        return pending

    async def ask(self, request: Request[R]) -> R | Refused:
        """Send a request and wait for its answer. Raises LineLost."""
        return await self.submit(request).reply()

    @contextmanager
    def told(self, call: CallId) -> Generator[trio.MemoryReceiveChannel[Told]]:
        """What the relay tells of what this call began; it ends with the line. Raises LineLost."""
        if self._lost:
            raise LineLost
        send, receive = trio.open_memory_channel[Told](MOST_TOLD)
        self._told[call] = send
        try:
            yield receive
        finally:
            self._told.pop(call, None)
            send.close()

    async def run(self) -> None:
        """Keep the line until it ends. Raises LineLost."""
        try:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(self._write)
                nursery.start_soon(self._read)
        finally:
            self._lost = True
            self._deliver.close()
            self._answer.close()
            self._signal.close()
            self._notice.close()
            for told in self._told.values():
                told.close()
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
                if self._pending and not all(isinstance(one, Ping) for one in part):
                    self._owed_since = trio.current_time()

    async def _send(self, message: bytes) -> None:
        with trio.move_on_after(self._timings.answer) as patience:
            try:
                await self._socket.send_message(message)
            except self._closed as exc:
                raise LineLost from exc
        if patience.cancelled_caught:
            raise LineLost  # half a frame may be out there: nothing more may follow it

    async def _read(self) -> None:
        while True:
            message = await self._hear()
            if isinstance(message, str):
                raise LineLost
            for frame in codec.load(message, Side.RELAY):
                match frame:
                    case Reply():
                        self._settle(frame)
                    case Delivery():
                        self._take(frame)
                    case Continue(capability=hashed) if len(self.room) < MOST_ROOM:
                        self.room.add(hashed)
                        self.on_room()
                    case Answered():
                        self._hear_answer(frame)
                    case Told():
                        self._hear_told(frame)
                    case Signalled() if self._collects:
                        with suppress(trio.WouldBlock):
                            self._signal.send_nowait(frame)
                    case Farewell(retry_ms=wanted):
                        raise LineLost(min(wanted / 1000, LONGEST_FAREWELL))
                    case Notice() if self._sits:
                        self._hear_notice(frame)
                    case _:
                        pass  # what a newer relay says unasked

    def _take(self, delivery: Delivery) -> None:
        if not self._collects:
            raise RemoteProtocolError("a delivery where no mailbox was opened")
        try:
            self._deliver.send_nowait(delivery)
        except trio.WouldBlock as exc:
            raise RemoteProtocolError("more deliveries than a relay may have under way") from exc

    def _hear_answer(self, answered: Answered) -> None:
        if self._collects:
            with suppress(trio.WouldBlock):
                self._answer.send_nowait(answered)

    def _hear_notice(self, notice: Notice) -> None:
        try:
            self._notice.send_nowait(notice)
        except trio.WouldBlock as exc:
            raise LineLost from exc

    def _hear_told(self, told: Told) -> None:
        """Who does not keep up with what changes hears the next one."""
        send = self._told.get(told.watch)
        if send is not None:
            with suppress(trio.WouldBlock):
                send.send_nowait(told)

    async def _hear(self) -> str | bytes:
        """The next message; in silence, ask whether anybody is there."""
        if trio.current_time() - self._owed_since > self._timings.answer:
            raise LineLost
        message = await self._next(self._timings.ping)
        if message is None:
            self.submit(Ping(call=self.call()))
            message = await self._next(self._timings.answer)
        if message is None:
            raise LineLost
        return message

    async def _next(self, patience: float) -> str | bytes | None:
        with trio.move_on_after(patience):
            try:
                return await self._socket.get_message()
            except self._closed as exc:
                raise LineLost from exc
        return None

    def _settle(self, reply: Reply) -> None:
        pending = self._pending.pop(reply.call, None)
        if not self._pending:
            self._owed_since = math.inf
        elif not isinstance(reply, Pong):
            self._owed_since = trio.current_time()
        if pending is not None:
            pending.settle(reply)


def _portions(batch: list[Request[Reply]]) -> list[list[Request[Reply]]]:
    """Split what would be too large for one message."""
    portions: list[list[Request[Reply]]] = [[]]
    size = 0
    for request in batch:
        weight = len(codec.dump([request]))
        if portions[-1] and size + weight > PORTION:
            portions.append([])
            size = 0
        portions[-1].append(request)
        size += weight
    return portions
