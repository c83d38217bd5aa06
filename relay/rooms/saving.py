"""What a room decided on its way to the disk: one commit at a time, with all that gathered.

Entries of the stage wait a twentieth of a second for company, all else for nothing. What waits for
the disk is told in the order in which it was decided.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

import trio

from protocol.ids import CallId
from protocol.wire.frames import Done, Reply
from protocol.wire.frames.room_entries import Lane
from relay.rules.clock import Now
from relay.rules.rooms.asking import KeepRoom
from relay.rules.rooms.changes import Change, KeepItems
from relay.rules.rooms.hosted import Hosted
from relay.store.storage import Storage

SAVE_S = 0.05
SAVE_ITEMS = 64

Then = Callable[[bool], None]


class Saving:
    """Of one room. ``failed`` is called once, and nothing is written after it."""

    def __init__(
        self,
        room: Hosted,
        storage: Storage,
        now: Callable[[], Now],
        saved: Callable[[], None],
        failed: Callable[[], None],
    ) -> None:
        self._room = room
        self._storage = storage
        self._now = now
        self._saved = saved
        self._failed = failed
        self._changes: list[Change] = []
        self._thens: list[Then] = []
        self._waiting: dict[Lane, deque[tuple[int, Then]]] = {lane: deque() for lane in Lane}
        self._under_way = False
        self.due = float("inf")
        self.over = False

    @property
    def idle(self) -> bool:
        """Whether nothing waits for the disk."""
        return not self._under_way and not self._changes and not self._thens

    def change(self, changes: tuple[Change, ...], then: Then) -> None:
        """Write these at once; ``then`` hears whether they are on disk."""
        if self.over:
            then(False)
            return
        self._changes += changes
        self._thens.append(then)
        self.write()

    def wait(self, lane: Lane, number: int, then: Then) -> None:
        """Hear when this item is on disk."""
        if self.over:
            then(False)
        elif number <= self._room.lanes[lane].saved:
            then(True)
        else:
            self._waiting[lane].append((number, then))

    def come_by(self, now_s: float) -> None:
        """After each tick: write where it is time to."""
        unsaved = sum(log.unsaved for log in self._room.lanes.values())
        if not unsaved:
            return
        if self.due == float("inf"):
            self.due = now_s + SAVE_S
        if now_s >= self.due or unsaved >= SAVE_ITEMS or self._room.lanes[Lane.DESK].unsaved:
            self.write()

    def write(self) -> None:
        """All that gathered, unless the last of it is still on its way."""
        if self._under_way or self.over:
            return
        logs = self._room.lanes.values()
        items = [kept for log in logs if (kept := log.take_unsaved()) is not None]
        changes, self._changes = self._changes, []
        thens, self._thens = self._thens, []
        self.due = float("inf")
        if not items and not changes:
            for then in thens:
                then(True)
            return
        self._under_way = True
        asked = KeepRoom(CallId(0), self._room.row, (*items, *changes))
        self._storage.submit(asked, self._now(), lambda reply: self._done(reply, items, thens))

    def end(self) -> None:
        """Nothing more is written; whoever waits is told so."""
        self.over = True
        thens, self._thens = self._thens, []
        for queue in self._waiting.values():
            thens += [then for _, then in queue]
            queue.clear()
        for then in thens:
            then(False)

    def _done(self, reply: Reply, items: list[KeepItems], thens: list[Then]) -> None:
        self._under_way = False
        if self.over or not isinstance(reply, Done):
            for then in thens:
                then(False)
            if not self.over:
                self._failed()
            return
        for kept in items:
            log = self._room.lanes[kept.lane]
            log.now_saved(kept)
            queue = self._waiting[kept.lane]
            while queue and queue[0][0] <= log.saved:
                queue.popleft()[1](True)
        for then in thens:
            then(True)
        self._saved()
        if self._changes or self._thens:
            self.write()
        else:
            self.come_by(trio.current_time())
