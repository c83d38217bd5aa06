"""A room that somebody is in: what was said goes out to all seats together, once a tick.

The first of a burst goes out at once, what comes within the next two milliseconds together. It is
encoded once and sent without waiting to whoever takes it; a line that does not is left behind, and
cut off when too much of it waits, so that nobody else notices.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TypeVar

import trio

from protocol.ids import SeatId
from protocol.keys import Secret
from protocol.wire.frames import Notice, Reason
from protocol.wire.frames.room_entries import Entries, Lane, RoomHead
from protocol.wire.frames.room_orders import EpochBegins
from protocol.wire.frames.rooms import (
    MAX_TOLD,
    RoomSet,
    SeatsChanged,
    SeatState,
    SeatTold,
    SignedHead,
)
from protocol.wire.rooms.heads import sign_head
from protocol.wire.rooms.orders import Scope
from relay import strings
from relay.faults import place
from relay.rooms.saving import Saving
from relay.rooms.sitting import Sitting, tell_all
from relay.rules.clock import Now
from relay.rules.rooms.asking import RoomLoaded
from relay.rules.rooms.changes import TrimStage, UseRoom
from relay.rules.rooms.hosted import OUT, Hosted
from relay.rules.rooms.letters import Letters
from relay.rules.rooms.places import Places
from relay.rules.rooms.seats import Seat
from relay.store.storage import Storage

_log = logging.getLogger(__name__)

T = TypeVar("T")

GAP_S = 0.002
HEAD_EACH_S = 3
IDLE_S = 60
USED_EACH_S = 3_600
FORGET_EACH_S = 60
MOST_STAGE_ITEMS = 20_000
TRIM_EACH = 2_000
RETRY_MS = 1_000
READS_DESK = Scope.DESK | Scope.HOST


class LiveRoom:
    """One room at work; ``gone`` is told when the disk refused something and it has to be left."""

    def __init__(
        self,
        loaded: RoomLoaded,
        storage: Storage,
        seed: Secret,
        now: Callable[[], Now],
        gone: Callable[[LiveRoom], None],
        places: Places | None = None,
    ) -> None:
        self.room = Hosted(loaded, places)
        self.letters = Letters(self.room, loaded)
        self.storage = storage
        self.now = now
        self.saving = Saving(self.room, storage, now, self.note, self.fail)
        self.scope = trio.CancelScope()
        self.guests = 0  # connections with an open box, or that wait to be told something
        self.boxes: dict[int, list[Callable[[], None]]] = {}
        self._seed = seed
        self._gone = gone
        self._claims: dict[int, Sitting] = {}
        self._news = trio.Event()
        self._came: set[SeatId] = set()
        self._went: set[SeatId] = set()
        self._shown = (0, 0)
        self._heads: dict[Lane, int] = {}
        self._seconds = 0
        self._idle_s = 0
        self._stage_items = loaded.stage_items
        self.delivered = 0

    # Telling

    async def run(self) -> None:
        """Until the room is left."""
        with self.scope:
            while True:
                with trio.move_on_at(self.saving.due):
                    await self._news.wait()
                self._news = trio.Event()
                self.safely(self.tick)
                await trio.sleep(GAP_S)

    def safely(self, work: Callable[[], T]) -> T | None:
        """Do this; a bug that one room met must not end the relay for all others."""
        try:
            return work()
        except Exception as exc:  # noqa: BLE001
            _log.critical(strings.LOG_BUG, place(exc))
            self.fail()
        return None

    def note(self) -> None:
        """Something is to be told or written."""
        self._news.set()

    def tick(self) -> None:
        """Tell what is new."""
        for lane, log in self.room.lanes.items():
            while (page := log.tell()) is not None:
                said = Entries(run=page.run, first=page.first, items=page.items, lane=lane)
                self._tell([said], desk=lane is Lane.DESK)
                if lane is Lane.STAGE:
                    self._stage_items += len(page.items)
        self.saving.come_by(trio.current_time())

    def _tell(self, said: list[Notice], *, desk: bool = False) -> None:
        sittings = [each for each in self._claims.values() if each.listening]
        if desk:
            sittings = [each for each in sittings if self.reads_desk(each.seat)]
        if sittings:
            self.delivered += tell_all(sittings, said)

    def tell_policy(self) -> None:
        """A newer one is in force."""
        self._tell([RoomSet(policy=self.room.signed)])

    def tell_epoch(self, seats: set[int] | None = None) -> None:
        """To each its own wrap; to all of them, or to those who got one."""
        signed = self.room.announced
        if signed is None:
            return
        for sitting in list(self._claims.values()):
            seat = sitting.seat
            if seat is not None and sitting.listening and (seats is None or seat.number in seats):
                sitting.line.put(EpochBegins(epoch=signed, wrap=self.room.wrap_of(seat)))

    def tell_seat(self, seat: Seat) -> None:
        """How it stands now; who was put out is out."""
        sitting = self._claims.get(seat.number)
        if sitting is None:
            return
        grant = self.room.orders.grant_of(seat.id, self.now().wall_ms)
        state = SeatState.HERE if seat.state is SeatState.AWAY else seat.state
        if seat.state in OUT:
            self.tick()  # the order itself: whoever is put out is told by whom and why
        sitting.line.put(SeatTold(state=state, grant=grant, muted_until_ms=seat.muted_until_ms))
        if seat.state in OUT:
            self.rise(sitting)

    # Sitting

    def claim(self, seat: Seat, sitting: Sitting) -> None:
        """This connection has the seat from now on."""
        earlier = self._claims.get(seat.number)
        if earlier is not None and earlier is not sitting:
            earlier.line.put(SeatTold(state=SeatState.AWAY))
            earlier.seat, earlier.listening = None, False
        self._claims[seat.number] = sitting
        sitting.seat = seat
        self._idle_s = 0

    def listen(self, sitting: Sitting) -> None:
        """It is told from now on what is said."""
        seat = sitting.seat
        if seat is not None and seat.state is SeatState.AWAY:
            sitting.listening = True
            self._came.add(seat.id)
            self._went.discard(seat.id)

    def renamed(self, seat: Seat) -> None:
        """Who keeps the list of people looks at this one again."""
        if seat.id not in self._went:
            self._came.add(seat.id)

    def rise(self, sitting: Sitting) -> None:
        """The connection has no seat any more."""
        seat, sitting.seat = sitting.seat, None
        sitting.listening = False
        if seat is not None and self._claims.get(seat.number) is sitting:
            del self._claims[seat.number]
            self.room.leave(seat)
            self._went.add(seat.id)
            self._came.discard(seat.id)

    def reads_desk(self, seat: Seat | None) -> bool:
        """Whether this seat may read the desk."""
        return seat is not None and bool(self.room.scopes(seat, self.now()) & READS_DESK)

    @property
    def taken(self) -> int:
        """How many listen."""
        return sum(each.listening for each in self._claims.values())

    @property
    def live(self) -> bool:
        """Whether a host is here."""
        now = self.now()
        return any(
            each.listening
            and each.seat is not None
            and Scope.HOST in self.room.scopes(each.seat, now)
            for each in self._claims.values()
        )

    # As time goes by

    def head(self, lane: Lane) -> SignedHead:
        """What is on disk of it."""
        return sign_head(self._seed, self.room.lanes[lane].head(self.now().wall_ms))

    def second(self) -> bool:
        """Once a second; whether nobody needs the room any more."""
        self._seconds += 1
        self._tell_seats()
        if self._seconds % HEAD_EACH_S == 0:
            for lane, log in self.room.lanes.items():
                if self._heads.get(lane, 0) != log.saved:
                    self._heads[lane] = log.saved
                    self._tell([RoomHead(head=self.head(lane))], desk=lane is Lane.DESK)
        if self._stage_items > MOST_STAGE_ITEMS + TRIM_EACH:
            self._stage_items = MOST_STAGE_ITEMS
            self.saving.change((TrimStage(MOST_STAGE_ITEMS),), _nothing)
        if self.room.seats.gone and self._seconds % FORGET_EACH_S == 0:
            self.saving.change(self.room.forget_gone(self.now()), _nothing)
        if self._claims and self._seconds % USED_EACH_S == 0:
            self.saving.change((UseRoom(self.now().age_ms),), _nothing)
        needed = self._claims or self.guests or self.room.seats.gone
        self._idle_s = 0 if needed else self._idle_s + 1
        told = all(log.idle for log in self.room.lanes.values())
        return self._idle_s >= IDLE_S and told and self.saving.idle

    def fail(self) -> None:
        """The disk refused something: nothing that was decided since may be built upon."""
        self._gone(self)
        self.saving.end()
        for sitting in list(self._claims.values()):
            sitting.stop(Reason.TRY_LATER, RETRY_MS)
        for box in [ring for rings in self.boxes.values() for ring in rings]:
            box()
        self.scope.cancel()

    def _tell_seats(self) -> None:
        here = self.taken
        waiting = sum(
            each.seat is not None and each.seat.state is SeatState.WAITING
            for each in self._claims.values()
        )
        if not self._came and not self._went and self._shown == (here, waiting):
            return
        self._shown = (here, waiting)
        came, went = sorted(self._came), sorted(self._went)
        self._came.clear()
        self._went.clear()
        more = len(came) > MAX_TOLD or len(went) > MAX_TOLD
        said = SeatsChanged(
            seats=here,
            came=tuple(came[:MAX_TOLD]),
            went=tuple(went[:MAX_TOLD]),
            waiting=waiting,
            more=more,
        )
        self._tell([said])


def _nothing(_: bool) -> None:
    pass
