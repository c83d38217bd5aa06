"""How another relay is reached: which addresses are called, and whose certificate is believed."""

from __future__ import annotations

import socket
import ssl
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Literal

import pytest
import trio

from protocol.keys import Secret, public_key
from protocol.wire.address import RelayAddress
from protocol.wire.frames import Card, FindCard, Reason, Refused
from protocol.wire.handshake import fingerprint
from relay import certificate
from relay.certificate import Served
from relay.rules.federation import Federation
from relay.rules.limits import House
from relay.server import Relay, serve_relay
from relay.store.memory import MemoryStore
from relay.store.storage import Inline
from relay.two_hops.calling import NetworkCaller
from tests.relay.caller import RELAY_SEED, WALL_MS, World

OTHER = Secret(b"another relay's seed".ljust(32))
NEAR = House(open=True, federation=Federation(private=True))


def where(port: int, host: str = "127.0.0.1", *, tls: bool = True) -> RelayAddress:
    return RelayAddress(host, port, fingerprint(public_key(OTHER)), tls)


class Everywhere(trio.abc.HostnameResolver):
    """A resolver by which every name leads to this machine."""

    async def getaddrinfo(
        self,
        host: bytes | None,
        port: bytes | str | int | None,
        family: int = 0,
        type: int = 0,
        proto: int = 0,
        flags: int = 0,
    ) -> list[
        tuple[Literal[socket.AddressFamily.AF_INET], socket.SocketKind, int, str, tuple[str, int]]
        | tuple[
            Literal[socket.AddressFamily.AF_INET6],
            socket.SocketKind,
            int,
            str,
            tuple[str, int, int, int] | tuple[int, bytes],
        ]
    ]:
        await trio.lowlevel.checkpoint()
        assert isinstance(port, int)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

    async def getnameinfo(
        self, sockaddr: tuple[str, int] | tuple[str, int, int, int], flags: int
    ) -> tuple[str, str]:
        raise NotImplementedError


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "relay.example"])
async def test_a_name_leads_nowhere_in_the_relay_s_own_network(host: str) -> None:
    if host == "relay.example":
        trio.socket.set_custom_hostname_resolver(Everywhere())
    listener = (await trio.open_tcp_listeners(0, host="127.0.0.1"))[0]
    async with listener:
        port: int = listener.socket.getsockname()[1]
        address = where(port, host, tls=False)
        with pytest.raises(OSError, match="no address"):
            await NetworkCaller(private=False)(address)
        call = await NetworkCaller(private=True)(address)
        async with call.stream, await listener.accept():
            assert call.certificate == b""


async def test_who_does_not_answer_is_an_os_error() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(OSError, match="Refused"):
        await NetworkCaller(private=True)(where(port, tls=False))
    with pytest.raises(OSError, match="resolver"):
        await NetworkCaller(private=True)(where(port, "x" * 300))


