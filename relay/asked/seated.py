"""One connection's seat: taken, spoken from, left. It holds one seat of one room at most.

Signatures are looked at here; the room decides the rest.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, ClassVar

from protocol.errors import BadSignature, RemoteProtocolError
from protocol.wire.frames import Reason, Refused, Request
from protocol.wire.frames.room_entries import (
    AcknowledgeDesk,
    FetchEntries,
    Lane,
    SayEntry,
    ShowHead,
)
from protocol.wire.frames.room_orders import ShowWrap
from protocol.wire.frames.rooms import (
    Entered,
    EnterRoom,
    LeaveRoom,
    SeatState,
    SetName,
    ShowCards,
    ShowSeats,
)
from protocol.wire.rooms.entering import check_entering, read_card
from protocol.wire.rooms.orders import Scope
from relay.asked.calls import Calls
from relay.asked.in_rooms import answer_done, answer_number, in_room
from relay.asked.looking import Looking
from relay.neighbours import Neighbour
from relay.premises import Premises
from relay.rooms.live import LiveRoom
from relay.rooms.sitting import Line, Sitting
from relay.rules.rooms.changes import KeepSeat
from relay.rules.rooms.entering import enter
from relay.rules.rooms.hosted import Taken
from relay.rules.rooms.seats import Seat


class Seated:
    """One connection's."""

    def __init__(
        self,
        premises: Premises,
        calls: Calls,
        line: Line,
        neighbour: Neighbour,
        mark: Callable[[bytes], bytes],
        cut_off: Callable[[], None],
    ) -> None:
        self._premises = premises
        self._calls = calls
        self._neighbour = neighbour
        self._mark = mark
        self._sitting = Sitting(line, calls.stop, cut_off)
        self._room: LiveRoom | None = None
        self._entering = False
        self._ended = False

    def take(self, asked: Request[Any]) -> None:
        """One of ``HANDLERS``."""
        self.HANDLERS[type(asked)](self, asked)

    def end(self) -> None:
        """The connection is over."""
        self._ended = True
        if self._room is not None:
            self._room.rise(self._sitting)
            self._room = None

    # A seat

    def _enter(self, asked: EnterRoom) -> None:
        held = self._sitting.seat
        if self._entering or (held is not None and held.id != asked.seat):
            self._calls.refuse(asked, Reason.WRONG_STATE)
            return
        try:
            check_entering(asked.seat, asked.signature, self._calls.transcript, asked.room)
            read_card(asked.card, asked.room, asked.seat)
        except (BadSignature, RemoteProtocolError):
            self._calls.refuse(asked, Reason.BAD_SIGNATURE)
            return

        def sit(live: LiveRoom) -> Reason | None:
            if self._ended:
                return Reason.TRY_LATER
            if self._room is not None and self._room is not live:
                self._room.rise(self._sitting)
            place, mark = self._neighbour.in_rooms, self._mark(asked.token)
            sat = enter(live.room, asked, place, self._calls.now, mark)
            if isinstance(sat, Reason):
                return sat
            live.claim(sat.seat, self._sitting)
            self._room, self._entering = live, True
            live.saving.change(sat.changes, partial(self._entered, live, asked))
            return None

        in_room(self._premises, self._calls, asked, asked.room, sit)

    def _entered(self, live: LiveRoom, asked: EnterRoom, ok: bool) -> None:
        self._entering = False
        seat = self._sitting.seat
        if not ok or seat is None or self._ended:
            self._calls.finish(Refused(call=asked.call, reason=Reason.TRY_LATER))
            return
        room, now = live.room, self._premises.now()
        stage = room.lanes[Lane.STAGE]
        floor_run, floor = room.floor(seat, now) if seat.run else (stage.run, stage.told)
        self._calls.finish(
            Entered(
                call=asked.call,
                policy=room.signed,
                state=SeatState.HERE if seat.state is SeatState.AWAY else seat.state,
                run=stage.run,
                number=stage.told,
                oldest_run=floor_run,
                oldest=floor + 1,
                seats=live.taken,
                head=live.head(Lane.STAGE),
                grant=room.orders.grant_of(seat.id, now.wall_ms),
                muted_until_ms=seat.muted_until_ms,
            )
        )
        live.listen(self._sitting)

    def _leave(self, asked: LeaveRoom) -> None:
        def leave(live: LiveRoom, seat: Seat) -> None:
            live.rise(self._sitting)
            self._room = None
            changes = live.room.forget(seat, self._calls.now) if asked.for_good else ()
            self._calls.begin()
            answer_done(self._calls, live, asked, changes)

        self._with_seat(asked, leave)

    def _name(self, asked: SetName) -> None:
        def name(live: LiveRoom, seat: Seat) -> None:
            seat.name = asked.name
            self._calls.begin()
            answer_done(
                self._calls, live, asked, (KeepSeat(seat.kept()),), partial(live.renamed, seat)
            )

        self._with_seat(asked, name)

    def _say(self, asked: SayEntry) -> None:
        live, seat = self._room, self._sitting.seat
        if live is None or seat is None or self._entering:
            self._calls.refuse(asked, Reason.WRONG_STATE)
            return
        if not self._premises.storage.takes:
            self._calls.refuse(asked, Reason.TRY_LATER)
            return
        self._calls.begin(len(asked.item))
        try:
            said = live.room.say(seat, asked.item, self._calls.now)
        except RemoteProtocolError:
            said = Reason.NOT_ALLOWED
        if isinstance(said, Taken):
            live.note()
        reason = answer_number(self._premises, self._calls, live, asked, said, len(asked.item))
        if reason is not None:
            self._calls.finish(Refused(call=asked.call, reason=reason), len(asked.item))

    def _acknowledge(self, asked: AcknowledgeDesk) -> None:
        def trim(live: LiveRoom, seat: Seat) -> None:
            room, log = live.room, live.room.lanes[Lane.DESK]
            if Scope.HOST not in room.scopes(seat, self._calls.now):
                self._calls.refuse(asked, Reason.NOT_ALLOWED)
            elif asked.run > log.run or (asked.run == log.run and asked.up_to > log.saved):
                self._calls.refuse(asked, Reason.WRONG_STATE)
            else:
                self._calls.begin()
                answer_done(self._calls, live, asked, (room.trim_desk(asked.run, asked.up_to),))

        self._with_seat(asked, trim)

    def _look(self, asked: Any) -> None:
        def look(live: LiveRoom, seat: Seat) -> None:
            Looking(self._calls, self._premises, live, seat).take(asked)

        self._with_seat(asked, look)

    def _with_seat(self, asked: Request[Any], then: Callable[[LiveRoom, Seat], None]) -> None:
        live, seat = self._room, self._sitting.seat
        if live is None or seat is None or self._entering:
            self._calls.refuse(asked, Reason.WRONG_STATE)
        else:
            then(live, seat)

    HANDLERS: ClassVar[dict[type[Any], Callable[[Seated, Any], None]]] = {
        EnterRoom: _enter,
        LeaveRoom: _leave,
        SetName: _name,
        SayEntry: _say,
        AcknowledgeDesk: _acknowledge,
        FetchEntries: _look,
        ShowHead: _look,
        ShowSeats: _look,
        ShowCards: _look,
        ShowWrap: _look,
    }
