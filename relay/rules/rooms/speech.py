"""Who may say something now: told in the order in which a desktop can do something about it."""

from __future__ import annotations

from protocol.wire.frames import Reason
from protocol.wire.frames.room_entries import Lane
from protocol.wire.frames.rooms import SeatState
from protocol.wire.rooms.items import EntryBody
from protocol.wire.rooms.orders import Scope
from protocol.wire.rooms.policy import Speak
from relay.rules.clock import Now
from relay.rules.rooms.seats import Pace, Seat

WHY_OUT = {
    SeatState.WAITING: Reason.WAITING,
    SeatState.REFUSED: Reason.NOT_ALLOWED,
    SeatState.REMOVED: Reason.REMOVED,
    SeatState.BANNED: Reason.REMOVED,
}


def why_not_say(
    seat: Seat, entry: EntryBody, scopes: Scope, speak: Speak, slow_s: int, epoch: int, now: Now
) -> Reason | None:
    """Why this seat may not say this now; None counts it.

    ``epoch`` is the number that the lane's entries are sealed under at the moment.
    """
    counter = seat.stage if entry.lane is Lane.STAGE else seat.desk
    if seat.state is not SeatState.AWAY and not _asks_to_be_admitted(seat, entry):
        return WHY_OUT.get(seat.state, Reason.NOT_ALLOWED)
    if entry.counter != counter + 1:
        return Reason.WRONG_STATE
    if entry.epoch != epoch:
        return Reason.EPOCH
    pace = seat.pace = seat.pace or Pace()
    if entry.lane is Lane.DESK:
        return Reason.QUOTA if not scopes and pace.desk.another(now.age_ms) else None
    if now.wall_ms < seat.muted_until_ms:
        return Reason.MUTED
    if scopes:
        return None
    if speak is not Speak.ALL:
        return Reason.NOT_ALLOWED
    if slow_s and pace.last_ms is not None and now.age_ms < pace.last_ms + slow_s * 1000:
        return Reason.SLOW
    if pace.stage.another(now.age_ms):
        return Reason.SLOW
    pace.last_ms = now.age_ms
    return None


def _asks_to_be_admitted(seat: Seat, entry: EntryBody) -> bool:
    return seat.state is SeatState.WAITING and entry.lane is Lane.DESK
