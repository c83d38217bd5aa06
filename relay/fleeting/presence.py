"""Who watches which slot, and telling them, within a budget of its own.

Presence never stops the relay. Writing into a slot only notes that it changed; those who watch are
told piece by piece, each connection in one write, and after each piece this rests for twice as long
as it kept the processor, the writing included. So however much changes, two thirds of the loop are
for others. What changes again meanwhile is told once: the latest wins, and nothing gathers.
"""

from __future__ import annotations

import logging
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Protocol, TypeAlias

import trio

from protocol.wire.frames import Reason, SlotUpdate, Told
from protocol.wire.slots import SlotName
from relay import strings
from relay.faults import place
from relay.neighbours import Neighbour
from relay.rules.clock import Now
from relay.rules.limits import share_of
from relay.rules.slots import Slots

_log = logging.getLogger(__name__)

EACH_PIECE = 768
# What a write to one connection counts for, beside what is told in it.
A_WRITE = 16
# A rest that was longer than it had to be, since the machine is busy, makes up for others.
MADE_UP_S = 0.1
# Between two times that one connection is told: what changed meanwhile goes in one write.
TICK_S = 0.05
REST = 2.0
EXPIRE_S = 5.0
WATCHERS_OF_A_SLOT = 16
# What one place may have of the watches that are left.
SHARES = 8


class Sight:
    """One watch of one slot. ``told`` makes of what stands in it the frame that says so."""

    __slots__ = ("name", "over", "told", "watcher")

    def __init__(self, name: SlotName, watcher: Watcher, told: Callable[[bytes], Told]) -> None:
        self.name = name
        self.watcher = watcher
        self.told = told
        self.over = False


News: TypeAlias = Sequence[tuple[Sight, bytes]]
AsTold: TypeAlias = Callable[[bytes], Told]


class Watcher(Protocol):
    """Whoever watches, on one connection from one place."""

    @property
    def neighbour(self) -> Neighbour:
        """Whose share of all watches this one uses."""
        ...

    def tell(self, news: News) -> None:
        """What stands now in slots that changed, in one write."""
        ...


class Presence:
    """The slots of a relay and those who watch them."""

    def __init__(
        self,
        slots: Slots,
        most_watches: int,
        now: Callable[[], Now],
        spent: Callable[[], float] = time.thread_time,
    ) -> None:
        self._slots = slots
        self._most = most_watches
        self._now = now
        self._spent = spent
        self._watched: dict[SlotName, list[Sight]] = {}
        self._changed: dict[SlotName, None] = {}
        self._news = trio.Event()
        self._written = trio.Event()
        self.watches = 0
        self.updates = 0
        self.told = 0

    @property
    def slots(self) -> int:
        """How many there are."""
        return len(self._slots)

    def publish(self, by: bytes, updates: Iterable[SlotUpdate]) -> Reason | None:
        """Write into slots, for whoever has this pass; why not, for the first that was not."""
        now_ms = self._now().age_ms
        for update in updates:
            written = self._slots.publish(by, update, now_ms)
            if isinstance(written, Reason):
                return written
            self.updates += 1
            self._note(written)
        self._written.set()
        return None

    def drop_own(self, owner: bytes) -> None:
        """The pass whose hash begins so is good for none any more."""
        for name in self._slots.drop_own(owner):
            self._note(name)

    def watch(
        self, name: SlotName, watcher: Watcher, told: Callable[[bytes], Told]
    ) -> Sight | None:
        """From now on; None where too many watch."""
        sights = self._watched.setdefault(name, [])
        share = share_of(self._most - self.watches, SHARES)
        if watcher.neighbour.watches >= share or len(sights) >= WATCHERS_OF_A_SLOT:
            if not sights:
                del self._watched[name]
            return None
        sight = Sight(name, watcher, told)
        sights.append(sight)
        self.watches += 1
        watcher.neighbour.watches += 1
        return sight

    def let_go(self, sight: Sight) -> None:
        """No more."""
        sight.over = True
        sights = self._watched.get(sight.name, [])
        if sight in sights:
            sights.remove(sight)
            self.watches -= 1
            sight.watcher.neighbour.watches -= 1
        if not sights:
            self._watched.pop(sight.name, None)

    def blob(self, name: SlotName) -> bytes:
        """What stands in a slot."""
        return self._slots.blob(name, self._now().age_ms)

    async def run(self) -> None:
        """Tell what changed, until cancelled."""
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._keep_expiring)
            rested = trio.current_time()
            while True:
                await self._news.wait()
                self._news = trio.Event()
                changed, self._changed = self._changed, {}
                tick = trio.current_time() + TICK_S
                pieces, more = self._tell(changed), True
                while more:
                    began, now = self._spent(), trio.current_time()
                    more = next(pieces, False)
                    took = self._spent() - began
                    rested = max(rested, now - MADE_UP_S) + took + took * REST
                    # In any case everybody else has a turn.
                    await trio.sleep_until(rested)
                await trio.sleep_until(tick)

    def _tell(self, changed: Iterable[SlotName]) -> Iterator[bool]:
        """Everybody who watches these; stops wherever a piece is done."""
        due: defaultdict[Watcher, list[tuple[Sight, bytes]]] = defaultdict(list)
        done = 0
        for name in changed:
            blob = self.blob(name)
            sights = self._watched.get(name, ())
            for sight in sights:
                due[sight.watcher].append((sight, blob))
            # Noting it is a small part of telling it.
            done += 1 + len(sights) // 4
            if done >= EACH_PIECE:
                done = 0
                yield True
        for watcher, news in due.items():
            for start in range(0, len(news), EACH_PIECE):
                piece = [each for each in news[start : start + EACH_PIECE] if not each[0].over]
                self._tell_one(watcher, piece)
                done += A_WRITE + len(piece)
                if done >= EACH_PIECE:
                    done = 0
                    yield True

    def _tell_one(self, watcher: Watcher, news: News) -> None:
        self.told += len(news)
        try:
            watcher.tell(news)
        except Exception as exc:  # noqa: BLE001
            # This task serves everybody.
            _log.critical(strings.LOG_BUG, place(exc))

    async def _keep_expiring(self) -> None:
        while True:
            if self._slots.at_rest:
                self._written = trio.Event()
                await self._written.wait()
            await trio.sleep(EXPIRE_S)
            for name in self._slots.expire(self._now().age_ms):
                self._note(name)

    def _note(self, name: SlotName) -> None:
        if name in self._watched:
            self._changed[name] = None
            self._news.set()
