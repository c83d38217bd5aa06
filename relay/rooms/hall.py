"""All rooms of a relay: loaded when somebody asks for one, left when nobody has for a minute.

What was begun stays one run for as long as the relay serves, however often a room is left and
loaded again; only where the disk refused something does a new one begin.
"""

from __future__ import annotations

from collections.abc import Callable

import trio

from protocol.ids import CallId, RoomId
from protocol.keys import Secret
from protocol.wire.frames import Reason, Refused, Reply
from relay.rooms.live import LiveRoom
from relay.rules.clock import Now
from relay.rules.rooms.asking import LoadRoom, RoomLoaded
from relay.rules.rooms.places import Places
from relay.store.storage import Storage

MOST_HOT = 10_000

Found = Callable[[LiveRoom | Reason], None]


class Hall:
    """One relay's; ``run`` has to be running."""

    def __init__(self, storage: Storage, seed: Secret, now: Callable[[], Now]) -> None:
        self._storage = storage
        self._seed = seed
        self._now = now
        self._rooms: dict[RoomId, LiveRoom] = {}
        self._asked: dict[RoomId, list[Found]] = {}
        self._begun: set[RoomId] = set()
        self._hot: dict[RoomId, Places] = {}  # of rooms that were left, and have not ended
        self._nursery: trio.Nursery | None = None
        self._somebody = trio.Event()  # a relay whose rooms are all empty has no seconds to count
        self._delivered = 0

    async def run(self) -> None:
        """Until cancelled."""
        async with trio.open_nursery() as nursery:
            self._nursery = nursery
            try:
                while True:
                    await self._somebody.wait()
                    await trio.sleep(1)
                    for live in list(self._rooms.values()):
                        if live.safely(live.second):
                            self._leave(live)
                            live.scope.cancel()
            finally:
                self._nursery = None

    def find(self, room: RoomId, found: Found) -> None:
        """The room, at once where it is at hand; ``unknown`` where there is none."""
        live = self._rooms.get(room)
        if live is not None:
            found(live)
            return
        waiting = self._asked.setdefault(room, [])
        waiting.append(found)
        if len(waiting) == 1:
            asked = LoadRoom(CallId(0), room, room not in self._begun)
            self._storage.submit(asked, self._now(), lambda reply: self._loaded(room, reply))

    @property
    def rooms(self) -> int:
        """How many are at hand."""
        return len(self._rooms)

    @property
    def seats(self) -> int:
        """How many people sit in them."""
        return sum(live.taken for live in self._rooms.values())

    @property
    def delivered(self) -> int:
        """How many messages went out to seats."""
        return self._delivered + sum(live.delivered for live in self._rooms.values())

    def _loaded(self, room: RoomId, reply: Reply) -> None:
        waiting = self._asked.pop(room, [])
        found: LiveRoom | Reason
        if isinstance(reply, RoomLoaded) and self._nursery is not None:
            places = self._hot.pop(room, None)
            found = LiveRoom(reply, self._storage, self._seed, self._now, self._failed, places)
            self._begun.add(room)
            self._rooms[room] = found
            self._somebody.set()
            self._nursery.start_soon(found.run)
        else:
            found = reply.reason if isinstance(reply, Refused) else Reason.TRY_LATER
        for each in waiting:
            each(found)

    def _failed(self, live: LiveRoom) -> None:
        self._leave(live)
        self._begun.discard(live.room.id)

    def _leave(self, live: LiveRoom) -> None:
        if self._rooms.get(live.room.id) is live:
            del self._rooms[live.room.id]
            if not self._rooms:
                self._somebody = trio.Event()
            self._delivered += live.delivered
            if live.room.places.hot and not live.room.ended:
                self._hot[live.room.id] = live.room.places
                if len(self._hot) > MOST_HOT:
                    del self._hot[next(iter(self._hot))]
