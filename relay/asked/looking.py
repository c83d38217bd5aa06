"""What a seat may look at: entries behind a number, heads, people, cards, its own wrap."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from typing import Any, ClassVar

from protocol.wire.frames import Reason, Refused, Reply
from protocol.wire.frames.room_entries import Fetched, FetchEntries, HeadShown, Lane, ShowHead
from protocol.wire.frames.room_orders import ShowWrap, WrapShown
from protocol.wire.frames.rooms import (
    MAX_SEAT_ROWS,
    CardRow,
    CardsShown,
    SeatRow,
    SeatsShown,
    SeatState,
    ShowCards,
    ShowSeats,
)
from protocol.wire.rooms.items import EntryBody, entry_id, parse_item, stub_of
from protocol.wire.rooms.orders import Scope
from relay.asked.calls import Calls
from relay.premises import Premises
from relay.rooms.live import LiveRoom
from relay.rules.rooms.asking import CardsRead, ItemsRead, ReadCards, ReadItems
from relay.rules.rooms.lanes import Page
from relay.rules.rooms.seats import Seat

_SEEN = (SeatState.HERE, SeatState.AWAY)
_ORDERS_SEATS = Scope.MODERATE | Scope.BAN | Scope.ADMIT | Scope.HOST


class Looking:
    """One seat's, at one moment."""

    def __init__(self, calls: Calls, premises: Premises, live: LiveRoom, seat: Seat) -> None:
        self._calls = calls
        self._premises = premises
        self._live = live
        self._seat = seat

    def take(self, asked: Any) -> None:
        """One of these questions."""
        if self._seat.state is not SeatState.AWAY:
            self._calls.refuse(asked, Reason.WAITING)
        else:
            self._QUESTIONS[type(asked)](self, asked)

    def _fetch(self, asked: FetchEntries) -> None:
        room = self._live.room
        log = room.lanes[asked.lane]
        if asked.lane is Lane.DESK and not self._live.reads_desk(self._seat):
            self._calls.refuse(asked, Reason.NOT_ALLOWED)
            return
        end = log.told if asked.run == log.run else log.end_of(asked.run)
        early = asked.lane is Lane.STAGE and (asked.run, asked.after) < room.floor(
            self._seat, self._calls.now
        )
        if end is None or asked.after > end or early:
            self._calls.refuse(asked, Reason.UNKNOWN)
            return
        page = log.recent(asked.after, asked.limit) if asked.run == log.run else None
        if page is not None:
            self._calls.say(self._fetched(asked, page, end))
            return
        self._calls.begin()
        read = ReadItems(asked.call, room.row, asked.lane, asked.run, asked.after, asked.limit)
        self._premises.storage.submit(
            read, self._calls.now, lambda reply: self._read(asked, end, reply)
        )

    def _read(self, asked: FetchEntries, end: int, reply: Reply) -> None:
        page: Page | None = None
        log = self._live.room.lanes[asked.lane]
        if isinstance(reply, ItemsRead):
            items = [each for each in reply.items if each.number <= end]
            if items:
                first = items[0]
                said = tuple(each.item for each in items)
                page = Page(asked.run, first.number, first.before, said)
            elif (before := log.running_at(asked.run, end)) is not None:
                page = Page(asked.run, end + 1, before, ())
        if page is None:
            self._calls.finish(Refused(call=asked.call, reason=Reason.TRY_LATER))
        else:
            self._calls.finish(self._fetched(asked, page, end))

    def _fetched(self, asked: FetchEntries, page: Page, end: int) -> Fetched:
        log = self._live.room.lanes[asked.lane]
        items = page.items
        if asked.lane is Lane.STAGE and self._live.room.orders.hidden:
            items = tuple(stub_of(each) if self._hidden(each) else each for each in items)
        last = page.first + len(page.items) - 1
        return Fetched(
            call=asked.call,
            run=page.run,
            first=page.first,
            before=page.before,
            items=items,
            over=asked.run != log.run and last >= end,
        )

    def _hidden(self, item: bytes) -> bool:
        said = parse_item(item)
        if not isinstance(said, EntryBody):
            return False
        room = self._live.room
        return entry_id(room.id, said.lane, said.seat, said.counter) in room.orders.hidden

    def _head(self, asked: ShowHead) -> None:
        if asked.lane is Lane.DESK and not self._live.reads_desk(self._seat):
            self._calls.refuse(asked, Reason.NOT_ALLOWED)
        else:
            self._calls.say(HeadShown(call=asked.call, head=self._live.head(asked.lane)))

    def _seats(self, asked: ShowSeats) -> None:
        room, now = self._live.room, self._calls.now
        orders_them = bool(room.scopes(self._seat, now) & _ORDERS_SEATS)
        ids = sorted(asked.named or room.seats.by_id)
        ids = ids[bisect_right(ids, asked.after) if asked.after else 0 :]
        rows: list[SeatRow] = []
        more = False
        for each in ids:
            seat = room.seats.find(each)
            if seat is None or (seat.shown() not in _SEEN and not orders_them):
                continue
            grant = room.orders.grant_of(seat.id, now.wall_ms)
            if asked.granted and grant is None:
                continue
            if len(rows) == MAX_SEAT_ROWS:
                more = True
                break
            rows.append(
                SeatRow(
                    seat=seat.id,
                    state=seat.shown(),
                    since_ms=seat.since_ms,
                    scopes=room.scopes(seat, now),
                    muted_until_ms=seat.muted_until_ms,
                    name=seat.name,
                    grant=grant,
                )
            )
        self._calls.say(SeatsShown(call=asked.call, seats=tuple(rows), more=more))

    def _cards(self, asked: ShowCards) -> None:
        seats = {s.number: s for each in asked.seats if (s := self._live.room.seats.find(each))}

        def read(reply: Reply) -> None:
            found = reply.cards if isinstance(reply, CardsRead) else ()
            rows = tuple(CardRow(seat=seats[number].id, card=card) for number, card in found)
            self._calls.finish(CardsShown(call=asked.call, cards=rows))

        self._calls.begin()
        wanted = ReadCards(asked.call, self._live.room.row, tuple(sorted(seats)))
        self._premises.storage.submit(wanted, self._calls.now, read)

    def _wrap(self, asked: ShowWrap) -> None:
        room = self._live.room
        self._calls.say(
            WrapShown(call=asked.call, epoch=room.announced, wrap=room.wrap_of(self._seat))
        )

    _QUESTIONS: ClassVar[dict[type[Any], Callable[[Looking, Any], None]]] = {
        FetchEntries: _fetch,
        ShowHead: _head,
        ShowSeats: _seats,
        ShowCards: _cards,
        ShowWrap: _wrap,
    }
