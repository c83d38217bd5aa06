"""Running a room, or helping to: how it is set, who may what, what waits at the desk."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from msgspec.structs import replace
from sqlcipher3 import Connection

from desktop.core.desk import DeskId, DeskItem, Verdict
from desktop.core.errors import OutOfBounds
from desktop.core.room_errors import RoomNotAllowed, RoomUnknown, SeatUnknown
from desktop.core.room_rights import can_be_given
from desktop.core.rooms import Act, May, Person, Speak, Undoable, Way
from desktop.engine.calls.boards import BoardCalls
from desktop.engine.ground import Said
from desktop.engine.lines.line import LineLost
from desktop.engine.rooms.desk import serving, showing
from desktop.engine.rooms.keys import admission
from desktop.engine.rooms.order import giving
from desktop.engine.rooms.people.shown import listed
from desktop.store.rooms import rooms
from desktop.store.rooms.rooms import KeptRoom
from protocol.e2e.rooms.stage import MAX_REASON
from protocol.ids import EntryId, RoomId, SeatId
from protocol.wire.rooms.orders import LONGEST_S
from protocol.wire.rooms.policy import MAX_SLOW_S


class HostCalls(BoardCalls):
    """Calls of hosts and moderators."""

    async def room_set(
        self,
        room_id: RoomId,
        slow_s: int | None = None,
        speak: Speak | None = None,
        way: Way | None = None,
    ) -> None:
        """See Rooms."""
        ground = self._open_now.ground
        if slow_s is not None and not 0 <= slow_s <= MAX_SLOW_S:
            raise OutOfBounds("slow_s")

        def set_it(db: Connection, said: Said, room: KeptRoom) -> None:
            now = ground.room_clocks.now(room_id)
            giving.set_stage(db, said, room, now, ground.rng, slow_s=slow_s, speak=speak)
            if way is Way.APPROVAL and not admission.is_closed(room):
                if room.key is None:
                    raise RoomNotAllowed
                admission.close_to_strangers(db, said, room, now, ground.rng)
            elif way is Way.LINK and admission.is_closed(room):
                raise RoomNotAllowed  # what was said behind the door stays there

        await self._sitting(room_id, set_it)

    async def room_end(self, room_id: RoomId) -> None:
        """See Rooms."""
        ground = self._open_now.ground

        def end(db: Connection, said: Said) -> None:
            room = rooms.find(db, room_id)
            if room is None:
                raise RoomUnknown
            if room.ended_ms is None:
                giving.end(db, said, room, ground.room_clocks.now(room_id), ground.rng)

        await ground.do(end)

    async def people(self, room_id: RoomId) -> Sequence[Person]:
        """See Rooms."""
        ground = self._open_now.ground
        now, ahead = ground.now(), ground.room_clocks.ahead_ms(room_id)
        keeper = self._open_now.rooms.find(room_id)
        if keeper is not None and keeper.sitting is not None and keeper.sitting.inside.is_set():
            await keeper.sitting.seats.look()
        return await self._in_room(room_id, lambda db, room: listed(db, room, now, ahead))

    async def room_act(
        self,
        room_id: RoomId,
        seat_id: SeatId,
        act: Act,
        seconds: int = 0,
        reason: str = "",
        entry_id: EntryId | None = None,
        may: Sequence[May] | None = None,
    ) -> Undoable | None:
        """See Rooms."""
        ground = self._open_now.ground
        if not 0 <= seconds <= LONGEST_S:
            raise OutOfBounds("seconds")
        if len(reason.encode()) > MAX_REASON:
            raise OutOfBounds("reason")

        if may is not None and (act is not Act.MAKE_MODERATOR or not can_be_given(may)):
            raise OutOfBounds("may")

        def do(db: Connection, said: Said, room: KeptRoom) -> Undoable | None:
            now = ground.room_clocks.now(room_id)
            asked = partial(giving.act, db, said, room, seat_id, act, now, ground.rng)
            done = asked(seconds=seconds, reason=reason, entry_id=entry_id, may=may)
            ahead = ground.room_clocks.ahead_ms(room_id)
            return None if done is None else replace(done, until_ms=done.until_ms + ahead)

        try:
            return await self._sitting(room_id, do)
        except SeatUnknown:
            await self._look_for(room_id, seat_id)
            return await self._sitting(room_id, do)

    async def _look_for(self, room_id: RoomId, seat_id: SeatId) -> None:
        """Whoever just came is in the room before my list has them. Raises SeatUnknown where there
        is nobody to ask."""
        keeper = self._keeper(room_id)
        if keeper is None or keeper.sitting is None:
            raise SeatUnknown
        try:
            await keeper.sitting.seats.look_for(seat_id)
        except LineLost as exc:
            raise SeatUnknown from exc

    async def room_undo(self, room_id: RoomId, undo_id: int) -> None:
        """See Rooms."""
        ground = self._open_now.ground
        await self._sitting(
            room_id,
            lambda db, said, room: giving.undo(
                db, said, room, undo_id, ground.room_clocks.now(room_id), ground.rng
            ),
        )

    async def desk(self, room_id: RoomId) -> Sequence[DeskItem]:
        """See Rooms."""
        now = self._open_now.ground.now()
        return await self._in_room(room_id, lambda db, room: showing.waiting(db, room, now))

    async def desk_done(self, room_id: RoomId, desk_id: DeskId, verdict: Verdict) -> None:
        """See Rooms."""
        ground = self._open_now.ground

        def do(db: Connection, said: Said, room: KeptRoom) -> None:
            now = ground.room_clocks.now(room_id)
            serving.done(db, said, room, desk_id, verdict, now, ground.rng)

        await self._sitting(room_id, do)
