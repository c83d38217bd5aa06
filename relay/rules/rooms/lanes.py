"""One lane of a room: numbers within the run, the running hash, and what is told and what is saved.

Numbers are given at once. What must be on disk before anybody hears of it holds back all that comes
behind it; heads, and answers, never cover more than is on disk.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from msgspec import Struct

from protocol.ids import RoomId
from protocol.wire.frames.room_entries import MAX_ITEMS, Lane
from protocol.wire.rooms.heads import NOTHING, HeadBody, follow, run_start
from relay.rules.rooms.changes import (
    KeepItems,
)
from relay.rules.rooms.records import (
    KeptItem,
    KeptRun,
)

RECENT = {Lane.STAGE: 1_024, Lane.DESK: 128}
MOST_PAGE_BYTES = 512 * 1024


class Page(Struct, frozen=True):
    """Items in a row; ``first`` is the next number where there are none."""

    run: int
    first: int
    before: bytes
    items: tuple[bytes, ...]
    over: bool = False


class LaneLog:
    """A lane in the run at hand."""

    def __init__(self, room: RoomId, lane: Lane, kept: Iterable[KeptRun]) -> None:
        runs = sorted((run for run in kept if run.lane is lane), key=lambda each: each.run)
        self.lane = lane
        self.ended = runs[:-1]
        now = runs[-1]
        self.run = now.run
        self.number = self.told = self.saved = self._taken = now.number
        self._running = self.saved_running = now.running
        self._room = room
        self._before = (now.before_number, now.before_running)
        self._recent: deque[KeptItem] = deque(maxlen=RECENT[lane])
        self._unsaved: deque[KeptItem] = deque()
        self._held: deque[int] = deque()
        self._places: dict[tuple[int, int], int] = {}

    def add(self, seat: int, counter: int, item: bytes, *, save_first: bool) -> int:
        """Its number. ``save_first``: nobody hears of it before it is on disk."""
        number = self.number = self.number + 1
        kept = KeptItem(number, seat, counter, self._running, item)
        self._running = follow(self._running, number, item)
        recent = self._recent
        if len(recent) == recent.maxlen and recent[0].seat:
            self._places.pop((recent[0].seat, recent[0].counter), None)
        recent.append(kept)
        if seat:
            self._places[seat, counter] = number
        self._unsaved.append(kept)
        if save_first:
            self._held.append(number)
        return number

    def place(self, seat: int, counter: int) -> int | None:
        """The number of this entry, if it was taken lately."""
        return self._places.get((seat, counter))

    @property
    def unsaved(self) -> int:
        """How many are not on disk and not on their way to it."""
        return len(self._unsaved)

    @property
    def idle(self) -> bool:
        """Whether all is told and on disk."""
        return self.told == self.saved == self.number

    def take_unsaved(self) -> KeepItems | None:
        """All that is to be written, once."""
        if not self._unsaved:
            return None
        items = tuple(self._unsaved)
        self._unsaved.clear()
        self._taken = items[-1].number
        return KeepItems(self.lane, self.run, items, self._running)

    def now_saved(self, kept: KeepItems) -> None:
        """This is on disk."""
        self.saved, self.saved_running = kept.items[-1].number, kept.running
        while self._held and self._held[0] <= self.saved:
            self._held.popleft()

    def tell(self) -> Page | None:
        """What everybody hears next, if there is anything; it counts as told."""
        up_to = self._held[0] - 1 if self._held else self.number
        if up_to <= self.told:
            return None
        page = self.recent(self.told, up_to - self.told, up_to)
        if page is None or not page.items:
            return None
        self.told += len(page.items)
        return page

    def recent(self, after: int, limit: int, up_to: int | None = None) -> Page | None:
        """What stands behind a number of this run; None where that is no longer at hand."""
        up_to = self.told if up_to is None else up_to
        if after >= up_to:
            return self._nothing(after)
        begin = len(self._recent) - (self.number - after)
        if begin < 0:
            return None
        first = self._recent[begin]
        items: list[bytes] = []
        size = 0
        for index in range(begin, begin + min(limit, up_to - after, MAX_ITEMS)):
            item = self._recent[index].item
            size += len(item)
            if items and size > MOST_PAGE_BYTES:
                break
            items.append(item)
        return Page(self.run, first.number, first.before, tuple(items))

    def head(self, now_ms: int) -> HeadBody:
        """Of what is on disk."""
        number, running = self._before
        return HeadBody(
            room=self._room,
            lane=self.lane,
            run=self.run,
            number=self.saved,
            running=self.saved_running,
            before_number=number,
            before_running=running,
            made_ms=now_ms,
        )

    def end_of(self, run: int) -> int | None:
        """The last number of a run that is over; None where there was none such."""
        return next((each.number for each in self.ended if each.run == run), None)

    def running_at(self, run: int, number: int) -> bytes | None:
        """The running hash at the end of a run, or at what is told of this one, if it is known."""
        if run != self.run:
            return next((e.running for e in self.ended if (e.run, e.number) == (run, number)), None)
        behind = self.number - number
        if behind == 0:
            return self._running
        return self._recent[-behind].before if behind <= len(self._recent) else None

    def back(self, run: int, number: int, items: int) -> tuple[int, int]:
        """Where so many items before this place lie: behind this number of this run."""
        ended = {each.run: each.number for each in self.ended}
        while items > number and (earlier := max((r for r in ended if r < run), default=None)):
            items -= number
            run, number = earlier, ended[earlier]
        return run, max(number - items, 0)

    def _nothing(self, after: int) -> Page | None:
        before = self.running_at(self.run, after)
        return None if before is None else Page(self.run, after + 1, before, ())


def next_run(room: RoomId, lane: Lane, before: KeptRun | None) -> KeptRun:
    """A run with nothing in it, behind this one."""
    run = 1 if before is None else before.run + 1
    number, running = (0, NOTHING) if before is None else (before.number, before.running)
    return KeptRun(lane, run, 0, run_start(room, lane, run, number, running), number, running)
