"""A relay at work: connections over any stream, a store behind them, days that pass.

``Relay`` knows neither sockets nor files; ``serve_relay`` gives it listeners. Tests run it in
their own process over memory streams, with a store in memory and a virtual clock:

    relay = Relay(House(open=True), Inline(MemoryStore()), seed, now=..., rng=...)
    await nursery.start(relay.run)
    nursery.start_soon(relay.serve_stream, stream)
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable, Sequence

import trio
from msgspec.structs import replace

from protocol.ids import Fingerprint
from protocol.keys import Rng, Secret, public_key
from protocol.wire.frames import Reason
from protocol.wire.handshake import fingerprint
from relay import faults, strings
from relay.blobs import Blobs
from relay.certificate import Served
from relay.connection import Connection
from relay.counters import Pattern, Turned
from relay.fleeting.passes import Vouching
from relay.fleeting.presence import Presence
from relay.fleeting.signals import Signals
from relay.neighbours import Neighbour, Neighbours, Place, place_of
from relay.outbox import Flusher
from relay.pages import Page
from relay.pipe import SocketPipe
from relay.practices import Community, Declared, declare
from relay.premises import Premises
from relay.rooms.hall import Hall
from relay.rules.clock import Clock, Now
from relay.rules.limits import House
from relay.rules.parting import retry_ms
from relay.rules.slots import Slots
from relay.rules.store import Store
from relay.store.storage import Storage
from relay.switchboard import Switchboard
from relay.tls_pipe import TlsPipe
from relay.two_hops.calling import Connect, NetworkCaller
from relay.two_hops.forwarder import Forwarder
from relay.two_hops.handed_in import HandedIn
from relay.two_hops.opener import Opener
from relay.two_hops.peer_line import Myself
from relay.two_hops.sealing import Sealing, new_sealing_key
from relay.two_hops.shared import Means
from relay.websocket import no_page

_log = logging.getLogger(__name__)

HOUSEKEEPING_S = 60.0
PROBE_S = 5.0
PARTING_S = 4.0


def wall_ms() -> int:
    """Milliseconds since 1970 UTC."""
    return time.time_ns() // 1_000_000


class Relay:
    """One relay; ``certificate`` is the hash of what its connections are served with, unless each
    says for itself. ``declared`` is what it says of itself, ``front`` what a browser gets.

    Without ``sealing`` it makes a key that nobody keeps; ``connect`` calls other relays.
    """

    def __init__(
        self,
        house: House,
        storage: Storage,
        seed: Secret,
        certificate: bytes = b"",
        *,
        sealing: Sealing | None = None,
        connect: Connect | None = None,
        now: Callable[[], int] = wall_ms,
        rng: Rng = os.urandom,
        declared: Declared | None = None,
        front: Callable[[str], Page | None] = no_page,
    ) -> None:
        self.fingerprint: Fingerprint = fingerprint(public_key(seed))
        self._wall_ms = now
        self._clock: Clock | None = None
        self._warned = False
        self._connections: set[Connection] = set()
        self._empty = trio.Event()
        self.stopping = False
        neighbours = Neighbours(house.limits, rng)
        self._certificate = certificate
        self._front = front
        sealing = sealing or Sealing(seed, [new_sealing_key(now())])
        federation = replace(house.federation, own=self.fingerprint)
        connect = connect or NetworkCaller(private=federation.private)
        handed_in, flusher, switchboard = HandedIn(), Flusher(), Switchboard()
        limits = house.limits
        myself = Myself(seed, rng)
        means = Means(storage, connect, federation, myself, self._now, flusher, handed_in.tell)
        self.premises = Premises(
            replace(house, federation=federation),
            storage,
            seed,
            sealing,
            self._now,
            rng,
            neighbours,
            Opener(sealing),
            Forwarder(means),
            handed_in,
            flusher,
            Blobs(storage, self._now, house.limits.min_free),
            declared or declare(seed, house, Community()),
            switchboard,
            Presence(Slots(limits.slots), limits.watches, self._now),
            Signals(storage, switchboard, self._now),
            Vouching(storage, self._now, rng),
            Hall(storage, seed, self._now),
        )

    async def run(self, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        """The store and the housekeeping, until cancelled; started before the first stream."""
        premises = self.premises
        async with trio.open_nursery() as nursery:
            last: Now | None = await nursery.start(
                premises.storage.run, premises.house, premises.switchboard.ring
            )
            nursery.start_soon(premises.flusher.run)
            nursery.start_soon(premises.entrance.run)
            nursery.start_soon(premises.readiness.run)
            nursery.start_soon(premises.opener.run)
            self._clock = Clock(last, self._wall_ms(), _steady_ms())
            nursery.start_soon(premises.blobs.run)
            nursery.start_soon(premises.forwarder.run)
            nursery.start_soon(premises.presence.run)
            nursery.start_soon(premises.hall.run)
            task_status.started()
            while True:
                now = self._now()
                premises.storage.keep_house(now)
                for each in (premises.neighbours, premises.vouching, premises.signals):
                    each.forget_some(now.age_ms)
                premises.forwarder.forget_some(now.age_ms)
                self._watch_clock()
                await trio.sleep(HOUSEKEEPING_S)

    async def serve_stream(
        self,
        stream: trio.abc.Stream,
        place: Place | None = None,
        certificate: bytes | None = None,
    ) -> None:
        """One connection, from its first byte; closes the stream. Never raises for it.

        ``certificate`` is the hash of the one this very connection is served with, if not always
        the same.
        """
        premises = self.premises
        neighbour = self._let_in(place)
        if neighbour is None:
            await trio.aclose_forcefully(stream)
            return
        served = self._certificate if certificate is None else certificate
        connection = Connection(stream, premises, neighbour, served, self._front, place)
        self._connections.add(connection)
        try:
            await connection.serve()
        except Exception as exc:  # noqa: BLE001
            # A bug met by one desktop must not end the relay for all others.
            _log.critical(strings.LOG_BUG, faults.place(exc))
            premises.counters.bugs += 1
        finally:
            self._connections.discard(connection)
            now_ms = self._now().age_ms
            premises.neighbours.leave(neighbour, now_ms, greeted=connection.greeted)
            if not self._connections:
                self._empty.set()

    @property
    def connections(self) -> int:
        """How many there are now."""
        return len(self._connections)

    async def is_ready(self) -> bool:
        """Whether something could be written and committed right now, and is not about to end."""
        answered = trio.Event()
        written: list[bool | None] = []

        def hear(done: bool | None) -> None:
            written.append(done)
            answered.set()

        if self._clock is not None and not self.stopping:
            now = self._now()
            self.premises.storage.errand(lambda store: _write(store, now), hear)
            with trio.move_on_after(PROBE_S):
                await answered.wait()
        ready = bool(written and written[0]) and self.premises.storage.figures().takes
        return ready and not self.stopping

    async def stop(self) -> None:
        """Farewell to everybody; returns when all have gone. They come back one by one."""
        self.stopping = True
        everybody = list(self._connections)
        for connection in everybody:
            connection.stop(Reason.TRY_LATER, retry_ms(len(everybody), self.premises.rng))
        with trio.move_on_after(PARTING_S):
            while self._connections:
                self._empty = trio.Event()
                await self._empty.wait()

    def _let_in(self, place: Place | None) -> Neighbour | None:
        counters = self.premises.counters
        if self.stopping:
            counters.turned_away[Turned.STOPPING] += 1
        elif len(self._connections) >= self.premises.house.limits.connections:
            counters.turned_away[Turned.FULL] += 1
        elif (neighbour := self.premises.neighbours.come(place, self._now().age_ms)) is not None:
            return neighbour
        else:
            counters.turned_away[Turned.PLACE] += 1
            counters.suspicious[Pattern.MANY_FROM_ONE_ADDRESS] += 1
        return None

    def _now(self) -> Now:
        assert self._clock is not None, "not running"
        return self._clock.read(self._wall_ms(), _steady_ms())

    def _watch_clock(self) -> None:
        assert self._clock is not None
        if self._clock.suspended and not self._warned:
            _log.warning(strings.LOG_CLOCK)
        self._warned = self._clock.suspended


async def serve_relay(
    relay: Relay,
    listeners: Sequence[trio.abc.Listener[trio.SocketStream]],
    served: Callable[[], Served],
    stopping: trio.Event,
    *,
    task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED,
) -> None:
    """Accept connections until ``stopping``, then part from all of them in order.

    ``served`` is asked for each connection: certificates change while a relay serves.
    """

    async def serve(stream: trio.SocketStream) -> None:
        try:
            place = place_of(stream.socket.getpeername()[0])
        except OSError:
            # Gone before it was taken.
            await trio.aclose_forcefully(stream)
            return
        now, readiness = served(), relay.premises.readiness
        try:
            pipe = (
                SocketPipe(stream, readiness)
                if now.context is None
                else TlsPipe(stream, now.context, readiness)
            )
        except OSError:
            # Gone as well; the socket went with it.
            return
        await relay.serve_stream(pipe, place, now.hash)

    async with trio.open_nursery() as nursery:
        await nursery.start(relay.run)
        async with trio.open_nursery() as accepting:
            accepting.start_soon(_accept, serve, listeners, nursery)
            task_status.started()
            await stopping.wait()
            accepting.cancel_scope.cancel()
        await relay.stop()
        nursery.cancel_scope.cancel()


async def _accept(
    serve: Callable[[trio.SocketStream], object],
    listeners: Sequence[trio.abc.Listener[trio.SocketStream]],
    nursery: trio.Nursery,
) -> None:
    await trio.serve_listeners(serve, list(listeners), handler_nursery=nursery)  # type: ignore[arg-type]


def _write(store: Store, now: Now) -> bool:
    store.save_moment(now)
    return True


def _steady_ms() -> int:
    return int(trio.current_time() * 1000)
