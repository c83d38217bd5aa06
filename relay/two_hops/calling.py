"""How a stream to another relay is opened (law 12: how to connect is an argument).

The certificate is not judged here, by no authority: its hash goes up, and the handshake compares
it with the one that the relay's pinned key signed. A name is called by the addresses it resolves
to, each of which is checked: otherwise a name of somebody's choice would lead anywhere in this
relay's own network. Through a proxy names go as they are, and are resolved there.
"""

from __future__ import annotations

import ssl
from collections.abc import Awaitable, Callable
from hashlib import sha256
from typing import TypeAlias
from urllib.parse import urlsplit

import trio
from msgspec import Struct
from python_socks import ProxyError, ProxyTimeoutError
from python_socks.async_.trio import Proxy

from protocol.wire.address import RelayAddress
from relay.pipe import SocketPipe
from relay.rules.federation import is_public

EACH_S = 5.0
PROXY_S = 30.0


class Call(Struct, frozen=True):
    """A stream; ``certificate`` is the SHA-256 of what was shown, empty without TLS."""

    stream: trio.abc.Stream
    certificate: bytes = b""


Connect: TypeAlias = Callable[[RelayAddress], Awaitable[Call]]
"""Raises OSError, ssl.SSLError or trio.BrokenResourceError where nobody answers."""


class NetworkCaller:
    """TCP, and TLS over it where the address asks for it."""

    def __init__(self, *, private: bool, proxy: str = "") -> None:
        self._private = private
        self._proxy = Proxy.from_url(proxy, rdns=True) if proxy else None

    async def __call__(self, address: RelayAddress) -> Call:
        if self._proxy is None:
            stream = await self._open(address.host, address.port)
        else:
            stream = await _open_through(self._proxy, address.host, address.port)
        if not address.tls:
            return Call(SocketPipe(stream))
        secured = trio.SSLStream(stream, _context(), server_hostname=address.host)
        try:
            await secured.do_handshake()
        except BaseException:
            await trio.aclose_forcefully(secured)
            raise
        shown = secured.getpeercert(binary_form=True)
        return Call(secured, sha256(shown).digest() if shown else b"")

    async def _open(self, host: str, port: int) -> trio.SocketStream:
        try:
            found = await trio.socket.getaddrinfo(host, port, type=trio.socket.SOCK_STREAM)
        except ValueError as exc:
            raise OSError("a host name that the resolver does not take") from exc
        failure = OSError("no address that may be called")
        for family, kind, number, _, where in found:
            if not self._private and not is_public(str(where[0])):
                continue
            socket = trio.socket.socket(family, kind, number)
            try:
                with trio.fail_after(EACH_S):
                    await socket.connect(where)
            except (OSError, trio.TooSlowError) as exc:
                socket.close()
                failure = OSError(type(exc).__name__)
            except BaseException:
                socket.close()
                raise
            else:
                return trio.SocketStream(socket)
        raise failure


def is_proxy(url: str) -> bool:
    """Whether this names a SOCKS5 proxy."""
    try:
        parts = urlsplit(url)
        return parts.scheme == "socks5" and bool(parts.hostname) and bool(parts.port)
    except ValueError:
        return False


async def _open_through(proxy: Proxy, host: str, port: int) -> trio.SocketStream:
    try:
        return trio.SocketStream(await proxy.connect(host, port, timeout=PROXY_S))
    except (ProxyError, ProxyTimeoutError) as exc:
        raise OSError(type(exc).__name__) from exc


def _context() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    return context
