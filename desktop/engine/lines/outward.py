"""Every stream to a relay is opened here, and so a proxy has no way around it.

While there is a proxy, nothing is dialled and no name is looked up without it; where it is down,
nothing is reached. When it is changed, streams that were opened the old way are closed, also those
that are being opened. Each stream has a purpose: behind a network of proxies (Tor) a mailbox is
collected from on other ways than those by which anything is left at the same relay directly, and
each relay is reached on ways of its own.
"""

from __future__ import annotations

from typing import Protocol
from weakref import WeakSet

import trio

from desktop.core.nearness import Nearness
from desktop.core.proxy import Proxy
from desktop.engine.lines.connector import Connector, Pipe
from protocol.ids import RoomId
from protocol.wire.address import RelayAddress


class Network(Connector, Protocol):
    """A connector that can go through a proxy."""

    def through(self, proxy: Proxy, purpose: str) -> Connector:
        """The same, by no other way than through this proxy; streams of different purposes, or to
        different relays, share no way behind it where it can keep them apart."""
        ...


class Outward:
    """The ways out of this computer, for one open profile."""

    def __init__(self, network: Network, proxy: Proxy | None) -> None:
        self._network = network
        self.proxy = proxy
        self._open: WeakSet[trio.abc.Stream] = WeakSet()
        self._dialling: set[trio.CancelScope] = set()
        self.collecting: Connector = _Out(self, "collecting")
        self.beside: Connector = _Out(self, "beside")
        self._ways: dict[str, Connector] = {}

    def to_room(self, room: RoomId) -> Connector:
        """On ways of its own: what joins seats of two rooms is not to be the way to them."""
        return _Out(self, f"room {room.hex()}")

    async def use(self, proxy: Proxy | None) -> None:
        """From now on this proxy, or none."""
        self.proxy = proxy
        self._ways.clear()
        for scope in self._dialling:
            scope.cancel()
        for stream in list(self._open):
            await trio.aclose_forcefully(stream)

    async def connect(self, purpose: str, address: RelayAddress, nearest: Nearness) -> Pipe:
        """Raises OSError where the proxy was changed meanwhile, and what a Connector raises."""
        with trio.CancelScope() as scope:
            self._dialling.add(scope)
            try:
                pipe = await self._way(purpose).connect(address, nearest)
            finally:
                self._dialling.discard(scope)
            if not scope.cancel_called:
                self._open.add(pipe.stream)
                return pipe
            await trio.aclose_forcefully(pipe.stream)
        raise OSError("the proxy was changed")

    def _way(self, purpose: str) -> Connector:
        if self.proxy is None:
            return self._network
        if purpose not in self._ways:
            self._ways[purpose] = self._network.through(self.proxy, purpose)
        return self._ways[purpose]


class _Out:
    """The way out for one purpose."""

    def __init__(self, outward: Outward, purpose: str) -> None:
        self._outward = outward
        self._purpose = purpose

    async def connect(self, address: RelayAddress, nearest: Nearness) -> Pipe:
        return await self._outward.connect(self._purpose, address, nearest)
