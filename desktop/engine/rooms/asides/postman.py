"""Who goes to the boxes of rooms: on the lines of rooms I sit in, and by short visits to others.

A visit looks into the box of a seat that is not on a line, or leaves what that seat has written.
Each is on a fresh line, so that nothing but the address joins two seats. Boxes of rooms that ended
are looked into as long as their relay keeps them.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

import trio
from sqlcipher3 import Connection

from desktop.engine.ground import Bell, Ground
from desktop.engine.lines.line import Line, LineLost
from desktop.store.rooms import letters, rooms
from desktop.store.rooms.rooms import KeptRoom, KeptSeat
from protocol.errors import NoCommonVersion, RemoteProtocolError, WrongRelay
from protocol.wire.frames import Reason
from protocol.wire.frames.letters import Letters

if TYPE_CHECKING:
    from desktop.engine.rooms.asides.letterbox import Letterbox

MOST_SEATS = 3  # of one room: the one I sit on, and those I had before it

log = logging.getLogger(__name__)


class Postman:
    """One for an open profile. ``on_lines``: the boxes of the rooms that I sit in."""

    def __init__(self, ground: Ground, on_lines: Callable[[], list[Letterbox]]) -> None:
        self._ground = ground
        self._on_lines = on_lines
        self._gone: set[int] = set()  # seats that their relays have forgotten

    async def run(self, _: Ground) -> None:
        """Go round soon, when the rooms I sit in have their lines, then every few minutes, and
        whenever something was written; sooner where letters are likely."""
        ground, timings = self._ground, self._ground.timings
        everywhere_at = trio.current_time() + timings.patience
        likely_at = trio.current_time() + timings.letters_soon
        while True:
            now = trio.current_time()
            everywhere, likely = now >= everywhere_at, now >= likely_at
            if everywhere:
                everywhere_at = now + timings.letters_visit * (0.75 + ground.chance() / 2)
            if likely:
                likely_at = now + timings.letters_soon
            due = partial(self._to_visit, everywhere=everywhere, likely=likely)
            for room, seat in await ground.vault.read(due):
                await self._visit(room, seat)
            rest = everywhere_at - trio.current_time()
            if await ground.vault.read(self._any_likely):
                rest = min(rest, likely_at - trio.current_time())
            due_ms = await ground.vault.read(letters.next_due)
            if due_ms is not None:
                again = max((due_ms - ground.now()) / 1000, ground.timings.letters_again)
                rest = min(rest, again)
            if self._on_lines():  # any of them may be over by then
                rest = min(rest, ground.timings.letters_soon)
            await ground.bells[Bell.LETTERS].wait(rest)
            for box in self._on_lines():
                box.bell.ring()

    def _any_likely(self, db: Connection) -> bool:
        return any(self._is_likely(db, room) for room in rooms.every(db))

    def _is_likely(self, db: Connection, room: KeptRoom) -> bool:
        """Whether a room where I sat has just ended, as that is when askers are invited; or goes on
        while I sit there under another name than before, which letters may still be for."""
        if room.ended_ms is None:
            return room.wanted and len(rooms.seats(db, room.row)) > 1
        since = self._ground.now() - int(self._ground.timings.letters_lately * 1000)
        return room.ended_ms > since and room.entered_ms is not None

    def _to_visit(
        self, db: Connection, *, everywhere: bool, likely: bool
    ) -> list[tuple[KeptRoom, KeptSeat]]:
        now = self._ground.now()
        here = {box.seat.row for box in self._on_lines()}
        writers = set(letters.writers(db, now))
        kept_ms = int(self._ground.timings.letters_kept * 1000)
        found: list[tuple[KeptRoom, KeptSeat]] = []
        for room in rooms.every(db):
            gone = room.opening or (room.ended_ms is not None and room.ended_ms + kept_ms < now)
            came = room.entered_ms is not None or room.knocked_ms is not None
            its_turn = everywhere or (likely and self._is_likely(db, room))
            for seat in rooms.seats(db, room.row)[:MOST_SEATS]:
                looks = its_turn and came and not gone and seat.row not in self._gone
                if seat.row not in here and (looks or (room.row, seat.row) in writers):
                    found.append((room, seat))
        return found

    async def _visit(self, room: KeptRoom, seat: KeptSeat) -> None:
        from desktop.engine.lines.dial import open_line  # noqa: PLC0415 - few starts need it
        from desktop.engine.rooms.asides.letterbox import Letterbox  # noqa: PLC0415

        ground, address = self._ground, room.link.address
        timings = ground.timings
        if ground.unanswered.rests(address):
            return
        with trio.move_on_after(timings.connect + 2 * timings.answer) as patience:
            try:
                async with open_line(
                    ground.outward.to_room(room.room_id), address, timings, ground.rng, sits=True
                ) as line:
                    await self._look_in(line, Letterbox(ground, room, seat, line))
            except LineLost:
                ground.unanswered.add(address)
            except (WrongRelay, NoCommonVersion, RemoteProtocolError) as exc:
                log.info("no box there: %s", type(exc).__name__)
            else:
                ground.unanswered.drop(address)
        if patience.cancelled_caught:
            ground.unanswered.add(address)

    async def _look_in(self, line: Line, box: Letterbox) -> None:
        from desktop.engine.rooms.asides import leaving  # noqa: PLC0415

        waiting = await box.open()
        if isinstance(waiting, Reason):
            if waiting is Reason.UNKNOWN:
                self._gone.add(box.seat.row)
            await self._ground.do(
                partial(leaving.shut, ground=self._ground, seat=box.seat.row, reason=waiting)
            )
            return
        async with trio.open_nursery() as nursery:
            nursery.start_soon(_listen, line, box)
            while waiting > 0:
                waiting -= await box.collect()
            await box.leave_due()
            nursery.cancel_scope.cancel()


async def _listen(line: Line, box: Letterbox) -> None:
    with suppress(trio.EndOfChannel):
        async for told in line.notices:
            if isinstance(told, Letters):
                box.hear(told)
    raise LineLost
