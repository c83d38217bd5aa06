"""Several relays in one process, on one virtual clock, that call each other over memory streams.

A relay can be off and come back with what it had on disk; each counts who called it.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest
import trio
import trio.testing

from protocol.ids import CallId, EnvelopeId
from protocol.keys import Secret, public_key
from protocol.wire import frames
from protocol.wire.address import RelayAddress
from protocol.wire.card import read_card
from protocol.wire.frames import Accepted, Answer, Answered, CardBody, Deposit, Forward, Reply
from protocol.wire.handshake import agree, fingerprint, hello
from protocol.wire.packet import hash_of, open_answer, seal_packet, ticket_of
from relay import blobs, server
from relay.rules.limits import House
from relay.server import Relay
from relay.store.memory import MemoryStore
from relay.store.storage import Inline, Storage
from relay.two_hops.calling import Call
from relay.two_hops.sealing import Sealing, new_sealing_key
from tests.relay.caller import WALL_MS, Caller, Line, some_bytes

ANSWER_KEY = Secret(b"a" * 32)


@dataclass
class Post:
    """One relay of the town."""

    town: Town
    host: str
    seed: Secret
    house: House = field(default_factory=lambda: House(open=True))
    store: MemoryStore = field(default_factory=MemoryStore)
    storage: Callable[[MemoryStore], Storage] = Inline
    sealing: Sealing = field(init=False)
    relay: Relay | None = None
    calls: list[float] = field(default_factory=list[float])
    streams: list[trio.abc.Stream] = field(default_factory=list[trio.abc.Stream])
    certificate: bytes = b""
    shown: bytes = b""
    scope: trio.CancelScope = field(default_factory=trio.CancelScope)
    ended: trio.Event = field(default_factory=trio.Event)

    def __post_init__(self) -> None:
        self.sealing = Sealing(self.seed, [new_sealing_key(1)])

    @property
    def address(self) -> RelayAddress:
        return RelayAddress(self.host, 7443, fingerprint(public_key(self.seed)))

    async def on(self) -> None:
        relay = Relay(
            self.house,
            self.storage(self.store),
            self.seed,
            self.certificate,
            sealing=self.sealing,
            connect=self.town.connect,
            now=lambda: WALL_MS + int(trio.current_time() * 1000),
            rng=some_bytes(len(self.host)),
        )
        self.scope, self.ended = trio.CancelScope(), trio.Event()
        await self.town.nursery.start(self._run, relay)
        self.relay = relay

    async def _run(
        self, relay: Relay, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED
    ) -> None:
        with self.scope:
            await relay.run(task_status=task_status)
        self.ended.set()

    async def off(self) -> None:
        """Pull the plug: every line breaks, nothing is said."""
        self.relay = None
        self.scope.cancel()
        await self.cut()
        await self.ended.wait()

    async def cut(self) -> None:
        """Break the lines it has."""
        for stream in self.streams:
            await trio.aclose_forcefully(stream)
        self.streams.clear()

    def accept(self) -> trio.abc.Stream:
        assert self.relay is not None
        ours, theirs = trio.testing.memory_stream_pair()
        self.streams += [theirs, ours]
        self.town.nursery.start_soon(self.relay.serve_stream, theirs)
        return ours

    async def caller(self, seed: int) -> Caller:
        line = Line(self.accept())
        await line.upgrade()
        said = hello(some_bytes(seed))
        await line.say(said)
        heard = await line.hear()
        assert heard is not None
        pinned = fingerprint(public_key(self.seed))
        return Caller(line, agree(said, heard, pinned, self.certificate), seed)

    def packet(self, number: int, capability: bytes) -> bytes:
        """A packet for this relay with a deposit in it."""
        return seal_packet(a_deposit(number, capability), self.card, ANSWER_KEY)

    @property
    def card(self) -> CardBody:
        sealing = self.sealing
        pinned = self.address.fingerprint
        return read_card(sealing.card_body, sealing.card_signature, pinned)

    @property
    def waiting(self) -> int:
        """Packets that wait here for other relays."""
        return len(self.store.packets.all)


class Town:
    """All of them."""

    def __init__(self, nursery: trio.Nursery) -> None:
        self.nursery = nursery
        self.posts: dict[str, Post] = {}
        self.slow_s = 0.0  # how long a call takes

    async def post(self, host: str, house: House | None = None) -> Post:
        seed = Secret(host.encode().ljust(32, b"."))
        post = self.posts[host] = Post(self, host, seed, house or House(open=True))
        await post.on()
        return post

    async def connect(self, address: RelayAddress) -> Call:
        await trio.sleep(self.slow_s)
        post = self.posts[address.host]
        post.calls.append(trio.current_time())
        if post.relay is None:
            raise OSError("nobody answers")
        return Call(post.accept(), post.shown)


HOUSE_KEPT_S = 600.0


@asynccontextmanager
async def open_town() -> AsyncGenerator[Town]:
    """Its relays keep their house six times an hour: a story of a week is not told for that."""
    with pytest.MonkeyPatch.context() as seldom:
        seldom.setattr(server, "HOUSEKEEPING_S", HOUSE_KEPT_S)
        seldom.setattr(blobs, "CLEAR_EACH_S", HOUSE_KEPT_S)
        async with trio.open_nursery() as nursery:
            yield Town(nursery)
            nursery.cancel_scope.cancel()


def a_deposit(number: int, capability: bytes) -> Deposit:
    return Deposit(
        call=CallId(0),
        capability=capability,
        envelope_id=EnvelopeId(number.to_bytes(16, "big")),
        body=number.to_bytes(4, "big") * 512,
    )


def secret_of(number: int) -> bytes:
    return b"ticket".ljust(16) + number.to_bytes(16, "big")


async def hand_in(by: Caller, number: int, packet: bytes, to: Post) -> Reply:
    """Forward it; the secret of its ticket follows from the number."""
    return await by.ask(
        Forward(
            call=by.call(),
            pass_secret=bytes(by.secret)[::-1],
            destination=str(to.address),
            ticket=ticket_of(secret_of(number)),
            packet=packet,
        )
    )


async def handed_in(by: Caller, number: int, packet: bytes, to: Post) -> None:
    assert isinstance(await hand_in(by, number, packet, to), Accepted)


async def answered(by: Caller) -> Answered:
    """The next thing said unasked is what became of a packet."""
    frame = await by.next()
    assert isinstance(frame, Answered)
    return frame


async def fetch(by: Caller, *numbers: int) -> frames.Answers:
    reply = await by.ask(
        frames.FetchAnswers(call=by.call(), secrets=tuple(map(secret_of, numbers)))
    )
    assert isinstance(reply, frames.Answers)
    return reply


async def kept(by: Caller, number: int) -> Answer:
    """The answer that waits for who handed it in."""
    found = (await fetch(by, number)).found
    assert len(found) == 1
    return found[0]


def said_in(answer: Answered | Answer, packet: bytes) -> Reply:
    return open_answer(answer.answer, ANSWER_KEY, hash_of(packet))
