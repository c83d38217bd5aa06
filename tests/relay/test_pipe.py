"""The short way to the kernel, over real sockets: whole frames, whatever the line takes at once."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest
import trio
import trio.testing

from protocol.errors import RemoteProtocolError
from protocol.wire.frames import Stored
from relay import certificate
from relay.certificate import Served
from relay.pipe import SocketPipe
from relay.readiness import Readiness
from relay.rules.limits import House, Terms
from relay.server import Relay, serve_relay
from relay.store.memory import MemoryStore
from relay.store.storage import Inline
from relay.tls_pipe import RECORD_BYTES, TlsPipe
from tests.relay.caller import RELAY_SEED, World


@pytest.fixture
async def readiness() -> AsyncGenerator[Readiness]:
    """At work."""
    async with trio.open_nursery() as nursery:
        working = Readiness()
        nursery.start_soon(working.run)
        yield working
        nursery.cancel_scope.cancel()


BOB_MAY = b"alice gave this to bob".ljust(32)


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> ssl.SSLContext:
    """What a relay with a certificate of its own serves."""
    folder = tmp_path_factory.mktemp("tls")
    public, secret = certificate.make("127.0.0.1", int(time.time() * 1000))
    (folder / "public").write_bytes(public)
    (folder / "secret").write_bytes(secret)
    context, _ = certificate.load(folder / "public", folder / "secret")
    return context


def over_tls(stream: trio.SocketStream) -> trio.SSLStream[trio.SocketStream]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return trio.SSLStream(stream, context)


@asynccontextmanager
async def open_listening(
    tls: ssl.SSLContext | None = None,
) -> AsyncGenerator[tuple[World, int]]:
    house = House(open=True, terms=Terms(stored_bytes=1 << 30))
    relay = Relay(house, Inline(MemoryStore()), RELAY_SEED)
    listeners = await trio.open_tcp_listeners(0, host="127.0.0.1")
    port: int = listeners[0].socket.getsockname()[1]
    stopping = trio.Event()
    async with trio.open_nursery() as nursery:
        await nursery.start(serve_relay, relay, listeners, lambda: Served(tls), stopping)
        yield World(relay, nursery), port
        stopping.set()


async def small_stream(port: int) -> trio.SocketStream:
    """A line that takes little at once."""
    ours = trio.socket.socket()
    ours.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    await ours.connect(("127.0.0.1", port))
    return trio.SocketStream(ours)


@pytest.mark.parametrize("secure", [False, True])
async def test_a_slow_reader_gets_every_frame_whole_and_in_order(
    tls: ssl.SSLContext, *, secure: bool
) -> None:
    async with open_listening(tls if secure else None) as (world, port):
        slow, quick = await small_stream(port), await trio.open_tcp_stream("127.0.0.1", port)
        alice = await world.caller(1, over_tls(slow) if secure else slow)
        bob = await world.caller(2, over_tls(quick) if secure else quick)
        await alice.move_in(BOB_MAY)
        for number in range(60):
            assert isinstance(await bob.deposit(BOB_MAY, number, 65_536), Stored)
        for number in range(60):
            delivery = await alice.delivery()
            assert delivery.sequence == number + 1
            assert delivery.body == number.to_bytes(4, "big") * 16_384
            if number % 8 == 7:
                await alice.acknowledge(delivery.sequence)
        await alice.hang_up()
        await bob.hang_up()


async def test_a_closed_pipe_never_touches_its_old_number() -> None:
    ours, theirs = socket.socketpair()
    number = ours.fileno()
    pipe = SocketPipe(trio.SocketStream(trio.socket.from_stdlib_socket(ours)))
    assert pipe.send_now(b"hello") == 5
    assert theirs.recv(10) == b"hello"
    await pipe.aclose()
    reused, other = socket.socketpair()
    try:
        assert number in (reused.fileno(), other.fileno())
        assert pipe.send_now(b"lost") == 0
        with pytest.raises(trio.ClosedResourceError):
            await pipe.receive_some()
    finally:
        for each in (reused, other, theirs):
            each.close()


@pytest.mark.parametrize("where_found", [False, True])
async def test_a_reader_hears_that_its_pipe_was_closed(
    readiness: Readiness, *, where_found: bool
) -> None:
    ours, theirs = socket.socketpair()
    stream = trio.SocketStream(trio.socket.from_stdlib_socket(ours))
    pipe = SocketPipe(stream, readiness if where_found else None)
    with theirs:
        async with trio.open_nursery() as nursery:

            async def read() -> None:
                with pytest.raises(trio.ClosedResourceError):
                    await pipe.receive_into(lambda _: True)

            nursery.start_soon(read)
            await trio.testing.wait_all_tasks_blocked()
            await pipe.aclose()


async def test_what_comes_is_taken_until_it_is_enough(readiness: Readiness) -> None:
    ours, theirs = socket.socketpair()
    pipe = SocketPipe(trio.SocketStream(trio.socket.from_stdlib_socket(ours)), readiness)
    came: list[bytes] = []

    def take(data: bytes) -> bool:
        came.append(data)
        return data != b"enough"

    with theirs:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(pipe.receive_into, take)
            for said in (b"some", b"more", b"enough"):
                theirs.send(said)
                while said not in came:
                    await trio.lowlevel.checkpoint()
            theirs.send(b"later")
            await trio.testing.wait_all_tasks_blocked()
            assert came == [b"some", b"more", b"enough"]
            assert await pipe.receive_some() == b"later"
            theirs.close()
            assert not await pipe.receive_into(take)
            nursery.cancel_scope.cancel()
    await pipe.aclose()


async def test_what_goes_wrong_while_it_is_taken_is_the_readers(readiness: Readiness) -> None:
    ours, theirs = socket.socketpair()
    pipe = SocketPipe(trio.SocketStream(trio.socket.from_stdlib_socket(ours)), readiness)

    def fail(data: bytes) -> bool:
        raise RemoteProtocolError("no")

    with theirs:
        theirs.send(b"junk")
        with pytest.raises(RemoteProtocolError):
            await pipe.receive_into(fail)
    await pipe.aclose()


async def test_taking_may_end_the_waiting_itself(readiness: Readiness) -> None:
    ours, theirs = socket.socketpair()
    pipe = SocketPipe(trio.SocketStream(trio.socket.from_stdlib_socket(ours)), readiness)
    with theirs, trio.CancelScope() as scope:

        def leave(data: bytes) -> bool:
            scope.cancel()
            return False

        theirs.send(b"goodbye")
        await pipe.receive_into(leave)
    assert scope.cancelled_caught
    await pipe.aclose()


async def test_without_epoll_each_waits_for_itself() -> None:
    ours, theirs = socket.socketpair()
    pipe = SocketPipe(trio.SocketStream(trio.socket.from_stdlib_socket(ours)))
    with theirs:
        theirs.send(b"hello")
        assert await pipe.receive_into(lambda data: data != b"hello")
        theirs.close()
        assert not await pipe.receive_into(lambda _: True)
    await pipe.aclose()


# With TLS


@asynccontextmanager
async def secure_pair(
    tls: ssl.SSLContext, readiness: Readiness | None = None
) -> AsyncGenerator[tuple[TlsPipe, trio.SSLStream[trio.SocketStream]]]:
    listener = (await trio.open_tcp_listeners(0, host="127.0.0.1"))[0]
    async with listener:
        theirs = await trio.open_tcp_stream("127.0.0.1", listener.socket.getsockname()[1])
        pipe = TlsPipe(await listener.accept(), tls, readiness)
    async with pipe, over_tls(theirs) as stream:
        yield pipe, stream
        await trio.aclose_forcefully(stream)


async def test_what_is_left_of_a_record_is_not_waited_for(
    tls: ssl.SSLContext, readiness: Readiness
) -> None:
    async with secure_pair(tls, readiness) as (pipe, stream), trio.open_nursery() as nursery:
        nursery.start_soon(stream.send_all, b"x" * 10_000)
        with trio.fail_after(5):
            assert await pipe.receive_some(4_000) == b"x" * 4_000
            taken: list[bytes] = []

            def take(data: bytes) -> bool:
                taken.append(data)
                return False

            assert await pipe.receive_into(take)
            await trio.testing.wait_all_tasks_blocked()
            assert taken == [b"x" * 6_000]
            nursery.start_soon(stream.send_all, b"more")
            assert await pipe.receive_into(take)
            assert taken[-1] == b"more"


async def test_what_did_not_go_out_at_once_goes_out_later_whole(tls: ssl.SSLContext) -> None:
    said = bytes(range(256)) * 40_000
    async with secure_pair(tls) as (pipe, stream), trio.open_nursery() as nursery:
        assert pipe.send_now(b"before anybody shook hands") == 0
        nursery.start_soon(stream.send_all, b"hello")
        assert await pipe.receive_some() == b"hello"
        sent = pipe.send_now(said)
        assert 0 < sent < len(said) and not sent % RECORD_BYTES, "the kernel was full"
        nursery.start_soon(pipe.send_all, said[sent:])
        heard = b""
        while len(heard) < len(said):
            heard += await stream.receive_some()
        assert heard == said


async def test_junk_instead_of_tls_ends_the_line_and_is_known_as_such(tls: ssl.SSLContext) -> None:
    ours, theirs = socket.socketpair()
    pipe = TlsPipe(trio.SocketStream(trio.socket.from_stdlib_socket(ours)), tls)
    with theirs:
        theirs.send(b"\x00\x01 no handshake of any kind\r\n\r\n")
        with pytest.raises(trio.BrokenResourceError) as caught:
            await pipe.receive_some()
        assert isinstance(caught.value.__cause__, ssl.SSLError)
        await pipe.aclose()
        with pytest.raises(trio.ClosedResourceError):
            await pipe.receive_some()


async def test_nobody_is_known_again_by_a_ticket(tls: ssl.SSLContext) -> None:
    async with secure_pair(tls) as (pipe, stream), trio.open_nursery() as nursery:
        nursery.start_soon(pipe.send_all, b"hello")
        assert await stream.receive_some() == b"hello"
        session = stream.__dict__["_ssl_object"].session
        assert session is None or not session.has_ticket
