"""Through a real SOCKS5 exchange on loopback: names go as they are, and nothing goes around it."""

from __future__ import annotations

import ssl
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

import pytest
import trio
from msgspec.structs import replace

from desktop.core.nearness import Nearness
from desktop.core.proxy import Proxy
from desktop.engine.lines.connector import NetworkConnector, ProxySilent, TooNear
from desktop.engine.lines.outward import Network, Outward
from protocol.ids import Fingerprint
from protocol.wire.address import RelayAddress
from relay import certificate

FAR = Nearness.FAR
ONE = RelayAddress("one.example", 80, Fingerprint(b"1" * 32), tls=False)
TWO = RelayAddress("two.example", 7443, Fingerprint(b"2" * 32), tls=False)


@dataclass
class Socks:
    """A proxy that writes down what it is asked, and echoes in place of what stands behind it."""

    wants: bytes = b"\x02"  # name and password, as Tor prefers
    lets_in: bool = True
    answer: int = 0
    tls: ssl.SSLContext | None = None  # of the relay behind it
    asked: list[tuple[bytes, bytes, int]] = field(default_factory=list[tuple[bytes, bytes, int]])

    async def serve(self, stream: trio.SocketStream) -> None:
        assert await exactly(stream, 4) == b"\x05\x02\x00\x02"
        await stream.send_all(b"\x05" + self.wants)
        name = b""
        if self.wants == b"\x02":
            version, length = await exactly(stream, 2)
            assert version == 1
            name = await exactly(stream, length)
            await exactly(stream, (await exactly(stream, 1))[0])
            await stream.send_all(b"\x01" + (b"\x00" if self.lets_in else b"\x01"))
        if not self.lets_in:
            return
        head = await exactly(stream, 5)
        assert head[:4] == b"\x05\x01\x00\x03", "names are not resolved here"
        host, port = await exactly(stream, head[4]), await exactly(stream, 2)
        self.asked.append((name, host, int.from_bytes(port, "big")))
        await stream.send_all(bytes((5, self.answer, 0, 1)) + bytes(6))
        if not self.answer:
            await self.be_the_relay(stream)

    async def be_the_relay(self, stream: trio.SocketStream) -> None:
        there: trio.abc.Stream = stream
        if self.tls is not None:
            there = trio.SSLStream(stream, self.tls, server_side=True)
        with suppress(trio.BrokenResourceError):
            while data := await there.receive_some(64):
                await there.send_all(data)


async def exactly(stream: trio.SocketStream, count: int) -> bytes:
    found = b""
    while len(found) < count:
        found += await stream.receive_some(count - len(found))
    return found


class NoNames(trio.abc.HostnameResolver):
    """Nobody is asked for a name, nor for an address of one."""

    async def getaddrinfo(self, *_: object, **__: object) -> list[object]:  # type: ignore[override]
        raise AssertionError("a name was looked up")

    async def getnameinfo(self, sockaddr: object, flags: int) -> tuple[str, str]:
        raise AssertionError("an address was looked up")


@asynccontextmanager
async def through(socks: Socks) -> AsyncGenerator[Proxy]:
    """The proxy while it serves; and no resolver."""
    async with trio.open_nursery() as nursery:
        listeners = await trio.open_tcp_listeners(0, host="127.0.0.1")
        nursery.start_soon(trio.serve_listeners, socks.serve, listeners)
        before = trio.socket.set_custom_hostname_resolver(NoNames())
        try:
            yield Proxy("127.0.0.1", listeners[0].socket.getsockname()[1])
        finally:
            trio.socket.set_custom_hostname_resolver(before)
            nursery.cancel_scope.cancel()


async def test_the_proxy_resolves_and_keeps_relays_and_purposes_apart() -> None:
    socks = Socks()
    async with through(socks) as proxy:
        outward = Outward(NetworkConnector(), proxy)
        for way, address in (
            (outward.collecting, ONE),
            (outward.beside, ONE),
            (outward.collecting, TWO),
            (outward.collecting, ONE),
        ):
            pipe = await way.connect(address, FAR)
            async with pipe.stream:
                await pipe.stream.send_all(b"heard")
                assert await pipe.stream.receive_some() == b"heard"
            assert pipe.nearness is FAR
    assert [where for _, *where in socks.asked] == [
        [b"one.example", 80],
        [b"one.example", 80],
        [b"two.example", 7443],
        [b"one.example", 80],
    ]
    names = [name for name, *_ in socks.asked]
    assert len(set(names)) == 3
    assert names[0] == names[3], "a second try finds what the first one began"


