"""A recording proxy on the loopback between desktops and a relay, where no TLS hides the frames.

It parses WebSocket by itself, as little as is needed, so that what it says of lengths depends on
none of the code under test.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial

import msgspec
import trio

from protocol.wire.frames import Side

QUIET_S = 0.45  # longer than a receipt is held back

_raws = msgspec.msgpack.Decoder(list[msgspec.Raw])


class Messages:
    """The bytes of one direction, cut into WebSocket messages."""

    def __init__(self) -> None:
        self._data = bytearray()
        self._upgraded = False
        self.head = b""  # what the direction began with, in HTTP
        self.control: list[bytes] = []  # what came with pings, pongs and the end

    def feed(self, data: bytes) -> list[bytes]:
        """The binary messages that are complete now."""
        self._data += data
        if not self._upgraded:
            head, end, rest = bytes(self._data).partition(b"\r\n\r\n")
            if not end:
                return []
            assert head[:4] in (b"GET ", b"HTTP")
            self._data, self._upgraded, self.head = bytearray(rest), True, head
        found: list[bytes] = []
        while (frame := self._next()) is not None:
            (found if frame[0] == 0x82 else self.control).append(frame[1])
        return found

    def _next(self) -> tuple[int, bytes] | None:
        data = self._data
        if len(data) < 2:
            return None
        length, start = data[1] & 0x7F, 2
        if length >= 126:
            wide = 2 if length == 126 else 8
            length, start = int.from_bytes(data[2 : 2 + wide], "big"), 2 + wide
        mask = bytes(data[start : start + 4]) if data[1] & 0x80 else b""
        start += len(mask)
        if len(data) < start + length:
            return None
        first, body = data[0], bytes(data[start : start + length])
        assert first & 0x0F in (2, 8, 9, 10), "a fragment"
        assert first & 0x80, "a fragment"
        del data[: start + length]
        if mask:
            key = (mask * (length // 4 + 1))[:length]
            whole = int.from_bytes(body, "big") ^ int.from_bytes(key, "big")
            body = whole.to_bytes(length, "big")
        return first, body


@dataclass(frozen=True)
class Seen:
    """One frame, as it went by; ``data`` is its encoding."""

    said_by: Side
    tag: str
    data: bytes


@dataclass
class Tape:
    """All that went by. ``swallow`` is asked about each frame before it is passed on: from a yes
    on, that connection says nothing more in that direction, and is open all the same."""

    seen: list[Seen] = field(default_factory=list[Seen])
    swallow: Callable[[Seen], bool] | None = None
    _last: float = field(default_factory=trio.current_time)

    def record(self, side: Side, message: bytes) -> bool:
        """One message's frames; whether it is to be swallowed."""
        swallowed, self._last = False, trio.current_time()
        for raw in _raws.decode(message):
            head = msgspec.msgpack.decode(raw, type=dict[str, msgspec.Raw])
            seen = Seen(side, msgspec.msgpack.decode(head["t"], type=str), bytes(raw))
            self.seen.append(seen)
            swallowed |= self.swallow is not None and self.swallow(seen)
        return swallowed

    async def swallow_next(self, tag: str) -> None:
        """Swallow the next frame of this kind; returns when it came."""
        came = trio.Event()

        def swallow(seen: Seen) -> bool:
            if seen.tag != tag or came.is_set():
                return False
            came.set()
            return True

        self.swallow = swallow
        await came.wait()
        self.swallow = None

    async def wait_seen(self, tag: str, count: int) -> None:
        """Until so many frames of this kind went by."""
        while len(self.of(tag)) < count:
            await trio.sleep(0.02)

    async def wait_quiet(self) -> None:
        """Until nothing went by for a while."""
        while (rest := self._last + QUIET_S - trio.current_time()) > 0:
            await trio.sleep(rest)

    def of(self, tag: str) -> list[bytes]:
        """The frames of one kind."""
        return [seen.data for seen in self.seen if seen.tag == tag]

    def lengths(self) -> Counter[tuple[str, int]]:
        """How many frames of which kind and length, with all numbers written alike.

        A call id, a cursor or a clock is longer the later it is; that depends on time, and is
        taken out so that what is left can be compared.
        """
        return Counter((seen.tag, len(_without_numbers(seen))) for seen in self.seen)


def _without_numbers(seen: Seen) -> bytes:
    frame = msgspec.msgpack.decode(seen.data, type=dict[str, object])
    statement = frame.get("statement")
    if isinstance(statement, bytes):
        said = msgspec.msgpack.decode(statement, type=dict[str, object])
        frame["statement"] = msgspec.msgpack.encode(said | dict.fromkeys(_numbers(said), 0))
    return msgspec.msgpack.encode(frame | dict.fromkeys(_numbers(frame), 0))


def _numbers(frame: dict[str, object]) -> list[str]:
    return [key for key, value in frame.items() if type(value) is int]


@asynccontextmanager
async def a_proxy(port: int, to: int) -> AsyncGenerator[Tape]:
    """Listens on ``port`` and passes on to ``to``, both on the loopback."""
    tape = Tape()
    serve = partial(trio.serve_tcp, partial(_pass_on, tape, to), port, host="127.0.0.1")
    async with trio.open_nursery() as nursery:
        await nursery.start(serve)
        yield tape
        nursery.cancel_scope.cancel()


async def _pass_on(tape: Tape, to: int, desktop: trio.SocketStream) -> None:
    try:
        relay = await trio.open_tcp_stream("127.0.0.1", to)
    except OSError:
        await desktop.aclose()
        return
    async with desktop, relay, trio.open_nursery() as nursery:
        nursery.start_soon(_pump, tape, Side.DESKTOP, desktop, relay, nursery.cancel_scope)
        nursery.start_soon(_pump, tape, Side.RELAY, relay, desktop, nursery.cancel_scope)


async def _pump(
    tape: Tape,
    side: Side,
    source: trio.SocketStream,
    sink: trio.SocketStream,
    both: trio.CancelScope,
) -> None:
    messages, silent = Messages(), False
    try:
        async for chunk in source:
            for message in messages.feed(bytes(chunk)):
                silent |= tape.record(side, message)
            if not silent:
                await sink.send_all(chunk)
    except (trio.BrokenResourceError, trio.ClosedResourceError):
        pass
    both.cancel()
