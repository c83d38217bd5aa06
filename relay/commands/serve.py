"""``aside-relay serve``: until SIGTERM or SIGINT."""

from __future__ import annotations

import errno
import gc
import logging
import shutil
import signal
import socket
import sys
import time
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import asynccontextmanager, contextmanager

import trio

from protocol.keys import Secret
from relay import certificate, logs, strings
from relay.certificate import Certificates
from relay.commands.damage import look_for_damage
from relay.config import Settings
from relay.control.desk import Desk
from relay.control.listening import answering, open_socket
from relay.errors import (
    CannotListen,
    ExpiredCertificate,
    NotOurAddress,
    PortForbidden,
    PortTaken,
)
from relay.folder import Folder
from relay.front.page import Front
from relay.monitor.metrics import Metrics
from relay.monitor.port import Monitor
from relay.practices import declare
from relay.server import Relay, serve_relay, wall_ms
from relay.store import database
from relay.store.ballast import give_way
from relay.store.committing import CommittingThread
from relay.store.timing import CommitTimes
from relay.two_hops.calling import NetworkCaller

_log = logging.getLogger(__name__)

STOP = (signal.SIGTERM, signal.SIGINT)
# Not on Windows, where the files are looked at once a minute only.
RENEW = (signal.SIGHUP,) if sys.platform != "win32" else ()
BACKLOG = 1024
_WHY: dict[int | None, type[CannotListen]] = {
    errno.EADDRINUSE: PortTaken,
    errno.EADDRNOTAVAIL: NotOurAddress,
    errno.EACCES: PortForbidden,
}
# The committing thread and the loop share one interpreter lock; at the default of 5 ms each
# would wait too long for the other under load.
SWITCH_S = 0.001
LOOK_FOR_CIRCLES = (20_000, 10, 10)


def serve(folder: Folder, say: Callable[[str], None]) -> None:
    """Serve this folder; ``say`` prints at once."""
    settings = folder.settings()
    folder.still_here()
    seed = folder.seed()
    certificates = folder.certificates(settings)
    if settings.tls.certificate:
        public = folder.path / settings.tls.certificate
        starts_ms, ends_ms = certificate.lasts(public)
        if not starts_ms <= wall_ms() <= ends_ms:
            raise ExpiredCertificate(str(public), str(folder.path))
    # Even the lock needs a little room.
    give_way(folder.path)
    with folder.lock():
        # Opened once before anything runs, so that a store that cannot be used is told at once.
        look_for_damage(folder)
        database.open_writer(folder.store_path).close()
        logs.start(settings.log.form)
        sys.setswitchinterval(SWITCH_S)
        _allow_many_connections()
        with open_socket(folder.path) as control, _few_looks_for_circles():
            trio.run(_serve, folder, settings, seed, certificates, control, say)


@contextmanager
def _few_looks_for_circles() -> Generator[None]:
    """What is here stays, and what requests leave behind goes by itself; under load Python would
    look through it after every fiftieth of them."""
    before = gc.get_threshold()
    gc.collect()
    gc.freeze()
    gc.set_threshold(*LOOK_FOR_CIRCLES)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()


async def _serve(
    folder: Folder,
    settings: Settings,
    seed: Secret,
    certificates: Certificates,
    control: socket.socket,
    say: Callable[[str], None],
) -> None:
    stopping = trio.Event()
    house = settings.house
    house.door.shut = folder.is_draining()
    sealing = folder.sealing(wall_ms())
    storage = CommittingThread(folder.store_path, CommitTimes(time.perf_counter))
    declared = declare(seed, house, settings.community)
    host, port = settings.listen
    with trio.open_signal_receiver(*STOP, *RENEW) as signals:
        listeners = await _listen(host, port or folder.last_port(), chosen=port != 0)
        real_port: int = listeners[0].socket.getsockname()[1]
        address = folder.address_at(settings, real_port)
        front = Front(declared, address)
        federation = settings.federation
        relay = Relay(
            house,
            storage,
            seed,
            sealing=sealing,
            declared=declared,
            front=front,
            connect=NetworkCaller(private=house.federation.private, proxy=federation.proxy),
        )
        desk = Desk(folder, relay, storage, house.door)
        async with (
            _beside(folder, settings, relay, certificates),
            answering(control, desk.handle),
            trio.open_nursery() as nursery,
        ):
            await nursery.start(serve_relay, relay, listeners, certificates.current, stopping)
            folder.note_port(real_port)
            _log.info(strings.LOG_STARTED)
            say(strings.LISTENING.format(address=address))
            async for each in signals:
                if each in STOP:
                    break
                await trio.to_thread.run_sync(certificates.look)
            _log.info(strings.LOG_STOPPING)
            stopping.set()
    _log.info(strings.LOG_STOPPED)


@asynccontextmanager
async def _beside(
    folder: Folder, settings: Settings, relay: Relay, certificates: Certificates
) -> AsyncGenerator[None]:
    """What goes on until everybody has gone: a look at the certificate's files now and then, and
    this machine's own port, if there is to be one."""
    at = settings.watched_at
    listeners = [] if at is None else await _listen(*at, chosen=True, setting="metrics.listen")
    monitor = Monitor(relay, Metrics(relay, lambda: shutil.disk_usage(folder.path).free))
    async with trio.open_nursery() as nursery:
        nursery.start_soon(certificates.watch)
        if listeners:
            nursery.start_soon(trio.serve_listeners, monitor.serve_stream, listeners)
        yield
        nursery.cancel_scope.cancel()


async def _listen(
    host: str, port: int, *, chosen: bool, setting: str = "relay.listen"
) -> list[trio.SocketListener]:
    """There; where nobody chose the port, at another one if this one is taken.

    Raises CannotListen, or which kind of it, if the system tells.
    """
    try:
        return await trio.open_tcp_listeners(port, host=host, backlog=BACKLOG)
    except OSError as exc:
        if chosen or not port:
            raise why_not(exc)(f"{host}:{port}", setting) from exc
    return await _listen(host, 0, chosen=False, setting=setting)


def why_not(exc: OSError) -> type[CannotListen]:
    """As far as the system tells."""
    # A name that nobody knows is no address either; its numbers are others.
    return NotOurAddress if isinstance(exc, socket.gaierror) else _WHY.get(exc.errno, CannotListen)


def _allow_many_connections() -> None:
    if sys.platform != "win32":
        import resource  # noqa: PLC0415

        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
