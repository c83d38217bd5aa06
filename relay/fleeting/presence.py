"""Who watches which slot, and telling them, within a budget of its own.

Presence never stops the relay. Writing into a slot only notes that it changed; those who watch are
told piece by piece, and after each piece this rests for twice as long as it kept the processor. So
however much changes, two thirds of the loop are for others. What changes again meanwhile is told
once: the latest wins, and nothing gathers.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable
from typing import TypeAlias

import trio

from protocol.wire.frames import Reason, SlotUpdate
from protocol.wire.slots import SlotName
from relay import strings
from relay.faults import place
from relay.rules.clock import Now
from relay.rules.slots import Slots

_log = logging.getLogger(__name__)

EACH_PIECE = 768
PAUSE_S = 0.001
# Between two times that one connection is told: what changed meanwhile goes in one write.
TICK_S = 0.05
REST = 2.0
EXPIRE_S = 5.0
WATCHERS_OF_A_SLOT = 16

Tell: TypeAlias = Callable[[bytes], None]


class Sight:
    """One watch of one slot. ``tell`` gets what stands in it whenever that changed; those of one
    ``where`` are told together."""

    __slots__ = ("name", "over", "tell", "where")

    def __init__(self, name: SlotName, tell: Tell, where: object) -> None:
        self.name = name
        self.tell = tell
        self.where = where
        self.over = False


_Due: TypeAlias = dict[object, dict[Sight, None]]


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
        self._changed: _Due = {}
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

    def watch(self, name: SlotName, tell: Tell, where: object = None) -> Sight | None:
        """From now on; None where too many watch."""
        sights = self._watched.setdefault(name, [])
        if self.watches >= self._most or len(sights) >= WATCHERS_OF_A_SLOT:
            if not sights:
                del self._watched[name]
            return None
        sight = Sight(name, tell, where)
        sights.append(sight)
        self.watches += 1
        return sight

    def let_go(self, sight: Sight) -> None:
        """No more."""
        sight.over = True
        sights = self._watched.get(sight.name, [])
        if sight in sights:
            sights.remove(sight)
            self.watches -= 1
        if not sights:
            self._watched.pop(sight.name, None)

    def blob(self, name: SlotName) -> bytes:
        """What stands in a slot."""
        return self._slots.blob(name, self._now().age_ms)

    async def run(self) -> None:
        """Tell what changed, until cancelled."""
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._keep_expiring)
            while True:
                await self._news.wait()
                self._news = trio.Event()
                due, self._changed = self._changed, {}
                tick = trio.current_time() + TICK_S
                while due:
                    began = self._spent()
                    self._tell_some(due)
                    await trio.sleep(max(PAUSE_S, (self._spent() - began) * REST))
                await trio.sleep_until(tick)

    def _tell_some(self, due: _Due) -> None:
        for _ in range(EACH_PIECE):
            if not due:
                return
            where = next(iter(due))
            sights = due[where]
            sight = next(iter(sights))
            del sights[sight]
            if not sights:
                del due[where]
            if not sight.over:
                self._tell(sight)

    def _tell(self, sight: Sight) -> None:
        self.told += 1
        try:
            sight.tell(self.blob(sight.name))
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
        sights = self._watched.get(name)
        if sights:
            for sight in sights:
                self._changed.setdefault(sight.where, {})[sight] = None
            self._news.set()
