"""My relays as ways to others: which of them is there, and which does not take a packet just now.

A way that was chosen stays the choice while its line holds, so what goes to one mailbox keeps its
order. What is known here is known since the profile was opened; the order is in the vault.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeAlias

import trio
from msgspec import Struct

from desktop.core import ways
from desktop.core.nearness import Nearness, nearness
from desktop.core.ways import Direct, OwnRelay, Through, Wait
from desktop.engine.timings import Timings
from desktop.engine.vault_door import VaultDoor
from desktop.store import relays
from desktop.store.relays import MyRelay
from protocol.ids import Fingerprint
from protocol.wire.address import RelayAddress

if TYPE_CHECKING:
    from desktop.engine.lines.line import Line
    from protocol.wire.frames import Answered


class Via(Struct, frozen=True):
    """A relay of mine that packets are handed to."""

    relay: MyRelay
    line: Line


Chosen: TypeAlias = Via | Direct | Wait


class Ways:
    """Told by whoever keeps the lines; asked by whoever has something for another relay."""

    def __init__(self, timings: Timings, changed: Callable[[], None]) -> None:
        self._timings = timings
        self._changed = changed
        self._lines: dict[Fingerprint, Line] = {}
        self._news = trio.Event()
        self._lost: dict[Fingerprint, float] = {}
        self._began = trio.current_time()
        self._rests: dict[tuple[Fingerprint, Fingerprint], tuple[float, int]] = {}
        self._asked: dict[Fingerprint, float] = {}
        self._waiting: dict[bytes, trio.MemorySendChannel[Answered]] = {}

    def came(self, relay_id: Fingerprint, line: Line) -> None:
        """A line to a relay of mine is open; what it did not take before, it may take now."""
        self._lines[relay_id] = line
        self._news.set()
        self._news = trio.Event()
        self._rests = {key: rest for key, rest in self._rests.items() if key[0] != relay_id}
        self._changed()

    def went(self, relay_id: Fingerprint) -> None:
        """It is lost."""
        if self._lines.pop(relay_id, None) is not None:
            self._lost[relay_id] = trio.current_time()

    async def choose(
        self, vault: VaultDoor, address: RelayAddress, avoid: Fingerprint | None = None
    ) -> Chosen:
        """The way to a relay, as things are."""
        return self.choose_of(await vault.read(relays.every), address, avoid)

    def choose_of(
        self, mine: Sequence[MyRelay], address: RelayAddress, avoid: Fingerprint | None = None
    ) -> Chosen:
        """The same for who has read which relays are mine."""
        own = {one.relay_id: one for one in mine if one.ready}
        to = address.fingerprint
        seen = [self._seen(one, to) for one in own.values()]
        match ways.choose(seen, to, nearness(address.host), avoid):
            case Through(relay_id):
                return Via(own[relay_id], self._lines[relay_id])
            case chosen:
                return chosen

    async def soon(self, vault: VaultDoor, address: RelayAddress, patience: float) -> Chosen:
        """The same, for a person who has a moment."""
        with trio.move_on_after(patience):
            while isinstance(await self.choose(vault, address), Wait):
                with trio.move_on_after(self._timings.other_way):
                    await self._news.wait()
        return await self.choose(vault, address)

    def line(self, relay_id: Fingerprint) -> Line | None:
        """The line to a relay of mine, while there is one."""
        return self._lines.get(relay_id)

    async def news(self, at_most: float) -> None:
        """Wait until a line is open that was not, or so long."""
        with trio.move_on_after(at_most):
            await self._news.wait()

    @property
    def online(self) -> bool:
        """Whether there is a line to any relay of mine."""
        return bool(self._lines)

    def rest(self, via: Fingerprint, to: Fingerprint, *, at_least: float = 0.0) -> None:
        """This relay of mine does not take packets for that one: each time for twice as long."""
        times = self._rests.get((via, to), (0.0, 0))[1]
        wait = min(self._timings.retry_first_cap * 2.0**times, self._timings.retry_cap)
        until = trio.current_time() + max(wait, at_least)
        self._rests[via, to] = (until, min(times + 1, 16))

    def took(self, via: Fingerprint, to: Fingerprint) -> None:
        """It does."""
        self._rests.pop((via, to), None)

    def until(self, to: Fingerprint) -> float:
        """In how many seconds there may be a way again, if nothing else changes."""
        ends = [
            end - trio.current_time() for (_, one), (end, _) in self._rests.items() if one == to
        ]
        soon = [end for end in ends if end > 0] + [self._timings.retry_first_cap]
        if trio.current_time() - max([self._began, *self._lost.values()]) < self._timings.other_way:
            soon.append(self._timings.other_way)
        return min(soon)

    def may_ask(self, to: Fingerprint) -> bool:
        """Whether it is worth asking for this relay's card once more, when an old one is here."""
        return trio.current_time() >= self._asked.get(to, 0.0)

    def asked(self, to: Fingerprint) -> None:
        """Its card did not come."""
        self._asked[to] = trio.current_time() + self._timings.retry_cap

    def expect(self, ticket: bytes) -> trio.MemoryReceiveChannel[Answered]:
        """Hear of one packet whose answer nobody writes down."""
        send, receive = trio.open_memory_channel["Answered"](1)
        self._waiting[ticket] = send
        return receive

    def forget(self, ticket: bytes) -> None:
        """Nobody waits for it any more."""
        self._waiting.pop(ticket, None)

    def heard(self, answered: Answered) -> bool:
        """Whether somebody waited for this."""
        send = self._waiting.pop(answered.ticket, None)
        if send is not None:
            send.send_nowait(answered)
        return send is not None

    def _seen(self, relay: MyRelay, to: Fingerprint) -> OwnRelay:
        now, relay_id = trio.current_time(), relay.relay_id
        online = relay_id in self._lines
        lost = self._lost.get(relay_id, self._began)
        return OwnRelay(
            relay_id=relay_id,
            nearness=max(nearness(relay.address.host), relay.reached, Nearness.FAR),
            online=online,
            hopeful=not online and now - lost < self._timings.other_way,
            rests=self._rests.get((relay_id, to), (0.0, 0))[0] > now,
        )
