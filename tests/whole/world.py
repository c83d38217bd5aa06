"""A small world in one process: relays, desktops, lines between them, and a clock of its own.

Memory streams instead of sockets, a virtual clock instead of waiting, a switch for every line.
The relays and engines are the real ones; so are the vaults and their fsync.
"""

from __future__ import annotations

import random
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias, TypeVar

import pytest
import trio
import trio.testing
from msgspec.structs import replace
from trio._core import _run  # pyright: ignore[reportPrivateUsage]

from desktop.core.events import Event
from desktop.core.models import Kind, Message
from desktop.core.nearness import Nearness
from desktop.core.proxy import Proxy
from desktop.engine.composition import Composition
from desktop.engine.engine import Engine, open_engine
from desktop.engine.ground import Ground
from desktop.engine.lines.connector import Connector, Pipe, ProxySilent, TooNear
from desktop.engine.timings import Timings
from desktop.store import relays
from desktop.store.header import Cost
from desktop.store.threads import InLoop, Threads
from protocol.ids import ConversationId, Fingerprint, MailboxId, MemberId
from protocol.keys import Secret, public_key
from protocol.wire.address import RelayAddress
from protocol.wire.handshake import fingerprint
from relay import blobs, connection, server
from relay.practices import Declared
from relay.rules.limits import House
from relay.rules.records import Capability, Waiting
from relay.server import Relay
from relay.store.memory import MemoryStore
from relay.store.storage import Inline, Storage
from relay.two_hops.calling import Call
from relay.two_hops.sealing import Sealing, new_sealing_key

T = TypeVar("T")
_LOOP_OF_THIS_THREAD = _run.GLOBAL_RUN_CONTEXT
Stapled: TypeAlias = trio.StapledStream[
    trio.testing.MemorySendStream, trio.testing.MemoryReceiveStream
]

CHEAP = Cost(ops=1, memory=8192)
EPOCH_MS = 1_795_000_000_000
PASSPHRASE = "four kilns and a slow river"


def _as_it_is(stream: trio.abc.Stream) -> trio.abc.Stream:
    """A relay that says what it says."""
    return stream


async def _unchanging(changed: Callable[[], None]) -> None:
    """A network that stays as it is."""
    await trio.sleep_forever()


@dataclass
class Place:
    """A relay that can be switched off and come back with what it had on disk."""

    world: World
    host: str
    store: MemoryStore = field(default_factory=MemoryStore)
    house: House = field(default_factory=lambda: House(open=True))
    seed: Secret = field(default_factory=lambda: Secret(random.Random(7).randbytes(32)))
    storage: Callable[[MemoryStore], Storage] = Inline
    relay: Relay | None = None
    declared: Declared | None = None  # in place of what follows from the house
    nearness: Nearness = Nearness.FAR  # of what its name leads to
    scope: trio.CancelScope = field(default_factory=trio.CancelScope)
    streams: list[trio.abc.Stream] = field(default_factory=list[trio.abc.Stream])
    sealing: Sealing = field(init=False)
    called: list[str] = field(default_factory=list[str])  # the relays that it called

    def __post_init__(self) -> None:
        self.sealing = Sealing(self.seed, [new_sealing_key(1)])

    @property
    def address(self) -> RelayAddress:
        """Where it is, whether on or off."""
        return RelayAddress(self.host, 7443, fingerprint(public_key(self.seed)))

    async def on(self) -> None:
        """Serve."""
        relay = Relay(
            self.house,
            self.storage(self.store),
            self.seed,
            sealing=self.sealing,
            declared=self.declared,
            connect=self._call,
            now=lambda: self.world.now(self.host),
            rng=self.world.random.randbytes,
        )
        self.scope = trio.CancelScope()
        await self.world.nursery.start(self._run, relay)
        self.relay = relay  # who calls before is told that nobody answers

    async def _run(
        self, relay: Relay, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED
    ) -> None:
        with self.scope:
            await relay.run(task_status=task_status)

    async def _call(self, address: RelayAddress) -> Call:
        """Another relay, as this one reaches it: never what stands in a network of its own."""
        await trio.lowlevel.checkpoint()
        place = self.world.places.get(address.host)
        self.called.append(address.host)
        between = self.world.between(self.host, address.host)
        if place is None or place.relay is None or self.world.apart(self.host, address.host):
            raise OSError("nobody answers")
        if place.nearness > self.nearness:
            raise OSError("no address that may be called")
        ours, theirs = trio.testing.memory_stream_pair()
        place.streams += [ours, theirs]
        self.streams += [ours, theirs]
        self.world.nursery.start_soon(place.relay.serve_stream, theirs)
        between.connected.append(trio.current_time())
        return Call(Through(ours, between))

    async def off(self) -> None:
        """Pull the plug: every line breaks, nothing is said."""
        self.relay = None
        self.scope.cancel()
        for stream in self.streams:
            await trio.aclose_forcefully(stream)
        self.streams.clear()

    def waiting_for(self, desktop: Desktop) -> list[tuple[Waiting, Capability, int]]:
        """What waits in somebody's mailbox: to be looked at, and for a cheat to lay hands on."""
        mailbox = desktop.mailbox_at(self)
        return self.store.envelopes.queues.setdefault(mailbox, [])


