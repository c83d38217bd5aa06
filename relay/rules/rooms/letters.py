"""Letters between seats: who may write to whom, how often, and how much waits.

A box needs nobody to be there, nor the room to go on: letters are taken for seven days beyond its
end, like they are kept.

Law: what one seat can do to the others by letters has a bound that nobody lifts for themselves. Who
has a grant writes to many, to all who asked and were not answered, and has a wider one. One answer
to each letter is free, or who asked much could not say yes; it earns no answer that is.
"""

from __future__ import annotations

from collections import deque

from protocol.wire.frames import Reason
from protocol.wire.rooms.letters import LetterBody, read_letter
from relay.rules.clock import HOUR_MS, Now
from relay.rules.rooms.asking import (
    RoomLoaded,
)
from relay.rules.rooms.changes import (
    Change,
    KeepLetter,
    TakeLetters,
)
from relay.rules.rooms.hosted import OUT, Hosted
from relay.rules.rooms.seats import Seat

A_SEAT_AN_HOUR = 3
A_GRANT_AN_HOUR = 100
MOST_IN_A_BOX = 64
MOST_IN_A_ROOM = 4_000


class Letters:
    """The boxes of one room."""

    def __init__(self, room: Hosted, loaded: RoomLoaded) -> None:
        self._room = room
        self.waiting = sum(count for _, count in loaded.boxes)
        for number, age_ms in loaded.letters:
            if (seat := room.seats.numbered(number)) is not None:
                seat.wrote = seat.wrote or deque()
                seat.wrote.append(age_ms)

    def read(self, letter: bytes) -> LetterBody:
        """What its writer signed. Raises BadSignature, RemoteProtocolError."""
        return read_letter(letter, self._room.id)

    def leave(self, said: LetterBody, letter: bytes, now: Now) -> tuple[Seat, Change] | Reason:
        """Put one that nobody has seen before into its box."""
        by, to = self._room.seats.find(said.by), self._room.seats.find(said.to)
        if by is None or to is None:
            return Reason.UNKNOWN
        if by.state in OUT or not self._may_write(by, to, now):
            return Reason.NOT_ALLOWED
        wrote = by.wrote = by.wrote or deque()
        while wrote and wrote[0] <= now.age_ms - HOUR_MS:
            wrote.popleft()
        full = to.boxed >= MOST_IN_A_BOX or self.waiting >= MOST_IN_A_ROOM
        most = A_GRANT_AN_HOUR if self._room.scopes(by, now) else A_SEAT_AN_HOUR
        owed = 0 if by.owes is None else by.owes.get(to.number, 0)
        if full or (not owed and len(wrote) >= most):
            return Reason.QUOTA
        if by.owes is not None and owed:
            by.owes[to.number] -= 1
        else:
            wrote.append(now.age_ms)
            to.owes = to.owes or {}
            to.owes[by.number] = to.owes.get(by.number, 0) + 1
        to.boxed += 1
        to.letters += 1
        self.waiting += 1
        kept = KeepLetter(to.number, to.letters, said.letter, by.number, now.age_ms, letter)
        return to, kept

    def take(self, seat: Seat, up_to: int) -> Change:
        """Its reader has them on a disk."""
        freed = seat.boxed - min(seat.boxed, max(seat.letters - up_to, 0))
        seat.boxed -= freed
        self.waiting -= freed
        return TakeLetters(seat.number, min(up_to, seat.letters))

    def _may_write(self, by: Seat, to: Seat, now: Now) -> bool:
        scopes = self._room.scopes
        return self._room.policy.asides or bool(scopes(by, now)) or bool(scopes(to, now))