async def test_a_half_spoken_tls_is_closed() -> None:
    listener = (await trio.open_tcp_listeners(0, host="127.0.0.1"))[0]

    async def answer() -> None:
        stream = await listener.accept()
        async with stream:
            await stream.receive_some(1000)
            await stream.send_all(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    async with listener, trio.open_nursery() as nursery:
        nursery.start_soon(answer)
        port: int = listener.socket.getsockname()[1]
        with pytest.raises((ssl.SSLError, trio.BrokenResourceError)):
            await NetworkCaller(private=True)(where(port))


@asynccontextmanager
async def two_relays(tmp_path: Path, *, honest: bool) -> AsyncGenerator[tuple[World, RelayAddress]]:
    """One over memory streams, the other over TLS, with its own certificate or with one more."""
    files: list[tuple[Path, Path]] = []
    for name in ("a", "b"):
        public, secret = certificate.make("127.0.0.1", WALL_MS - 10**12)
        paths = tmp_path / f"{name}.pem", tmp_path / f"{name}.key"
        for path, data in zip(paths, (public, secret), strict=True):
            path.write_bytes(data)
        files.append(paths)
    tls, hashed = certificate.load(*files[0])
    if not honest:
        tls, _ = certificate.load(*files[1])
    listeners = await trio.open_tcp_listeners(0, host="127.0.0.1")
    port: int = listeners[0].socket.getsockname()[1]
    other = Relay(NEAR, Inline(MemoryStore()), OTHER)
    own = Relay(NEAR, Inline(MemoryStore()), RELAY_SEED)
    stopping = trio.Event()
    async with trio.open_nursery() as nursery:
        await nursery.start(
            partial(serve_relay, other, listeners, lambda: Served(tls, hashed), stopping)
        )
        await nursery.start(own.run)
        yield World(own, nursery), where(port)
        nursery.cancel_scope.cancel()


@pytest.mark.parametrize("honest", [True, False])
async def test_the_certificate_is_the_one_that_the_relay_s_key_signs(
    tmp_path: Path, honest: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("relay.two_hops.forwarder.CARD_S", 10.0 if honest else 1.0)
    async with two_relays(tmp_path, honest=honest) as (world, address):
        bob = await world.caller(2)
        await bob.move_in()
        found = await bob.ask(
            FindCard(
                call=bob.call(),
                pass_secret=bytes(bob.secret)[::-1],
                destination=str(address),
            )
        )
        if honest:
            assert isinstance(found, Card)
        else:
            assert isinstance(found, Refused)
            assert found.reason is Reason.TRY_LATER


class SocksProxy:
    """Enough of SOCKS5 to see what is asked of one, and to take everything to one port."""

    def __init__(self, to_port: int, answer: int = 0) -> None:
        self.to_port = to_port
        self.answer = answer
        self.asked: list[tuple[str, int]] = []

    async def serve(self, stream: trio.SocketStream) -> None:
        assert await exactly(stream, 3) == b"\x05\x01\x00"
        await stream.send_all(b"\x05\x00")
        head = await exactly(stream, 5)
        assert head[:4] == b"\x05\x01\x00\x03", "names are not resolved here"
        name, port = await exactly(stream, head[4]), await exactly(stream, 2)
        self.asked.append((name.decode(), int.from_bytes(port, "big")))
        await stream.send_all(bytes((5, self.answer, 0, 1)) + bytes(6))
        if self.answer:
            return
        there = await trio.open_tcp_stream("127.0.0.1", self.to_port)
        async with there, trio.open_nursery() as nursery:
            nursery.start_soon(pump, stream, there)
            nursery.start_soon(pump, there, stream)


async def exactly(stream: trio.SocketStream, count: int) -> bytes:
    found = b""
    while len(found) < count:
        found += await stream.receive_some(count - len(found))
    return found


async def pump(one: trio.SocketStream, other: trio.SocketStream) -> None:
    async for data in one:
        await other.send_all(data)


async def test_through_a_proxy_the_name_goes_as_it_is(tmp_path: Path) -> None:
    async with two_relays(tmp_path, honest=True) as (world, address):
        proxy = SocksProxy(address.port)
        listeners = await trio.open_tcp_listeners(0, host="127.0.0.1")
        world.nursery.start_soon(trio.serve_listeners, proxy.serve, listeners)
        port: int = listeners[0].socket.getsockname()[1]
        caller = NetworkCaller(private=False, proxy=f"socks5://127.0.0.1:{port}")
        call = await caller(where(7443, "relay.example"))
        async with call.stream:
            assert proxy.asked == [("relay.example", 7443)]
            assert len(call.certificate) == 32


async def test_a_proxy_that_does_not_want_to_is_an_os_error() -> None:
    listeners = await trio.open_tcp_listeners(0, host="127.0.0.1")
    port: int = listeners[0].socket.getsockname()[1]
    caller = NetworkCaller(private=False, proxy=f"socks5://127.0.0.1:{port}")
    async with trio.open_nursery() as nursery:
        nursery.start_soon(trio.serve_listeners, SocksProxy(0, answer=5).serve, listeners)
        with pytest.raises(OSError, match="ProxyError"):
            await caller(where(7443, "relay.example"))
        nursery.cancel_scope.cancel()
    with pytest.raises(OSError, match="Could not connect"):
        await caller(where(7443, "relay.example"))
