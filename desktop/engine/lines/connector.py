"""How a stream to a relay is opened (law 12: the connector is an argument).

The certificate is not judged here, by no authority: its hash goes up, and the handshake compares
it with the one that the relay's pinned key signed.
"""

from __future__ import annotations

import os
import ssl
from hashlib import sha256
from typing import Protocol

import trio
from msgspec import Struct

from desktop.core.nearness import Nearness, nearness
from desktop.core.proxy import Proxy
from protocol.wire.address import RelayAddress


class Pipe(Struct, frozen=True):
    """A stream to a relay; ``certificate`` is the SHA-256 of what it showed, empty without TLS."""

    stream: trio.abc.Stream
    certificate: bytes = b""
    nearness: Nearness = Nearness.FAR  # of whoever answered, whatever the name was


class ProxySilent(OSError):
    """The proxy itself does not answer, or does not let this computer in."""


class TooNear(OSError):
    """What the name leads to is nearer than it may be. Nothing was said there."""


class Connector(Protocol):
    """Opens streams to relays."""

    async def connect(self, address: RelayAddress, nearest: Nearness) -> Pipe:
        """Raises OSError, ssl.SSLError or trio.BrokenResourceError where nobody answers;
        TooNear where whoever does is nearer than ``nearest``."""
        ...


class NetworkConnector:
    """TCP, and TLS over it where the address asks for it."""

    async def connect(self, address: RelayAddress, nearest: Nearness) -> Pipe:
        """See :class:`Connector`."""
        try:
            stream = await trio.open_tcp_stream(address.host, address.port)
        except ValueError as exc:
            raise OSError("a host name that the resolver does not take") from exc
        reached = nearness(stream.socket.getpeername()[0])
        if reached > nearest:
            await trio.aclose_forcefully(stream)
            raise TooNear
        return await secured(stream, address, reached)

    def through(self, proxy: Proxy, purpose: str) -> Connector:
        """See :class:`desktop.engine.lines.outward.Network`."""
        from desktop.engine.lines.socks import SocksConnector  # noqa: PLC0415 - few need it

        return SocksConnector(proxy, os.urandom(16), purpose)


async def secured(stream: trio.SocketStream, address: RelayAddress, reached: Nearness) -> Pipe:
    """TLS over a stream where the address asks for it; where that fails the stream is closed."""
    if not address.tls:
        return Pipe(stream, nearness=reached)
    over = trio.SSLStream(stream, _context(), server_hostname=address.host)
    try:
        await over.do_handshake()
    except BaseException:
        await trio.aclose_forcefully(over)
        raise
    shown = over.getpeercert(binary_form=True)
    return Pipe(over, sha256(shown).digest() if shown else b"", reached)


def _context() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    return context