@dataclass
class Weather:
    """What a line has to bear."""

    world: World
    latency_s: float = 0.0
    loss: float = (
        0.0  # of what is sent, each time: it is sent again after a while, then after twice
    )
    deaf: bool = False  # half-open: what is sent goes nowhere, and nobody says so

    def delay_s(self) -> float:
        """How long the next piece takes one way, as TCP sends it."""
        delay, patience = self.latency_s, 3.0 * self.latency_s
        while self.loss and self.world.random.random() < self.loss:
            delay, patience = delay + patience, 2.0 * patience
        return delay


@dataclass
class Between(Weather):
    """The lines between two relays."""

    connected: list[float] = field(default_factory=list[float])  # when


@dataclass
class Wire(Weather):
    """One desktop's network: a connector whose line can be cut."""

    cut: bool = False
    opened: int = 0
    asked: list[str] = field(default_factory=list[str])  # hosts it was sent to, directly
    proxied: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])  # and otherwise
    proxy_down: bool = False
    streams: list[Stapled] = field(default_factory=list[Stapled])
    # What stands in front of the lines that are opened from now on: see tests.whole.crooked.
    over: Callable[[trio.abc.Stream], trio.abc.Stream] = _as_it_is

    async def connect(self, address: RelayAddress, nearest: Nearness) -> Pipe:
        """A stream to the relay that serves at this address."""
        self.asked.append(address.host)
        return await self.reach(address, nearest)

    async def reach(self, address: RelayAddress, nearest: Nearness) -> Pipe:
        """The same, whoever dialled."""
        place = self.world.places.get(address.host)
        if self.cut or place is None or place.relay is None:
            await trio.lowlevel.checkpoint()
            raise OSError("nobody answers")
        if place.nearness > nearest:
            raise TooNear
        await trio.sleep(self.latency_s)
        ours, theirs = trio.testing.memory_stream_pair()
        self.opened += 1
        self.streams.append(ours)
        place.streams.append(theirs)
        self.world.nursery.start_soon(place.relay.serve_stream, theirs)
        return Pipe(self.over(Through(ours, self)), nearness=place.nearness)

    def through(self, proxy: Proxy, purpose: str) -> Connector:
        """The same wire; whoever went through a proxy is noted as such."""
        return Proxied(self, purpose)

    async def off(self) -> None:
        """Cut the line."""
        self.die()
        await trio.lowlevel.checkpoint()

    def die(self) -> None:
        """Cut it in the middle of whatever is going on."""
        self.cut = True
        for stream in self.streams:
            stream.send_stream.close()
            stream.receive_stream.close()
        self.streams.clear()

    def on(self) -> None:
        """Mend it."""
        self.cut = False


@dataclass
class Proxied:
    """What stands behind a proxy, by the wire of whoever uses it."""

    wire: Wire
    purpose: str

    async def connect(self, address: RelayAddress, nearest: Nearness) -> Pipe:
        """Through the proxy if it is there, and not at all otherwise."""
        self.wire.proxied.append((self.purpose, address.host))
        if self.wire.proxy_down:
            await trio.lowlevel.checkpoint()
            raise ProxySilent
        return await self.wire.reach(address, nearest)


