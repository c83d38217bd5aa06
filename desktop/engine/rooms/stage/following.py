"""Following a lane of a room: every item once, in its order, each number and hash compared.

What is told in order is taken in as it comes; whatever does not fit is fetched from where following
stands. Nothing is taken out of its order, so that the running hash can be held against the relay's
signed heads. What does not fit together is kept and named, never passed over.
"""

from __future__ import annotations

from functools import partial

from msgspec.structs import replace
from sqlcipher3 import Connection

from desktop.core.rooms import Warned
from desktop.engine.ground import Ground, Said
from desktop.engine.lines.line import Line, LineLost
from desktop.engine.rooms.line import warning
from desktop.engine.rooms.stage import heads, taking
from desktop.store.rooms import lanes
from desktop.store.rooms.items import run_and_number
from desktop.store.rooms.lanes import Position
from protocol.ids import RoomId
from protocol.wire.frames import Reason, Refused
from protocol.wire.frames.room_entries import MAX_ITEMS, Entries, Fetched, FetchEntries, Lane
from protocol.wire.frames.rooms import SignedHead
from protocol.wire.rooms.heads import HeadBody, run_start
from protocol.wire.rooms.signed import unpack

MOST_NUMBERS = 2**32 - MAX_ITEMS
"""In one run, as a place has no room for more."""

MOST_EMPTY_RUNS = 1_000
"""One behind the other: a relay that says more of them leads nowhere."""

MOST_HEADS = 8
"""That do not cover each other: one is enough of an honest relay, two prove a fork."""


class Follower:
    """One lane, for as long as a line holds."""

    def __init__(self, ground: Ground, room_id: RoomId, row: int, lane: Lane, line: Line) -> None:
        self._ground = ground
        self._room_id = room_id
        self._row = row
        self._lane = lane
        self._line = line
        self._at = Position(1, 0, b"")
        self._floor = Position(1, 0, b"")
        self._heads: list[SignedHead] = []  # not compared yet

    async def begin(self, floor: Position) -> None:
        """Go on where the vault stands, or at the floor: the first that may be fetched; and come
        up to where the room is. Raises LineLost."""
        self._floor = floor
        known = await self._ground.vault.read(lambda db: lanes.position(db, self._row, self._lane))
        if known is None:
            await self._jump(None, floor)
        else:
            self._at = known
        await self.catch_up()

    async def hear(self, told: Entries) -> None:
        """What the relay tells by itself. Raises LineLost."""
        known = self._at.number - told.first + 1 if told.run == self._at.run else -1
        if known < 0:
            await self.catch_up()
            return
        if known:
            again = told.items[:known]
            await self._ground.do(
                partial(
                    taking.compare,
                    row=self._row,
                    lane=self._lane,
                    run=told.run,
                    first=told.first,
                    told=again,
                )
            )
        if known < len(told.items):
            await self._take(told.items[known:])

    def hear_head(self, head: SignedHead) -> None:
        """The relay signed that so much of the lane is on its disk. A later head of one run covers
        what an earlier one said, so that one of them in a few seconds is enough; what it does not
        cover is kept beside it."""
        body = unpack(head.body, HeadBody)
        if body.lane is not self._lane:
            return
        if self._heads and _covers(body, unpack(self._heads[-1].body, HeadBody)):
            self._heads[-1] = head
        elif len(self._heads) < MOST_HEADS:
            self._heads.append(head)

    async def compare_head(self) -> None:
        """Hold the last heads against what came, and against each other."""
        told, self._heads = self._heads, []
        relay = self._line.agreed.relay
        for head in told:
            await self._ground.do(
                partial(heads.heard, room_row=self._row, lane=self._lane, signed=head, relay=relay)
            )

    async def catch_up(self) -> None:
        """Fetch what is missing until there is nothing more. Raises LineLost."""
        retreats = await self._retreats()
        empty = 0
        while empty <= MOST_EMPTY_RUNS:
            at = self._at
            answer = await self._line.ask(
                FetchEntries(
                    call=self._line.call(),
                    run=at.run,
                    after=at.number,
                    limit=MAX_ITEMS,
                    lane=self._lane,
                )
            )
            if isinstance(answer, Refused):
                if answer.reason is not Reason.UNKNOWN or not retreats:
                    raise LineLost
                await self._jump(at, retreats.pop(0))
                continue
            await self._hear_page(answer)
            empty = 0 if answer.items else empty + 1
            if answer.over:
                self._next_run()
            elif not answer.items:
                return
        raise LineLost

    async def _hear_page(self, page: Fetched) -> None:
        at = self._at
        if page.run != at.run or not at.number < page.first < MOST_NUMBERS:
            raise LineLost
        if page.first > at.number + 1:  # what lay between is no longer kept
            await self._jump(at, Position(page.run, page.first - 1, page.before))
        elif at.running and page.before != at.running:
            await self._ground.do(self._strange)
        self._at = replace(self._at, running=page.before)
        if page.items:
            await self._take(page.items)

    async def _take(self, items: tuple[bytes, ...]) -> None:
        self._at = await self._ground.do(
            partial(
                taking.take,
                ground=self._ground,
                row=self._row,
                lane=self._lane,
                at=self._at,
                told=items,
            )
        )

    async def _retreats(self) -> list[Position]:
        """Where to go back to if the relay does not know what comes behind where this stands: to
        what it signed last, as what was told and never on its disk is gone with its run; then to
        what may be fetched at all."""
        head = await self._ground.vault.read(lambda db: heads.confirmed(db, self._row, self._lane))
        candidates = [head] if head is not None and head.run == self._at.run else []
        candidates += [Position(self._at.run, 0, b""), self._floor]
        here = (self._at.run, self._at.number)
        before = [one for one in candidates if (one.run, one.number) < here]
        return [*before, self._floor] if self._floor not in before else before

    async def _jump(self, at: Position | None, to: Position) -> None:
        now = self._ground.now()
        await self._ground.do(
            partial(taking.jump, row=self._row, lane=self._lane, at=at, to=to, now=now)
        )
        self._at = to

    def _next_run(self) -> None:
        at = self._at
        start = b""
        if at.running:
            start = run_start(self._room_id, self._lane, at.run + 1, at.number, at.running)
        self._at = Position(at.run + 1, 0, start)

    def _strange(self, db: Connection, said: Said) -> None:
        warning.warn(db, said, self._row, Warned.FORKED)


def _covers(later: HeadBody, earlier: HeadBody) -> bool:
    return later.number > earlier.number and (
        (later.run, later.before_number, later.before_running)
        == (earlier.run, earlier.before_number, earlier.before_running)
    )


def floor_of(oldest: int) -> Position:
    """Before the first item that may be fetched, by its place."""
    run, number = run_and_number(oldest)
    return Position(run, max(number - 1, 0), b"")
