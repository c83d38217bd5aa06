"""A desktop's end of a line to a relay, small enough to misbehave on purpose."""

from __future__ import annotations

import random
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from itertools import count
from typing import TypeVar

import trio
import trio.testing
from websockets.client import ClientProtocol
from websockets.frames import Frame as WebSocketFrame
from websockets.frames import Opcode
from websockets.uri import parse_uri

from protocol.ids import CallId, CapabilityHash, DrawerId, EnvelopeId, MailboxId
from protocol.keys import Domain, Secret, public_key, sign
from protocol.wire import codec, frames
from protocol.wire.codec import Heard
from protocol.wire.frames import (
    Delivery,
    Farewell,
    Frame,
    Policy,
    Refused,
    Reply,
    Request,
    Side,
)
from protocol.wire.handshake import Agreed, agree, fingerprint, hello
from relay.neighbours import Place
from relay.pages import Page
from relay.rules.deposits import capability_hash
from relay.rules.limits import House
from relay.server import Relay
from relay.store.memory import MemoryStore
from relay.store.storage import Inline, Storage
from relay.websocket import no_page

R = TypeVar("R", bound=Reply)

RELAY_SEED = Secret(b"the relay's seed".ljust(32))
WALL_MS = 1_800_000_000_000
DRAWER = DrawerId(bytes(16))


def some_bytes(seed: int) -> Callable[[int], bytes]:
    return random.Random(seed).randbytes


class Line:
    """A WebSocket over a stream, message by message."""

    def __init__(self, stream: trio.abc.Stream) -> None:
        self.stream = stream
        self.websocket = ClientProtocol(parse_uri("ws://relay.example/"), max_size=None)
        self._messages: list[bytes] = []

    async def upgrade(self) -> None:
        self.websocket.send_request(self.websocket.connect())
        await self._flush()
        while self.websocket.state.name == "CONNECTING":
            await self._receive()
        assert self.websocket.handshake_exc is None

    async def say(self, message: bytes) -> None:
        self.websocket.send_binary(message)
        await self._flush()

    async def hear(self) -> bytes | None:
        """The next message; None when the relay has ended it."""
        while not self._messages:
            if not await self._receive():
                return None
        return self._messages.pop(0)

    async def wait_end(self) -> None:
        while await self.hear() is not None:
            pass

    async def _receive(self) -> bool:
        try:
            data = await self.stream.receive_some(65536)
        except (trio.BrokenResourceError, trio.ClosedResourceError):
            return False
        if not data:
            return False
        self.websocket.receive_data(bytes(data))
        for event in self.websocket.events_received():
            if isinstance(event, WebSocketFrame) and event.opcode is Opcode.BINARY:
                self._messages.append(bytes(event.data))
        await self._flush()
        return True

    async def _flush(self) -> None:
        data = b"".join(self.websocket.data_to_send())
        if data:
            try:
                await self.stream.send_all(data)
            except (trio.BrokenResourceError, trio.ClosedResourceError):
                return