class Through(trio.abc.Stream):
    """A stream as slow, or as deaf, as its wire is."""

    def __init__(self, inner: trio.abc.Stream, wire: Weather) -> None:
        self._inner = inner
        self._wire = wire

    async def send_all(self, data: bytes | bytearray | memoryview) -> None:
        await trio.sleep(self._wire.delay_s())
        if not self._wire.deaf:
            await self._inner.send_all(data)

    async def wait_send_all_might_not_block(self) -> None:
        await self._inner.wait_send_all_might_not_block()

    async def receive_some(self, max_bytes: int | None = None) -> bytes | bytearray:
        data = await self._inner.receive_some(max_bytes)
        await trio.sleep(self._wire.delay_s())
        if self._wire.deaf:
            await trio.sleep_forever()
        return data

    async def aclose(self) -> None:
        await self._inner.aclose()


class Killed(Exception):
    """The process is no more."""


class Apart(InLoop):
    """Work has a thread of its own as in the product, and the loop stands still meanwhile: what
    asks trio for something from there fails in a story as it would fail for a member.

    There is no thread: handing the work over and back costs more than most of it takes. Trio
    knows by an entry of this thread that it runs here, and the work is done without that entry.
    """

    async def run(self, work: Callable[[], T], limiter: trio.CapacityLimiter | None = None) -> T:
        return await super().run(lambda: _without_trio(work), limiter)


def _without_trio(work: Callable[[], T]) -> T:
    here = vars(_LOOP_OF_THIS_THREAD)
    kept = here.copy()
    here.clear()
    try:
        return work()
    finally:
        here.update(kept)


class Mortal(Apart):
    """Threads of a process that is killed at its ``at``-th commit, just before or just after it.

    Nothing is written, sent or received afterwards: that is what sets it apart from an ending.
    """

    def __init__(self, at: int, *, after: bool) -> None:
        self.at = at
        self._left = at
        self._after = after
        self.dead = False
        self.wire: Wire | None = None

    async def run(self, work: Callable[[], T], limiter: trio.CapacityLimiter | None = None) -> T:
        if limiter is None:  # reading, and closing the file's handle as the system would
            return await super().run(work)
        self._left -= 1
        if self._left > 0 and not self.dead:
            return await super().run(work, limiter)
        if self._left == 0 and self._after:
            await super().run(work, limiter)
        self.dead = True
        if self.wire is not None:
            self.wire.die()
        raise Killed


@dataclass
class Desktop:
    """Somebody's desktop."""

    name: str
    engine: Engine
    wire: Wire
    folder: Path
    heard: list[Event] = field(default_factory=list[Event])
    mailboxes: dict[Fingerprint, MailboxId] = field(default_factory=dict[Fingerprint, MailboxId])

    async def texts(self, conversation: ConversationId) -> list[str]:
        """What stands in a conversation, as one would read it out."""
        return [_read_out(one) for one in await self.engine.message_list(conversation, limit=1000)]

    @property
    def ground(self) -> Ground:
        """What the open profile stands on; for whoever means harm, and for a look at the disk."""
        return self.engine._open_now.ground  # pyright: ignore[reportPrivateUsage]

    def mailbox_at(self, place: Place) -> MailboxId:
        """The name of one's own mailbox there."""
        return self.mailboxes[place.address.fingerprint]

    async def learn_mailboxes(self) -> None:
        """Look up what the mailboxes are called."""
        for relay in await self.ground.vault.read(relays.every):
            self.mailboxes[relay.relay_id] = relay.mailbox

    async def count(self, table: str) -> int:
        """How many rows a table has."""
        rows = await self.ground.vault.read(
            lambda db: db.execute(f"SELECT count(*) FROM {table}").fetchone()
        )
        return int(rows[0])

    async def states(self, conversation: ConversationId) -> list[str]:
        """The states of one's own messages."""
        rows = await self.engine.message_list(conversation, limit=1000)
        return [one.state.value for one in rows if one.mine]


def _read_out(message: Message) -> str:
    if message.kind is Kind.TEXT:
        return message.text
    cause = "" if message.cause is None else f" {message.cause.value}"
    return f"<{message.kind.value}{cause}>"