async def test_a_proxy_that_wants_a_name_is_told_the_one_that_was_set() -> None:
    socks = Socks()
    async with through(socks) as proxy:
        named = Proxy(proxy.host, proxy.port, "alice", "four kilns")
        pipe = await Outward(NetworkConnector(), named).beside.connect(ONE, FAR)
        await trio.aclose_forcefully(pipe.stream)
    assert socks.asked == [(b"alice", b"one.example", 80)]


@pytest.mark.parametrize(
    ("socks", "silent"),
    [
        (Socks(lets_in=False), True),
        (Socks(wants=b"\xff", lets_in=False), True),
        (Socks(answer=4), False),
    ],
)
async def test_whose_fault_it_is(socks: Socks, silent: bool) -> None:
    async with through(socks) as proxy:
        with pytest.raises(OSError) as raised:
            await Outward(NetworkConnector(), proxy).beside.connect(ONE, FAR)
        assert isinstance(raised.value, ProxySilent) is silent


async def no_way_around(network: Network) -> None:
    """A relay on this computer is there, the proxy is not: nobody comes to the relay."""
    came: list[str] = []

    async def relay(_: trio.SocketStream) -> None:
        came.append("somebody")
        await trio.lowlevel.checkpoint()

    async with trio.open_nursery() as nursery:
        listeners = await trio.open_tcp_listeners(0, host="127.0.0.1")
        nursery.start_soon(trio.serve_listeners, relay, listeners)
        port: int = listeners[0].socket.getsockname()[1]
        here = RelayAddress("127.0.0.1", port, Fingerprint(b"1" * 32), tls=False)
        taken = await trio.open_tcp_listeners(0, host="127.0.0.1")
        proxy = Proxy("127.0.0.1", taken[0].socket.getsockname()[1])
        await taken[0].aclose()
        try:
            pipe = await Outward(network, proxy).collecting.connect(here, Nearness.HERE)
        except ProxySilent:
            pass
        else:
            await trio.aclose_forcefully(pipe.stream)
        await trio.testing.wait_all_tasks_blocked(0.01)
        nursery.cancel_scope.cancel()
    assert came == []


async def test_a_proxy_that_is_down_is_not_gone_around() -> None:
    await no_way_around(NetworkConnector())


async def test_mutant_that_dials_around_a_proxy_that_is_down() -> None:
    class Around(NetworkConnector):
        def through(self, proxy: Proxy, purpose: str) -> Around:
            return self

    with pytest.raises(AssertionError):
        await no_way_around(Around())


async def test_tls_is_the_relays_and_a_change_of_the_proxy_ends_what_was_open(
    tmp_path: Path,
) -> None:
    public, secret = certificate.make("one.example", 1_795_000_000_000)
    (tmp_path / "one.pem").write_bytes(public + secret)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(tmp_path / "one.pem")
    ends: list[object] = []

    async def read(stream: trio.abc.Stream) -> None:
        try:
            ends.append(await stream.receive_some(64))
        except (trio.ClosedResourceError, trio.BrokenResourceError):
            ends.append("closed")

    async def dial(outward: Outward, address: RelayAddress) -> None:
        try:
            await outward.beside.connect(address, FAR)
        except OSError:
            ends.append("not dialled")

    async with through(Socks(tls=tls)) as proxy, through(Mute()) as mute:
        outward = Outward(NetworkConnector(), proxy)
        pipe = await outward.collecting.connect(replace(ONE, tls=True), FAR)
        assert pipe.certificate == sha256(ssl.PEM_cert_to_DER_cert(public.decode())).digest()
        await pipe.stream.send_all(b"heard")
        assert await pipe.stream.receive_some(64) == b"heard"
        with trio.fail_after(20):
            async with trio.open_nursery() as nursery:
                nursery.start_soon(read, pipe.stream)
                await trio.testing.wait_all_tasks_blocked(0.01)
                await outward.use(mute)
                nursery.start_soon(dial, outward, ONE)
                await trio.testing.wait_all_tasks_blocked(0.01)
                await outward.use(None)
    assert ends == ["closed", "not dialled"]


class Mute(Socks):
    """A proxy that says nothing."""

    async def serve(self, stream: trio.SocketStream) -> None:
        with suppress(trio.BrokenResourceError):
            while await stream.receive_some(64):
                pass


async def test_what_is_too_near_by_its_name_is_not_even_asked_for() -> None:
    socks = Socks()
    async with through(socks) as proxy:
        near = RelayAddress("printer.lan", 80, Fingerprint(b"1" * 32))
        with pytest.raises(TooNear):
            await Outward(NetworkConnector(), proxy).beside.connect(near, FAR)
    assert socks.asked == []
