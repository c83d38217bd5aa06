"""Lines to relays on which nothing is collected, for what is fleeting and goes there directly.

One for each relay, open while somebody uses it and a little longer. By which relays something goes
directly at all is decided in ``core/ways.py``; that it is another line than the one where the
mailbox is read keeps the two apart for whoever sees lines and not addresses.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING

import trio

from desktop.engine.doorbell import Doorbell
from desktop.engine.ground import Ground
from desktop.engine.lines import nearby
from protocol.errors import RemoteProtocolError
from protocol.wire.address import RelayAddress

if TYPE_CHECKING:
    from desktop.engine.lines.line import Line


class _Held:
    def __init__(self) -> None:
        self.line: Line | None = None
        self.settled = trio.Event()
        self.bell = Doorbell()
        self.users = 0


class Directs:
    """All of them."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._held: dict[RelayAddress, _Held] = {}
        self._nursery: trio.Nursery | None = None

    async def run(self, ground: Ground) -> None:
        """Until cancelled; nobody gets a line before."""
        async with trio.open_nursery() as nursery:
            self._nursery = nursery
            try:
                await trio.sleep_forever()
            finally:
                self._nursery = None

    @asynccontextmanager
    async def line(self, address: RelayAddress) -> AsyncGenerator[Line]:
        """A line to this relay. Raises LineLost where there is none."""
        from desktop.engine.lines.line import LineLost  # noqa: PLC0415 - no list needs it

        held = self._held.get(address)
        if held is None:
            if self._nursery is None:
                raise LineLost
            held = self._held[address] = _Held()
            self._nursery.start_soon(self._hold, address, held)
        held.users += 1
        try:
            await held.settled.wait()
            if held.line is None:
                raise LineLost
            yield held.line
        finally:
            held.users -= 1
            held.bell.ring()

    async def _hold(self, address: RelayAddress, held: _Held) -> None:
        from desktop.engine.lines.dial import open_line  # noqa: PLC0415
        from desktop.engine.lines.line import LineLost  # noqa: PLC0415

        ground = self._ground
        try:
            nearest = await ground.vault.read(partial(nearby.nearest, relay=str(address)))
            async with open_line(
                ground.outward.beside, address, ground.timings, ground.rng, nearest=nearest
            ) as line:
                held.line = line
                held.settled.set()
                while held.users or await held.bell.wait(ground.timings.linger):
                    if held.users:
                        await held.bell.wait()
        except (LineLost, RemoteProtocolError):
            pass
        finally:
            held.line = None
            held.settled.set()
            del self._held[address]
