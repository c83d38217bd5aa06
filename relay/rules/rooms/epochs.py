"""A room's epochs: which is in force, and the wraps that come with the next one.

Wraps gather in memory until the request that says that no more follow; then the epoch begins, with
all of them, in one commit.
"""

from __future__ import annotations

from protocol.ids import RoomId
from protocol.wire.frames import Reason
from protocol.wire.frames.room_orders import SeatWrap, SignedEpoch
from protocol.wire.rooms.authority import Fault, scopes_in
from protocol.wire.rooms.epochs import read_epoch
from protocol.wire.rooms.orders import Scope
from relay.rules.rooms.changes import (
    BeginEpoch,
    Change,
    KeepWraps,
)
from relay.rules.rooms.orders import Orders
from relay.rules.rooms.seats import Seats


class Epochs:
    """Those that were announced; ``number`` is 0 before the first."""

    def __init__(self, room: RoomId, signed: SignedEpoch | None) -> None:
        self._room = room
        self.signed: SignedEpoch | None = signed
        self.number = 0 if signed is None else read_epoch(signed, room).epoch
        self._coming: tuple[bytes, dict[int, bytes]] = (b"", {})

    def set(
        self,
        signed: SignedEpoch,
        wraps: tuple[SeatWrap, ...],
        seats: Seats,
        orders: Orders,
        number: int,
        now_ms: int,
        *,
        more: bool,
    ) -> tuple[Change, ...] | Reason:
        """The next one after ``number``, or wraps of the one in force; nothing is to be written
        while more of them follow. Raises BadSignature, RemoteProtocolError."""
        body = read_epoch(signed, self._room)
        scopes = scopes_in(body.grant, self._room, body.by, now_ms, orders.revoked, orders.about)
        if scopes is Fault.OUT:
            return Reason.REMOVED
        if isinstance(scopes, Fault) or Scope.ADMIT not in scopes:
            return Reason.NOT_ALLOWED
        in_force = self.signed is not None and signed.body == self.signed.body
        if body.epoch != (number if in_force else number + 1):
            return Reason.WRONG_STATE
        if self._coming[0] != signed.body:
            self._coming = (signed.body, {})
        gathered = self._coming[1]
        for each in wraps:
            if (seat := seats.find(each.seat)) is not None:
                gathered[seat.number] = each.wrap
        if more:
            return ()
        self._coming = (b"", {})
        for which, wrap in gathered.items():
            if (seat := seats.numbered(which)) is not None:
                seat.wrap, seat.wrap_epoch = wrap, body.epoch
        kept = KeepWraps(body.epoch, tuple(gathered.items()))
        if in_force:
            return (kept,)
        self.signed, self.number = signed, body.epoch
        return (BeginEpoch(signed), kept)
