"""``aside-relay serve``: until SIGTERM or SIGINT."""

from __future__ import annotations

import logging
import signal
import socket
import ssl
import sys
import time
from collections.abc import Callable

import trio

from relay import certificate, logs, strings
from relay.config import Settings
from relay.control.desk import Desk
from relay.control.listening import answering, open_socket
from relay.errors import CannotListen, DamagedStore, ExpiredCertificate
from relay.folder import Folder
from relay.server import Relay, serve_relay, wall_ms
from relay.store import database
from relay.store.ballast import give_way
from relay.store.committing import CommittingThread
from relay.store.reading import seems_intact

_log = logging.getLogger(__name__)

BACKLOG = 1024
# A small store is seen whole in it, a large one is not waited for.
LOOK_S = 2.0
# The committing thread and the loop share one interpreter lock; at the default of 5 ms each
# would wait too long for the other under load.
SWITCH_S = 0.001


def serve(folder: Folder, say: Callable[[str], None]) -> None:
    """Serve this folder; ``say`` prints at once."""
    settings = folder.settings()
    folder.still_here()
    seed = folder.seed()
    tls: ssl.SSLContext | None = None
    hashed = b""
    if settings.tls.certificate:
        public = folder.path / settings.tls.certificate
        tls, hashed = certificate.load(public, folder.path / settings.tls.key)
        starts_ms, ends_ms = certificate.lasts(public)
        if not starts_ms <= wall_ms() <= ends_ms:
            raise ExpiredCertificate(str(public), str(folder.path))
    # Even the lock needs a little room.
    give_way(folder.path)
    with folder.lock():
        # Opened once before anything runs, so that a store that cannot be used is told at once.
        _look_for_damage(folder)
        database.open_writer(folder.store_path).close()
        logs.start()
        sys.setswitchinterval(SWITCH_S)
        _allow_many_connections()
        house = settings.house
        house.door.shut = folder.is_draining()
        storage = CommittingThread(folder.store_path)
        relay = Relay(house, storage, seed, hashed, sealing=folder.sealing(wall_ms()))
        desk = Desk(folder, relay, storage, house.door)
        with open_socket(folder.path) as control:
            trio.run(_serve, folder, settings, relay, desk, control, tls, say)


async def _serve(
    folder: Folder,
    settings: Settings,
    relay: Relay,
    desk: Desk,
    control: socket.socket,
    tls: ssl.SSLContext | None,
    say: Callable[[str], None],
) -> None:
    stopping = trio.Event()
    host, port = settings.listen
    with trio.open_signal_receiver(signal.SIGTERM, signal.SIGINT) as signals:
        try:
            listeners = await _listen(host, port or folder.last_port(), chosen=port != 0)
        except OSError as exc:
            raise CannotListen(settings.relay.listen) from exc
        real_port: int = listeners[0].socket.getsockname()[1]
        async with answering(control, desk.handle), trio.open_nursery() as nursery:
            await nursery.start(serve_relay, relay, listeners, tls, stopping)
            folder.note_port(real_port)
            _log.info(strings.LOG_STARTED)
            address = folder.address_at(settings, real_port)
            say(strings.LISTENING.format(address=address))
            async for _ in signals:
                break
            _log.info(strings.LOG_STOPPING)
            stopping.set()
    _log.info(strings.LOG_STOPPED)


async def _listen(host: str, port: int, *, chosen: bool) -> list[trio.SocketListener]:
    """There; where nobody chose the port, at another one if this one is taken."""
    try:
        return await trio.open_tcp_listeners(port, host=host, backlog=BACKLOG)
    except OSError:
        if chosen:
            raise
        return await trio.open_tcp_listeners(0, host=host, backlog=BACKLOG)


def _look_for_damage(folder: Folder) -> None:
    """As much as can be seen in a moment. Raises DamagedStore."""
    until = time.monotonic() + LOOK_S
    beside = database.open_reader(folder.store_path)
    try:
        if not seems_intact(beside, lambda: time.monotonic() > until):
            raise DamagedStore(str(folder.path))
    finally:
        beside.close()


def _allow_many_connections() -> None:
    if sys.platform != "win32":
        import resource  # noqa: PLC0415

        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
