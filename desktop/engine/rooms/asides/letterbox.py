"""One seat's box at the room's relay, on one line: what lies in it is taken in, what the seat has
written is left in the boxes of others.

Nobody need sit down for that, and the room may be over. A letter is sealed once, to the card that
its seat is known by at the relay, and every try repeats its bytes (law 1).
"""

from __future__ import annotations

from functools import partial

import trio
from sqlcipher3 import Connection

from desktop.engine.doorbell import Doorbell
from desktop.engine.ground import Ground, Said
from desktop.engine.lines.line import Line, LineLost
from desktop.engine.rooms.asides import leaving, letters
from desktop.store.rooms import letters as kept
from desktop.store.rooms.rooms import KeptRoom, KeptSeat
from protocol.ids import SeatId
from protocol.wire.frames import Reason, Refused, Stored
from protocol.wire.frames.letters import AcknowledgeLetters, LeaveLetter, Letters, OpenBox
from protocol.wire.frames.rooms import CardsShown, ShowCards, SignedCard
from protocol.wire.rooms.entering import sign_box

MOST_PAGES = 64
AT_ONCE = 16


class Letterbox:
    """For as long as the line holds. ``bell``: something may have been written."""

    def __init__(self, ground: Ground, room: KeptRoom, seat: KeptSeat, line: Line) -> None:
        self._ground = ground
        self._room = room
        self.seat = seat
        self._line = line
        self._put, self._came = trio.open_memory_channel[Letters](MOST_PAGES)
        self.bell = Doorbell()

    def hear(self, told: Letters) -> None:
        """What the relay tells on this line. Raises LineLost where it tells more than it has."""
        try:
            self._put.send_nowait(told)
        except trio.WouldBlock as exc:
            raise LineLost from exc

    async def open(self) -> int | Reason:
        """Show that the seat is mine; how many letters follow, or why it stays shut: ``unknown``
        where the relay has no such seat any more. Raises LineLost."""
        room_id, line = self._room.room_id, self._line
        opened = await line.ask(
            OpenBox(
                call=line.call(),
                room=room_id,
                seat=self.seat.key.seat,
                signature=sign_box(self.seat.key, line.agreed.transcript, room_id),
            )
        )
        return opened.reason if isinstance(opened, Refused) else opened.waiting

    async def collect(self) -> int:
        """Take in the next letters and let the relay forget them; how many. Raises LineLost."""
        boxed = (await self._came.receive()).letters
        ground = self._ground
        await ground.do(
            partial(
                letters.heard,
                room_id=self._room.room_id,
                seat=self.seat,
                boxed=boxed,
                now=ground.now(),
            )
        )
        line = self._line
        await line.ask(AcknowledgeLetters(call=line.call(), up_to=boxed[-1].sequence))
        return len(boxed)

    async def leave_due(self) -> None:
        """Leave all that is due by now. Raises LineLost."""
        ground = self._ground
        while True:
            due = await ground.vault.read(
                lambda db: kept.due(db, self._room.row, self.seat.row, ground.now(), AT_ONCE)
            )
            if not due:
                return
            cards = await self._cards(sorted({one.to for one in due if one.letter is None}))
            if cards is None:
                await ground.do(partial(leaving.put_off, ground=ground, refused=due))
                continue
            sealed = await ground.do(partial(self._seal, due=due, cards=cards))
            for row, letter in sealed:
                await self._leave(row, letter)

    async def run(self) -> None:
        """Collect and leave for as long as the line holds. Raises LineLost."""
        while isinstance(await self.open(), Reason):
            await trio.sleep(self._ground.timings.letters_again)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._keep_collecting)
            while True:
                await self.leave_due()
                await self.bell.wait(self._ground.timings.letters_again)

    async def _keep_collecting(self) -> None:
        while True:
            await self.collect()

    async def _cards(self, seats: list[SeatId]) -> dict[SeatId, SignedCard] | None:
        """None where the relay does not show any at the moment. Raises LineLost."""
        if not seats:
            return {}
        line = self._line
        shown = await line.ask(ShowCards(call=line.call(), seats=tuple(seats)))
        if not isinstance(shown, CardsShown):
            return None
        return {row.seat: row.card for row in shown.cards}

    def _seal(
        self,
        db: Connection,
        said: Said,
        due: list[kept.Waiting],
        cards: dict[SeatId, SignedCard],
    ) -> list[tuple[int, bytes]]:
        return leaving.seal(db, said, self._ground, self._room, self.seat, due, cards)

    async def _leave(self, row: int, letter: bytes) -> None:
        line, ground = self._line, self._ground
        asked = LeaveLetter(call=line.call(), room=self._room.room_id, letter=letter)
        answer = await line.ask(asked)
        reason: Reason | None = None if isinstance(answer, Stored) else answer.reason
        await ground.do(partial(leaving.answered, ground=ground, row=row, reason=reason))
