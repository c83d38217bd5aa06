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
from relay.calling import NetworkCaller
from relay.certificate import Served
from relay.rules.federation import Federation
from relay.rules.limits import House
from relay.server import Relay, serve_relay
from relay.store.memory import MemoryStore
from relay.store.storage import Inline
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
    monkeypatch.setattr("relay.forwarder.CARD_S", 10.0 if honest else 1.0)
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
