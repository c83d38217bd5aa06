"""A server that is no relay, or a bad one: it says over HTTP and WebSocket what a test wants."""

from __future__ import annotations

import base64
import hashlib
import random
import struct
from collections.abc import Awaitable, Callable
from typing import TypeAlias

import trio

from desktop.core.nearness import Nearness
from desktop.engine.lines.connector import Pipe
from protocol.keys import Secret, public_key
from protocol.wire import handshake
from protocol.wire.address import RelayAddress
from protocol.wire.handshake import fingerprint

RNG = random.Random(3).randbytes
SEED = Secret(b"h" * 32)
ADDRESS = RelayAddress("hostile.example", 7443, fingerprint(public_key(SEED)))

Part: TypeAlias = trio.abc.Stream
Behaviour: TypeAlias = Callable[[Part], Awaitable[None]]


def frame(opcode: int, data: bytes, *, fin: bool = True, reserved: int = 0) -> bytes:
    """A WebSocket frame as servers send it (RFC 6455, section 5.2), also a forbidden one."""
    head = bytes([fin << 7 | reserved << 4 | opcode])
    if len(data) < 126:
        return head + bytes([len(data)]) + data
    if len(data) < 65536:
        return head + bytes([126]) + struct.pack(">H", len(data)) + data
    return head + bytes([127]) + struct.pack(">Q", len(data)) + data


def upgrade(request: bytes, more: bytes = b"") -> bytes:
    """The answer that every WebSocket client believes, with headers behind it."""
    lines = request.split(b"\r\n")
    key = next(line for line in lines if line.lower().startswith(b"sec-websocket-key"))
    magic = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
    proof = base64.b64encode(hashlib.sha1(key.split(b":")[1].strip() + magic).digest())
    return (
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Accept: " + proof + b"\r\n" + more + b"\r\n"
    )


def answers(said: bytes | Callable[[bytes], bytes]) -> Behaviour:
    """To the request for an upgrade, and then closes."""

    async def behave(stream: Part) -> None:
        request = await _request(stream)
        await stream.send_all(said(request) if callable(said) else said)
        await trio.sleep(1)
        await stream.aclose()

    return behave


def upgrades_with(headers: bytes) -> Behaviour:
    """Upgrades, with headers that nobody asked for."""
    return answers(lambda request: upgrade(request, headers))


def first_says(said: bytes) -> Behaviour:
    """Upgrades, and says this in place of the handshake."""
    return answers(lambda request: upgrade(request) + said)


def then_says(*said: bytes) -> Behaviour:
    """Shakes hands as a relay does, and says this."""

    async def behave(stream: Part) -> None:
        await stream.send_all(upgrade(await _request(stream)))
        welcome, _ = handshake.welcome(await _message(stream), SEED, b"", 0, RNG)
        await stream.send_all(frame(2, welcome))
        for part in said:
            await stream.send_all(part)
            await trio.sleep(0.1)
        await trio.sleep(1)
        await stream.aclose()

    return behave


class Stranger:
    """A connector to somebody who behaves like this."""

    def __init__(self, nursery: trio.Nursery, behaviour: Behaviour, pace: float = 0.0) -> None:
        self._nursery = nursery
        self._behaviour = behaviour
        self._pace = pace

    async def connect(self, address: RelayAddress, nearest: Nearness) -> Pipe:
        """To every address."""
        ours, theirs = trio.testing.memory_stream_pair()
        self._nursery.start_soon(self._serve, theirs)
        return Pipe(_Slow(ours, self._pace))

    async def _serve(self, stream: Part) -> None:
        try:
            await self._behaviour(stream)
        except (EOFError, trio.BrokenResourceError, trio.ClosedResourceError):
            return  # the desktop hung up


class _Slow(trio.abc.Stream):
    def __init__(self, inner: trio.abc.Stream, pace: float) -> None:
        self._inner = inner
        self._pace = pace

    async def send_all(self, data: bytes | bytearray | memoryview) -> None:
        await trio.sleep(self._pace)
        await self._inner.send_all(data)

    async def wait_send_all_might_not_block(self) -> None:
        await self._inner.wait_send_all_might_not_block()

    async def receive_some(self, max_bytes: int | None = None) -> bytes | bytearray:
        return await self._inner.receive_some(max_bytes)

    async def aclose(self) -> None:
        await self._inner.aclose()


async def _more(stream: Part) -> bytes:
    data = await stream.receive_some(65536)
    if not data:
        raise EOFError
    return bytes(data)


async def _request(stream: Part) -> bytes:
    heard = b""
    while b"\r\n\r\n" not in heard:
        heard += await _more(stream)
    return heard


async def _message(stream: Part) -> bytes:
    """The desktop's hello: one masked frame of less than 64 KiB."""
    heard = await _more(stream)
    while True:
        length, at = heard[1] & 127, 2
        if length == 126:
            length, at = struct.unpack(">H", heard[2:4])[0], 4
        if len(heard) >= at + 4 + length:
            mask, body = heard[at : at + 4], heard[at + 4 : at + 4 + length]
            return bytes(byte ^ mask[n % 4] for n, byte in enumerate(body))
        heard += await _more(stream)
