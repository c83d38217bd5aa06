"""The keepers of all my relays: their order, those that are left, and the task that runs them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import trio
from msgspec.structs import replace

from desktop.core.errors import RelayUnknown
from desktop.core.events import RelaysChanged
from desktop.engine.ground import Bell, Ground
from desktop.engine.relays.keeper import Keeper
from desktop.store.relays import MyRelay
from protocol.ids import Fingerprint
from protocol.wire.address import RelayAddress

if TYPE_CHECKING:
    from desktop.engine.lines.line import Line


class Keepers:
    """All of my relays' keepers, and the task that runs them."""

    def __init__(self, ground: Ground, known: Sequence[MyRelay]) -> None:
        self._ground = ground
        self._by_id: dict[Fingerprint, Keeper] = {}
        self._left: dict[Fingerprint, Keeper] = {}  # collected from, and nothing else
        self._start, self._to_start = trio.open_memory_channel[Keeper](math.inf)
        for relay in known:
            self.add(relay)

    async def run(self) -> None:
        """Keep every relay there is, and those that are added."""
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._pass_on)
            async for keeper in self._to_start:
                nursery.start_soon(keeper.run)

    def add(self, relay: MyRelay) -> None:
        """A relay is in the vault: keep a line to it."""
        keeper = Keeper(self._ground, relay)
        (self._left if relay.left else self._by_id)[relay.relay_id] = keeper
        self._start.send_nowait(keeper)
        self._ground.emit(RelaysChanged())

    def find(self, relay_id: Fingerprint) -> Keeper:
        """One of them. Raises RelayUnknown."""
        if relay_id not in self._by_id:
            raise RelayUnknown
        return self._by_id[relay_id]

    def leave(self, relay_id: Fingerprint) -> None:
        """It is collected from until its mailbox is deleted. Raises RelayUnknown."""
        keeper = self.find(relay_id)
        self._left[relay_id] = self._by_id.pop(relay_id)
        keeper.left = True
        keeper.again()
        self._ground.emit(RelaysChanged())

    def come_back(self, address: RelayAddress) -> None:
        """One that was left is used again."""
        relay_id = address.fingerprint
        self._by_id[relay_id] = self._left.pop(relay_id)
        self._by_id[relay_id].left = False
        self.moved(address)

    def moved(self, address: RelayAddress) -> None:
        """A relay answers at another place."""
        keeper = self.find(address.fingerprint)
        keeper.status = replace(keeper.status, address=str(address), host=address.host)
        keeper.again()
        self._ground.nudges.nudge()
        self._ground.emit(RelaysChanged())

    def order(self, relay_ids: Sequence[Fingerprint]) -> None:
        """The member's order."""
        self._by_id = {relay_id: self._by_id[relay_id] for relay_id in relay_ids}
        self._ground.emit(RelaysChanged())

    def again(self) -> None:
        """Another way out of this computer: every line anew."""
        for keeper in (*self._by_id.values(), *self._left.values()):
            keeper.again()
        self._ground.nudges.nudge()

    def every(self) -> list[Keeper]:
        """All of them, in their order."""
        return list(self._by_id.values())

    def online(self) -> tuple[Fingerprint, Line] | None:
        """The first relay with a line, for what cannot wait."""
        for relay_id, keeper in self._by_id.items():
            if keeper.line is not None:
                return relay_id, keeper.line
        return None

    async def wait_online(self, patience: float) -> tuple[Fingerprint, Line] | None:
        """The same, for somebody who has a moment."""
        with trio.move_on_after(patience):
            while self._by_id and self.online() is None:
                async with trio.open_nursery() as nursery:
                    for keeper in self._by_id.values():
                        nursery.start_soon(_cancel_when, keeper.online, nursery.cancel_scope)
        return self.online()

    async def _pass_on(self) -> None:
        while True:
            await self._ground.bells[Bell.TELL].wait()
            for keeper in (*self._by_id.values(), *self._left.values()):
                keeper.bell.ring()


async def _cancel_when(event: trio.Event, scope: trio.CancelScope) -> None:
    await event.wait()
    scope.cancel()
