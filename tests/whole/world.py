"""A small world in one process: relays, desktops, lines between them, and a clock of its own.

Memory streams instead of sockets, a virtual clock instead of waiting, a switch for every line.
The relays and engines are the real ones; so are the vaults and their fsync.
"""

from __future__ import annotations

import random
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import trio
import trio.testing

from desktop.core.events import Event
from desktop.core.models import Kind, Message
from desktop.engine.composition import Composition
from desktop.engine.connector import Pipe
from desktop.engine.engine import Engine, open_engine
from desktop.engine.timings import Timings
from desktop.store.header import Cost
from desktop.store.threads import InLoop
from protocol.ids import ConversationId, MemberId
from protocol.keys import Secret
from protocol.wire.address import RelayAddress
from relay.rules.limits import House
from relay.server import Relay
from relay.store.memory import MemoryStore
from relay.store.storage import Inline

CHEAP = Cost(ops=1, memory=8192)
EPOCH_MS = 1_795_000_000_000
PASSPHRASE = "four kilns and a slow river"


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
    relay: Relay | None = None
    scope: trio.CancelScope = field(default_factory=trio.CancelScope)
    streams: list[trio.abc.Stream] = field(default_factory=list[trio.abc.Stream])

    @property
    def address(self) -> RelayAddress:
        """Where it is, whether on or off."""
        relay = self.relay or Relay(self.house, Inline(self.store), self.seed)
        return RelayAddress(self.host, 7443, relay.fingerprint)

    async def on(self) -> None:
        """Serve."""
        self.relay = Relay(
            self.house,
            Inline(self.store),
            self.seed,
            now=self.world.now,
            rng=self.world.random.randbytes,
        )
        self.scope = trio.CancelScope()
        await self.world.nursery.start(self._run, self.relay)

    async def _run(
        self, relay: Relay, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED
    ) -> None:
        with self.scope:
            await relay.run(task_status=task_status)

    async def off(self) -> None:
        """Pull the plug: every line breaks, nothing is said."""
        self.relay = None
        self.scope.cancel()
        for stream in self.streams:
            await trio.aclose_forcefully(stream)
        self.streams.clear()


@dataclass
class Wire:
    """One desktop's network: a connector whose line can be cut."""

    world: World
    cut: bool = False
    streams: list[trio.abc.Stream] = field(default_factory=list[trio.abc.Stream])

    async def connect(self, address: RelayAddress) -> Pipe:
        """A stream to the relay that serves at this address."""
        place = self.world.places.get(address.host)
        if self.cut or place is None or place.relay is None:
            await trio.lowlevel.checkpoint()
            raise OSError("nobody answers")
        ours, theirs = trio.testing.memory_stream_pair()
        self.streams.append(ours)
        place.streams.append(theirs)
        self.world.nursery.start_soon(place.relay.serve_stream, theirs)
        return Pipe(ours)

    async def off(self) -> None:
        """Cut the line."""
        self.cut = True
        for stream in self.streams:
            await trio.aclose_forcefully(stream)
        self.streams.clear()

    def on(self) -> None:
        """Mend it."""
        self.cut = False


@dataclass
class Desktop:
    """Somebody's desktop."""

    name: str
    engine: Engine
    wire: Wire
    folder: Path
    heard: list[Event] = field(default_factory=list[Event])

    async def texts(self, conversation: ConversationId) -> list[str]:
        """What stands in a conversation, as one would read it out."""
        return [_read_out(one) for one in await self.engine.message_list(conversation, limit=1000)]

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
    skew_ms: int = 0

    def now(self) -> int:
        """The world's wall clock."""
        return EPOCH_MS + self.skew_ms + int(self.clock.current_time() * 1000)

    async def relay(self, host: str = "lindenhof.example") -> Place:
        """A relay that serves."""
        place = Place(self, host, seed=Secret(self.random.randbytes(32)))
        self.places[host] = place
        await place.on()
        return place

    @asynccontextmanager
    async def desktop(
        self, name: str, *, at: Place | None = None, folder: Path | None = None
    ) -> AsyncGenerator[Desktop]:
        """A desktop with a profile, made if it is not there; with a mailbox at a relay."""
        wire = Wire(self)
        home = folder or self.folder / name
        composition = Composition(
            connector=wire,
            now=self.now,
            rng=self.random.randbytes,
            chance=self.random.random,
            threads=InLoop(),
            cost=CHEAP,
            timings=self.timings,
            watch_network=_unchanging,
        )
        async with open_engine(home, composition) as engine:
            desktop = Desktop(name, engine, wire, home)
            engine.listen(desktop.heard.append)
            if (await engine.profile_state()).value == "none":
                await engine.profile_create(name, PASSPHRASE)
                if at is not None:
                    await engine.relay_add(str(at.address))
            else:
                await engine.profile_unlock(PASSPHRASE)
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


def hurried(timings: Timings, **changed: float) -> Timings:
    """The same delays, some of them shorter."""
    return replace(timings, **changed)  # type: ignore[arg-type]
