"""A connection to another relay that this one made: both have proved their keys.

It asks and is answered. It is given up when the other side is silent, when an answer is owed for
too long whatever else is said, and when anything is said that has no place here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import trio
from msgspec import Struct

from protocol.errors import RemoteProtocolError
from protocol.ids import CallId, Fingerprint, RelayKey
from protocol.keys import Rng, Secret, public_key
from protocol.wire import codec
from protocol.wire.address import RelayAddress
from protocol.wire.card import introduction
from protocol.wire.frames import (
    Done,
    Farewell,
    Introduce,
    Notice,
    Ping,
    Refused,
    Reply,
    Request,
    Side,
    Told,
)
from protocol.wire.handshake import agree, hello
from relay.outbox import Flusher, Outbox
from relay.pipe import SocketPipe
from relay.two_hops.calling import Call
from relay.websocket import WebSocket

HANDSHAKE_S = 10.0
KEEP_ALIVE_S = 20.0
SILENCE_S = 45.0
PATIENCE_S = 60.0
RECEIVE_BYTES = 64 * 1024

Answered: TypeAlias = Callable[[Reply], None]


class LineLost(Exception):
    """The other side ended it, or was given up; ``retry_s`` is how long it asked to be left."""

    def __init__(self, retry_s: float = 0.0) -> None:
        super().__init__(retry_s)
        self.retry_s = retry_s


class TurnedAway(Exception):
    """The other relay takes nothing from this one."""


class Myself(Struct, frozen=True):
    """What this relay proves itself with."""

    seed: Secret
    rng: Rng


class PeerLine:
    """Open from ``shake_hands`` on, while ``write`` and ``listen`` run beside."""

    def __init__(self, call: Call, address: RelayAddress, myself: Myself, flusher: Flusher) -> None:
        self._stream = call.stream
        self._certificate = call.certificate
        self._pinned: Fingerprint = address.fingerprint
        self._myself = myself
        self._websocket = WebSocket(address)
        send_now = call.stream.send_now if isinstance(call.stream, SocketPipe) else None
        self._outbox = Outbox(self._websocket, flusher, send_now)
        self._closed = False
        self._calls = 0
        self._owed: dict[CallId, tuple[float, type[Reply], Answered]] = {}
        self._heard_at = trio.current_time()
        self._asked_at = self._heard_at
        self.on_told: Callable[[Told], None] = _nobody_asked

    async def write(self) -> None:
        """The only task that writes here."""
        await self._outbox.write_to(self._stream)

    async def shake_hands(self) -> None:
        """Upgrade, Hello, Introduce. Raises WrongRelay, RemoteProtocolError, LineLost, TurnedAway,
        trio.TooSlowError, and what a broken stream raises."""
        with trio.fail_after(HANDSHAKE_S):
            self._outbox.put_raw(self._websocket.to_send())
            while not self._websocket.open:
                await self._receive()
            said = hello(self._myself.rng)
            self._outbox.put_raw(self._websocket.say(said))
            welcome = await self._next_message()
            agreed = agree(said, welcome, self._pinned, self._certificate)
            self._websocket.trust()
            replies: list[Reply] = []
            seed = self._myself.seed
            signature = introduction(seed, agreed.transcript)
            self.ask(
                lambda call: Introduce(
                    call=call, relay=RelayKey(public_key(seed)), signature=signature
                ),
                replies.append,
            )
            while not replies:
                self._hear(await self._next_message())
        if isinstance(replies[0], Refused):
            raise TurnedAway

    def ask(self, make: Callable[[CallId], Request[Any]], answered: Answered) -> CallId:
        """Say a request; ``answered`` gets its reply, unless the line is lost before."""
        self._calls += 1
        call = CallId(self._calls)
        request = make(call)
        now = self._asked_at = trio.current_time()
        self._owed[call] = (now, request.reply(), answered)
        self._outbox.put(request)
        return call

    async def listen(self) -> None:
        """Hear answers until it ends, which is always raised as LineLost or worse."""
        while True:
            for message in await self._receive():
                self._hear(message)

    async def keep_alive(self) -> None:
        """Ping when nothing else is said; give a silent or stingy side up."""
        while True:
            await trio.sleep(KEEP_ALIVE_S / 2)
            now = trio.current_time()
            oldest = next(iter(self._owed.values()), None)
            if now - self._heard_at > SILENCE_S:
                raise LineLost
            if oldest is not None and now - oldest[0] > PATIENCE_S:
                raise LineLost
            if now - self._asked_at >= KEEP_ALIVE_S:
                self.ask(lambda call: Ping(call=call), lambda _: None)

    def part(self) -> None:
        """Nothing more will be asked."""
        self._outbox.put_raw(self._websocket.close())
        self._outbox.end()

    async def _next_message(self) -> bytes:
        """The one that is due, alone."""
        messages: list[bytes] = []
        while not messages:
            messages = await self._receive()
        if len(messages) > 1:
            raise RemoteProtocolError("more than was asked for")
        return messages[0]

    async def _receive(self) -> list[bytes]:
        talking = self._websocket.open
        data = b"" if self._closed else await self._stream.receive_some(RECEIVE_BYTES)
        if not data:
            raise LineLost
        self._heard_at = trio.current_time()
        messages = self._websocket.hear(bytes(data))
        self._outbox.put_raw(self._websocket.to_send())
        self._closed = talking and not self._websocket.open
        return messages

    def _hear(self, message: bytes) -> None:
        for heard in codec.load(message, Side.RELAY):
            match heard:
                case Reply():
                    self._settle(heard)
                case Farewell():
                    raise LineLost(heard.retry_ms / 1000)
                case Told():
                    self.on_told(heard)
                case Notice():
                    raise RemoteProtocolError("a notice nobody asked for")
                case _:
                    pass

    def _settle(self, reply: Reply) -> None:
        _, expected, answered = self._owed.pop(reply.call, (0.0, Done, None))
        if answered is None or not isinstance(reply, Refused | expected):
            raise RemoteProtocolError("an answer to another question")
        answered(reply)


def _nobody_asked(told: Told) -> None:
    raise RemoteProtocolError("a notice nobody asked for")