class Caller:
    """Somebody who has shaken hands; keeps what arrives unasked in ``heard``."""

    def __init__(self, line: Line, agreed: Agreed, seed: int) -> None:
        self.line = line
        self.agreed = agreed
        self.heard: list[Heard] = []
        self.secret = Secret(bytes([seed]) * 32)
        self.mailbox = MailboxId(public_key(self.secret))
        self.calls = (CallId(number) for number in count(1))

    def call(self) -> CallId:
        return next(self.calls)

    async def say(self, *said: Frame) -> None:
        await self.line.say(codec.dump(said))

    async def next(self) -> Heard | None:
        """The next frame; None when the relay has ended it."""
        if not self.heard:
            message = await self.line.hear()
            if message is None:
                return None
            self.heard += codec.load(message, Side.RELAY)
        return self.heard.pop(0)

    async def ask(self, asked: Request[R]) -> R | Refused:
        await self.say(asked)
        aside: list[Heard] = []
        while True:
            frame = await self.next()
            assert frame is not None, "the relay ended the connection"
            if isinstance(frame, Reply) and frame.call == asked.call:
                self.heard = aside + self.heard
                assert isinstance(frame, Refused | asked.reply())
                return frame  # type: ignore[return-value]
            aside.append(frame)

    async def delivery(self) -> Delivery:
        frame = await self.next()
        assert isinstance(frame, Delivery)
        return frame

    async def farewell(self) -> Farewell | None:
        """The relay's last word, if it had one."""
        last: Farewell | None = None
        while (frame := await self.next()) is not None:
            if isinstance(frame, Farewell):
                last = frame
        return last

    async def hang_up(self) -> None:
        await trio.aclose_forcefully(self.line.stream)

    def open_frame(self, after: int = 0) -> frames.OpenMailbox:
        signature = sign(self.secret, Domain.OPEN_MAILBOX, self.agreed.transcript)
        return frames.OpenMailbox(
            call=self.call(), mailbox=self.mailbox, signature=signature, after=after
        )

    async def open(self, after: int = 0) -> frames.Opened:
        reply = await self.ask(self.open_frame(after))
        assert isinstance(reply, frames.Opened)
        return reply

    async def move_in(self, *capabilities: bytes, pending: int = 1000) -> None:
        """A pass, a mailbox, open, and capabilities to it."""
        pass_secret = bytes(self.secret)[::-1]
        redeem = frames.Redeem(call=self.call(), code=b"", pass_secret=pass_secret)
        assert isinstance(await self.ask(redeem), frames.Redeemed)
        create = frames.CreateMailbox(
            call=self.call(),
            mailbox=self.mailbox,
            pass_secret=pass_secret,
            signature=sign(self.secret, Domain.CREATE_MAILBOX, self.agreed.transcript),
        )
        assert isinstance(await self.ask(create), frames.Done)
        await self.open()
        for capability in capabilities:
            reply = await self.ask(self.grant_frame(capability, pending))
            assert isinstance(reply, frames.Done)

    def grant_frame(self, capability: bytes, pending: int = 1000) -> frames.Grant:
        return frames.Grant(
            call=self.call(),
            mailbox=self.mailbox,
            capability=CapabilityHash(capability_hash(capability)),
            drawer=DRAWER,
            policy=Policy(pending=pending, pending_bytes=1 << 26),
        )

    def deposit_frame(self, capability: bytes, number: int, size: int = 2048) -> frames.Deposit:
        return frames.Deposit(
            call=self.call(),
            capability=capability,
            envelope_id=EnvelopeId(number.to_bytes(16, "big")),
            body=number.to_bytes(4, "big") * (size // 4),
        )

    async def deposit(self, capability: bytes, number: int, size: int = 2048) -> Reply:
        return await self.ask(self.deposit_frame(capability, number, size))

    async def acknowledge(self, up_to: int) -> Reply:
        asked = frames.Acknowledge(call=self.call(), mailbox=self.mailbox, up_to=up_to)
        return await self.ask(asked)

    async def ping(self) -> None:
        assert isinstance(await self.ask(frames.Ping(call=self.call())), frames.Pong)


class WallClock:
    """A machine's; ``set_ms`` is by how much somebody has set it."""

    set_ms = 0

    def now(self) -> int:
        return WALL_MS + int(trio.current_time() * 1000) + self.set_ms


class World:
    """A relay in this process, and as many callers as a test wants."""

    def __init__(self, relay: Relay, nursery: trio.Nursery, clock: WallClock | None = None) -> None:
        self.relay = relay
        self.nursery = nursery
        self.clock = clock or WallClock()

    def stream(self, place: Place | None = None) -> trio.abc.Stream:
        """A line on which nothing was said yet, perhaps from somewhere else."""
        ours, theirs = trio.testing.memory_stream_pair()
        self.nursery.start_soon(self.relay.serve_stream, theirs, place)
        return ours

    def narrow_stream(self) -> trio.abc.Stream:
        """A line that takes nothing until it is read: for readers who stall."""
        ours, theirs = trio.testing.lockstep_stream_pair()
        self.nursery.start_soon(self.relay.serve_stream, theirs)
        return ours

    async def line(self, stream: trio.abc.Stream | None = None) -> Line:
        line = Line(stream or self.stream())
        await line.upgrade()
        return line

    async def caller(self, seed: int, stream: trio.abc.Stream | None = None) -> Caller:
        line = await self.line(stream)
        said = hello(some_bytes(seed))
        await line.say(said)
        heard = await line.hear()
        assert heard is not None
        pinned = fingerprint(public_key(RELAY_SEED))
        return Caller(line, agree(said, heard, pinned, b""), seed)


@asynccontextmanager
async def open_world(
    house: House | None = None,
    storage: Storage | None = None,
    front: Callable[[str], Page | None] = no_page,
) -> AsyncGenerator[World]:
    """A relay that is open to everybody, on a virtual clock unless it has a real store."""
    clock = WallClock()
    relay = Relay(
        house or House(open=True),
        storage or Inline(MemoryStore()),
        RELAY_SEED,
        now=clock.now,
        rng=some_bytes(0),
        front=front,
    )
    async with trio.open_nursery() as nursery:
        await nursery.start(relay.run)
        yield World(relay, nursery, clock)
        nursery.cancel_scope.cancel()
