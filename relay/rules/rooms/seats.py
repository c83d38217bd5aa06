"""A room's seats: who has one, who sits on it, and who may have a new one.

Law: nobody says something and is gone before it can be answered. Who leaves for good is forgotten
ten minutes after their last entry, and is not while they are muted or put out.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from msgspec import Struct

from protocol.ids import SeatId
from protocol.wire.frames.rooms import SeatState
from relay.rules.clock import Now
from relay.rules.limits import Allowance
from relay.rules.rooms.records import KeptSeat

SPARE_ROWS = 1_000
# What a seat without a grant may say in a row, and how soon there is room for another.
BURST = 64
EACH_MS = 50
DESK_BURST = 32
DESK_EACH_MS = 1_000
ANSWERABLE_MS = 600_000


@dataclass(slots=True)
class Pace:
    """How fast one seat says something; only who says anything has one."""

    stage: Allowance = field(default_factory=lambda: Allowance(BURST, EACH_MS))
    desk: Allowance = field(default_factory=lambda: Allowance(DESK_BURST, DESK_EACH_MS))
    last_ms: int | None = None


@dataclass(slots=True, eq=False)
class Seat:
    """One seat. ``state`` is what the orders say, AWAY where it may come in; ``here`` whether
    somebody sits on it. ``place`` is where in the network they are, or were last, and
    ``mark`` what may be kept of that, if they showed the room's link."""

    number: int
    id: SeatId
    since_ms: int
    waits: bool
    token: bytes = b""
    run: int = 0
    at: int = 0
    name: bytes = b""
    card: bytes = b""
    wrap: bytes = b""
    wrap_epoch: int = 0
    stage: int = 0
    desk: int = 0
    letters: int = 0
    state: SeatState = SeatState.AWAY
    muted_until_ms: int = 0
    here: bool = False
    place: bytes | None = None
    mark: bytes = b""
    boxed: int = 0
    pace: Pace | None = None
    spoke_ms: int | None = None
    wrote: deque[int] | None = None
    owes: dict[int, int] | None = None  # letters that wait for an answer of its own, by whose

    @property
    def may_listen(self) -> bool:
        """Whether it is here, and told what is said."""
        return self.here and self.state is SeatState.AWAY

    def is_held(self, now: Now) -> bool:
        """Whether orders keep it down or out: forgotten, they would be about nobody."""
        return self.state not in (SeatState.AWAY, SeatState.WAITING) or (
            now.wall_ms < self.muted_until_ms
        )

    def spoke_lately(self, now: Now) -> bool:
        """Whether somebody may yet have to order something about it."""
        return self.spoke_ms is not None and now.age_ms < self.spoke_ms + ANSWERABLE_MS

    def shown(self) -> SeatState:
        """As others are told."""
        return SeatState.HERE if self.may_listen else self.state

    def kept(self) -> KeptSeat:
        """As it is written down."""
        return KeptSeat(
            self.number,
            self.id,
            self.since_ms,
            self.waits,
            self.token,
            self.run,
            self.at,
            self.name,
            self.card,
            self.wrap,
            self.wrap_epoch,
            self.stage,
            self.desk,
            self.letters,
        )


class Count(Struct, frozen=True):
    """Of the seats at this moment."""

    here: int
    waiting: int


class Seats:
    """All of them, by their ids and by their numbers."""

    def __init__(self, kept: tuple[KeptSeat, ...], last: int) -> None:
        self.by_id: dict[SeatId, Seat] = {}
        self._by_number: dict[int, Seat] = {}
        self._last = last  # also of one that is forgotten: no number is given twice
        self.listening = 0
        self.tokens: set[bytes] = set()
        self.gone: set[Seat] = set()  # left for good, and to be forgotten
        for each in kept:
            self._keep(
                Seat(
                    each.number,
                    each.seat,
                    each.since_ms,
                    each.waits,
                    each.token,
                    each.run,
                    each.at,
                    each.name,
                    each.card,
                    each.wrap,
                    each.wrap_epoch,
                    each.stage,
                    each.desk,
                    each.letters,
                )
            )

    def __len__(self) -> int:
        return len(self.by_id)

    def find(self, seat: SeatId) -> Seat | None:
        """One that is known."""
        return self.by_id.get(seat)

    def numbered(self, number: int) -> Seat | None:
        """The same by its number."""
        return self._by_number.get(number)

    def all(self) -> list[Seat]:
        """In the order of their coming."""
        return list(self.by_id.values())

    def new(self, seat: SeatId, since_ms: int, *, waits: bool, token: bytes) -> Seat:
        """A seat that nobody had."""
        made = Seat(self._last + 1, seat, since_ms, waits, token)
        self._keep(made)
        return made

    def drop(self, seat: Seat) -> None:
        """It is forgotten."""
        self.gone.discard(seat)
        del self.by_id[seat.id]
        del self._by_number[seat.number]
        self.tokens.discard(seat.token)

    def drop_gone(self, now: Now) -> list[int]:
        """Forget those of ``gone`` whose time is over; who is held stays known like anybody."""
        over = [seat for seat in self.gone if seat.is_held(now) or not seat.spoke_lately(now)]
        self.gone.difference_update(over)
        dropped = [seat for seat in over if not seat.is_held(now)]
        for seat in dropped:
            self.drop(seat)
        return sorted(seat.number for seat in dropped)

    def one_to_forget(self, most: int) -> Seat | None:
        """Where there are too many: one that is empty, said nothing, and means nothing."""
        if len(self.by_id) < most:
            return None
        return next(
            (
                seat
                for seat in self.by_id.values()
                if not seat.here
                and seat.state in (SeatState.AWAY, SeatState.WAITING)
                and not (seat.stage or seat.desk or seat.letters or seat.muted_until_ms)
            ),
            None,
        )

    def _keep(self, seat: Seat) -> None:
        self.by_id[seat.id] = seat
        self._by_number[seat.number] = seat
        self._last = max(self._last, seat.number)
        if seat.token:
            self.tokens.add(seat.token)
