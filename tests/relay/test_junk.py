"""Whatever a stranger sends ends that stranger's connection at the worst, and no other."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import suppress

import msgspec
import pytest
import trio
from hypothesis import given
from hypothesis import strategies as st
from trio.testing import MockClock

from protocol.errors import RemoteProtocolError
from protocol.ids import CallId, EnvelopeId
from protocol.wire import codec, frames
from protocol.wire.frames import Done, Reason, Refused, Side, Stored
from protocol.wire.handshake import hello
from relay.websocket import WebSocket
from tests.relay.caller import Caller, Line, open_world, some_bytes

BOB_MAY = b"alice gave this to bob".ljust(32)
encode = msgspec.msgpack.encode


def nested(depth: int) -> bytes:
    return b"\x91" * depth + b"\xc0"


JUNK: dict[str, Callable[[Caller], bytes]] = {
    "random": lambda _: random.Random(1).randbytes(500),
    "empty": lambda _: b"",
    "not a list": lambda _: encode({"t": "ping", "call": 1}),
    "truncated": lambda bob: codec.dump([bob.deposit_frame(BOB_MAY, 1)])[:-7],
    "trailing": lambda _: codec.dump([frames.Ping(call=some_call())]) + b"\xc0",
    "deeply nested": lambda _: nested(100_000),
    "nested in a frame": lambda _: b"\x91\x82\xa1t\xa4ping\xa4call" + nested(100_000),
    "too many frames": lambda _: encode([{"t": "ping", "call": n} for n in range(300)]),
    "a length that lies": lambda _: b"\xdd\xff\xff\xff\xff",
    "a call that is negative": lambda _: encode([{"t": "ping", "call": -1}]),
    "a body that is too small": lambda _: deposit_of(bytes(2047)),
    "a body that is too large": lambda _: deposit_of(bytes(65_537)),
    "the relay's own words": lambda _: codec.dump([Stored(call=some_call())]),
    "another hello": lambda _: hello(some_bytes(4)),
}


def some_call() -> CallId:
    return CallId(1)


def deposit_of(body: bytes) -> bytes:
    asked = {"t": "deposit", "call": 1, "capability": bytes(32), "envelope_id": bytes(16)}
    return encode([{**asked, "body": body}])


@pytest.mark.parametrize("name", JUNK)
async def test_junk_ends_that_connection_and_no_other(name: str, autojump_clock: MockClock) -> None:
    async with open_world() as world:
        alice, bob = await world.caller(1), await world.caller(2)
        await alice.move_in(BOB_MAY)
        carol = await world.caller(3)
        await carol.line.say(JUNK[name](carol))
        assert await carol.next() is None
        assert isinstance(await bob.deposit(BOB_MAY, 1), Stored)
        assert (await alice.delivery()).sequence == 1
        assert isinstance(await alice.acknowledge(1), Done)


@pytest.mark.parametrize("name", [*(name for name in JUNK if name != "another hello"), "a ping"])
async def test_junk_before_the_handshake(name: str, autojump_clock: MockClock) -> None:
    async with open_world() as world:
        bob = await world.caller(2)
        line = await world.line()
        junk = codec.dump([frames.Ping(call=some_call())]) if name == "a ping" else JUNK[name](bob)
        await line.say(junk)
        assert await line.hear() is None
        await bob.ping()


async def test_an_unknown_request_is_refused_by_name(autojump_clock: MockClock) -> None:
    async with open_world() as world:
        bob = await world.caller(2)
        await bob.line.say(encode([{"t": "teleport", "call": 7, "to": "mars"}, {"t": "hum"}]))
        refused = await bob.next()
        assert isinstance(refused, Refused)
        assert (refused.call, refused.reason, refused.name) == (7, Reason.UNSUPPORTED, "teleport")
        await bob.ping()


async def test_an_unknown_frame_does_not_take_its_neighbours_along(
    autojump_clock: MockClock,
) -> None:
    async with open_world() as world:
        alice = await world.caller(1)
        await alice.move_in(BOB_MAY)
        known = codec.dump([alice.deposit_frame(BOB_MAY, 1)])[1:]
        await alice.line.say(b"\x92" + encode({"t": "teleport", "call": 7}) + known)
        said = {type(await alice.next()).__name__ for _ in range(3)}
        assert said == {"Refused", "Stored", "Delivery"}


@pytest.mark.parametrize(
    "bytes_on_the_line",
    [
        b"\x82\x05hello",  # not masked
        b"\x81\x85\0\0\0\0hello",  # text
        b"\x80\x85\0\0\0\0hello",  # a continuation of nothing
        b"\xf2\x85\0\0\0\0hello",  # reserved bits
        b"\x82\xff\x7f\xff\xff\xff\xff\xff\xff\xff\0\0\0\0",  # a length of exabytes
        b"\x89\xfe\x01\x00\0\0\0\0" + bytes(256),  # a ping that is too long
        b"\x02\x85\0\0\0\0hello\x02\x85\0\0\0\0hello",  # two beginnings
    ],
)
async def test_junk_below_the_frames(bytes_on_the_line: bytes, autojump_clock: MockClock) -> None:
    async with open_world() as world:
        bob, carol = await world.caller(2), await world.caller(3)
        await carol.line.stream.send_all(bytes_on_the_line)
        assert await carol.next() is None
        await bob.ping()


@pytest.mark.parametrize(
    "request_line",
    [b"\0" * 100, b"POST / HTTP/1.1\r\nHost: x\r\n\r\n", b"GET / HTTP/1.1\r\n\r\n", b"\r\n\r\n"],
)
async def test_junk_instead_of_a_websocket(request_line: bytes, autojump_clock: MockClock) -> None:
    async with open_world() as world:
        bob = await world.caller(2)
        stream = world.stream()
        await stream.send_all(request_line)
        with trio.fail_after(15):
            try:
                while await stream.receive_some():
                    pass
            except trio.BrokenResourceError:
                pass
        await bob.ping()


async def test_a_message_in_pieces_is_one_message(autojump_clock: MockClock) -> None:
    async with open_world() as world:
        alice = await world.caller(1)
        await alice.move_in(BOB_MAY)
        data = codec.dump([alice.deposit_frame(BOB_MAY, 1)])
        alice.line.websocket.send_binary(data[:10], fin=False)
        alice.line.websocket.send_continuation(data[10:900], fin=False)
        alice.line.websocket.send_continuation(data[900:], fin=True)
        await alice.line.stream.send_all(b"".join(alice.line.websocket.data_to_send()))
        said = {type(await alice.next()).__name__ for _ in range(2)}
        assert said == {"Stored", "Delivery"}


async def test_a_message_over_the_bound_ends_it(autojump_clock: MockClock) -> None:
    async with open_world() as world:
        bob = await world.caller(2)
        await bob.line.say(bytes(codec.MAX_MESSAGE + 1))
        assert await bob.next() is None


async def test_bytes_one_by_one_are_as_good(autojump_clock: MockClock) -> None:
    async with open_world() as world:
        bob = await world.caller(2)
        bob.line.websocket.send_binary(codec.dump([frames.Ping(call=bob.call())]))
        for byte in b"".join(bob.line.websocket.data_to_send()):
            await bob.line.stream.send_all(bytes([byte]))
        assert isinstance(await bob.next(), frames.Pong)


@given(st.lists(st.binary(max_size=300), max_size=6))
def test_a_websocket_takes_any_bytes(pieces: list[bytes]) -> None:
    websocket = WebSocket()
    for piece in pieces:
        if websocket.ended:
            break
        assert websocket.hear(piece) == []
        websocket.to_send()


@given(st.randoms(use_true_random=False), st.integers(1, 12))
def test_no_damaged_message_is_more_than_an_error(rng: random.Random, flips: int) -> None:
    alice = codec.dump(
        [
            frames.Deposit(
                call=some_call(),
                capability=bytes(32),
                envelope_id=EnvelopeId(bytes(16)),
                body=bytes(2048),
            ),
            frames.Ping(call=some_call()),
        ]
    )
    data = bytearray(alice)
    for _ in range(flips):
        data[rng.randrange(len(data))] = rng.randrange(256)
    with suppress(RemoteProtocolError):
        codec.load(bytes(data), Side.DESKTOP)


async def test_fuzz_over_the_whole_way(autojump_clock: MockClock) -> None:
    rng = random.Random(2)
    async with open_world() as world:
        bob = await world.caller(2)
        for round_ in range(60):
            carol = await world.caller(3)
            data = bytearray(codec.dump([carol.deposit_frame(BOB_MAY, round_), carol.open_frame()]))
            for _ in range(rng.randrange(1, 6)):
                data[rng.randrange(60)] = rng.randrange(256)
            await carol.line.say(bytes(data))
            await _settle(carol.line)
        await bob.ping()


async def _settle(line: Line) -> None:
    with trio.move_on_after(1):
        await line.wait_end()
    await trio.aclose_forcefully(line.stream)
