"""Whose name looks like the host's or a moderator's, and is neither. Said where names stand."""

from __future__ import annotations

from sqlcipher3 import Connection

from desktop.store.rooms import grants, people
from desktop.store.rooms.rooms import KeptRoom
from protocol.e2e.rooms.pseudonyms import imitates
from protocol.ids import SeatId


class Likeness:
    """What a room's helpers go by, read once for many names."""

    def __init__(self, db: Connection, room: KeptRoom) -> None:
        front, given = room.front(), grants.every(db, room.row)
        self._helpers = {front.seat, *given}
        named = (people.name_of(db, room.row, seat) for seat in given)
        self._names = [name for name in (front.host, *named) if name]

    def misleads(self, seat: SeatId | None, name: str) -> bool:
        """Whether somebody could take this seat for one of them."""
        helps = seat is not None and seat in self._helpers
        return bool(name) and not helps and imitates(name, self._names)