@dataclass
class World:
    """Everything there is."""

    nursery: trio.Nursery
    folder: Path
    clock: trio.testing.MockClock
    random: random.Random
    places: dict[str, Place] = field(default_factory=dict[str, Place])
    timings: Timings = field(default_factory=Timings)
    # Whether people show that they are there: on in the product, but a story of days in which
    # that matters to nobody would be spent on saying it.
    presence: bool = False
    parted: set[frozenset[str]] = field(default_factory=set[frozenset[str]])
    lines: dict[frozenset[str], Between] = field(default_factory=dict[frozenset[str], Between])
    ahead_ms: dict[str, int] = field(default_factory=dict[str, int])
    watch_network: Callable[[Callable[[], None]], Awaitable[None]] = _unchanging
    weigh: Callable[[str], int] = len  # passphrases: the estimator costs more than a whole story

    def apart(self, one: str, other: str) -> bool:
        """Whether two relays cannot reach each other."""
        return frozenset((one, other)) in self.parted

    def between(self, one: str, other: str) -> Between:
        """The lines between two relays."""
        return self.lines.setdefault(frozenset((one, other)), Between(self))

    async def part(self, *pairs: tuple[str, str]) -> None:
        """Cut relays off from each other."""
        self.parted |= {frozenset(pair) for pair in pairs}
        for host in {host for pair in pairs for host in pair}:
            for stream in self.places[host].streams:
                await trio.aclose_forcefully(stream)
            self.places[host].streams.clear()

    def now(self, whose: str = "") -> int:
        """The world's time, as somebody's wall clock shows it."""
        right = EPOCH_MS + int(self.clock.current_time() * 1000)
        return right + self.ahead_ms.get(whose, 0)

    async def relay(
        self,
        host: str = "lindenhof.example",
        *,
        house: House | None = None,
        storage: Callable[[MemoryStore], Storage] = Inline,
    ) -> Place:
        """A relay that serves."""
        place = Place(
            self,
            host,
            house=house or House(open=True),
            seed=Secret(self.random.randbytes(32)),
            storage=storage,
        )
        self.places[host] = place
        await place.on()
        return place

    def composition(self, name: str, wire: Wire, threads: Threads) -> Composition:
        """What the engine of somebody's desktop is given."""
        return Composition(
            network=wire,
            now=lambda: self.now(name),
            rng=self.random.randbytes,
            chance=self.random.random,
            threads=threads,
            cost=CHEAP,
            weigh=self.weigh,
            timings=self.timings,
            watch_network=self.watch_network,
        )

    @asynccontextmanager
    async def desktop(
        self, name: str, *, at: Place | None = None, threads: Mortal | None = None
    ) -> AsyncGenerator[Desktop]:
        """A desktop with a profile, made if it is not there; with a mailbox at a relay."""
        wire = Wire(self)
        home = self.folder / name
        if threads is not None:
            threads.wire = wire
        async with open_engine(home, self.composition(name, wire, threads or Apart())) as engine:
            desktop = Desktop(name, engine, wire, home)
            engine.listen(desktop.heard.append)
            if (await engine.profile_state()).value == "none":
                await engine.profile_create(name, PASSPHRASE)
                if not self.presence:
                    await engine.presence_set(presence=False, typing=False)
                if at is not None:
                    await engine.relay_add(str(at.address))
            else:
                await engine.profile_unlock(PASSPHRASE)
            await desktop.learn_mailboxes()
            yield desktop


async def befriend(world: World, alice: Desktop, bob: Desktop) -> ConversationId:
    """Bob uses Alice's link; both know each other when this returns."""
    link = await alice.engine.contact_invite()
    accepted = await bob.engine.contact_accept(link)
    await trio.sleep(10)
    assert not (await bob.engine.contact_show(accepted.contact_id)).pending
    return accepted.conversation_id


async def member(desktop: Desktop) -> MemberId:
    """Who somebody is."""
    return (await desktop.engine.profile_show()).member_id


def breathing_slowly(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """For stories of days in which no line goes silent: twenty thousand pings tell nothing, nor
    does what everybody looks after each few minutes."""
    hour = 3600.0
    world.timings = replace(world.timings, ping=hour, upkeep=hour, answers_again=hour)
    monkeypatch.setattr(connection, "SILENCE_S", 2 * hour)
    monkeypatch.setattr(server, "HOUSEKEEPING_S", hour)
    monkeypatch.setattr(blobs, "CLEAR_EACH_S", hour)


def hurried(timings: Timings, **changed: float) -> Timings:
    """The same delays, some of them shorter."""
    return replace(timings, **changed)
