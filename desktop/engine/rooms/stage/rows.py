"""The stage as it is read: rows in the room's order, as somebody who sits there may be shown them.

Everything comes from the vault; nothing is remembered here from one reading to the next.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlcipher3 import Connection

from desktop.core.rooms import (
    Entries,
    Entry,
    EntryCause,
    EntryKind,
    EntryState,
    Fork,
    Order,
    Reaction,
    Reply,
    Role,
)
from desktop.engine.rooms.order import orders, roles
from desktop.engine.rooms.people.likeness import Likeness
from desktop.store.rooms import items, lanes, reactions, rooms
from desktop.store.rooms import said as sayings
from desktop.store.rooms.items import ItemKind, KeptItem, place_of
from desktop.store.rooms.rooms import KeptRoom
from desktop.store.rooms.said import Saying
from protocol.e2e.rooms import contents
from protocol.e2e.rooms.contents import Text
from protocol.ids import ENTRY_ID_BYTES, EntryId, SeatId
from protocol.wire.frames.room_entries import Lane
from protocol.wire.rooms.heads import HeadBody
from protocol.wire.rooms.items import parse_item
from protocol.wire.rooms.orders import OrderBody
from protocol.wire.rooms.signed import unpack

UNPLACED = 2**62
"""Behind every place there is: mine, on their way."""

MOST_WAITING = 200
"""Of mine that are shown: a bot may have thousands under way."""

_KINDS = {
    ItemKind.TEXT: EntryKind.TEXT,
    ItemKind.MODE: EntryKind.TEXT,
    ItemKind.ORDER: EntryKind.ORDER,
    ItemKind.GAP: EntryKind.GAP,
}


class Reading:
    """One reading of one room."""

    def __init__(self, db: Connection, room: KeptRoom, now: int) -> None:
        self._db = db
        self._room = room
        self._mine = {seat.key.seat for seat in rooms.seats(db, room.row)}
        self._front = room.front()
        self._helps = roles.role_of(roles.mine(db, room, now)) in (Role.HOST, Role.MODERATOR)
        self._likeness = Likeness(db, room)
        self._fork = _fork(db, room)

    def stretch(self, limit: int, before: int | None = None, after: int | None = None) -> Entries:
        """So many rows before a place, or behind one; the last ones without."""
        db, row = self._db, self._room.row
        kept = items.shown(db, row, limit + 1, before=before, after=after)
        more = len(kept) > limit
        if after is None:
            kept = kept[-limit:]
            older, newer = more, before is not None
        else:
            kept = kept[:limit]
            older, newer = True, more
        pinned = reactions.pinned(db, row)
        top = None if pinned is None else items.by_id(db, row, pinned.entry_id)
        return Entries(
            entries=tuple(self.rows(kept)),
            waiting=() if newer else tuple(self._waiting()),
            older=older,
            newer=newer,
            pinned=None if top is None or not top.shown else self.rows([top])[0],
        )

    def some(self, entry_ids: Sequence[EntryId]) -> list[Entry]:
        """These, those of them that are rows."""
        kept = items.some(self._db, self._room.row, entry_ids)
        return self.rows([one for one in kept if one.shown])

    def rows(self, kept: Sequence[KeptItem]) -> list[Entry]:
        """As they are shown."""
        db, room = self._db, self._room
        ids = [one.entry_id for one in kept if one.entry_id is not None]
        shown = reactions.of(db, room.row, ids, room.seat.key.seat)
        pin = reactions.pinned(db, room.row)
        rows: list[Entry] = []
        for one in kept:
            entry_id = one.entry_id
            given = () if entry_id is None else tuple(shown.get(entry_id, ()))
            pinned = pin is not None and entry_id == pin.entry_id
            rows.append(
                self._row(
                    one,
                    tuple(Reaction(each.sign, each.count, each.mine) for each in given),
                    pin.pinned_ms if pin is not None and pinned else None,
                )
            )
        return rows

    def _row(
        self, kept: KeptItem, reactions_: tuple[Reaction, ...], pinned_ms: int | None
    ) -> Entry:
        seat = kept.seat or SeatId(bytes(32))
        mine = seat in self._mine
        role = roles.role_of(kept.scopes)
        kind = _KINDS.get(kept.kind, EntryKind.UNREADABLE)
        fork = self._fork if self._fork is not None and kept.place == self._fork[0] else None
        is_text = kept.kind is ItemKind.TEXT
        return Entry(
            place=kept.place,
            entry_id=kept.entry_id or EntryId(kept.place.to_bytes(ENTRY_ID_BYTES, "big")),
            seat_id=seat,
            name=kept.name,
            role=role,
            text=kept.text,
            sent_ms=kept.sent_ms or kept.came_ms,
            kind=EntryKind.FORK if fork is not None else kind,
            mine=mine,
            cause=kept.cause,
            newcomer=kept.newcomer,
            mention=kept.mention,
            imitates=is_text and role is Role.MEMBER and self._likeness.misleads(seat, kept.name),
            reply=self._reply(kept.reply_to),
            reactions=reactions_,
            pinned_ms=pinned_ms,
            order=self._order(kept) if kept.kind is ItemKind.ORDER else None,
            fork=None if fork is None else fork[1],
            count=kept.counter or 1 if kept.kind is ItemKind.GAP else 1,
            asidable=is_text and self._asidable(seat, mine=mine),
        )

    def _order(self, kept: KeptItem) -> Order | None:
        found = parse_item(kept.item)
        return orders.shown(self._db, self._room, found) if isinstance(found, OrderBody) else None

    def _asidable(self, seat: SeatId, *, mine: bool) -> bool:
        """Host and moderators take an author aside, an author the host; others where the policy
        lets everybody."""
        if mine:
            return not self._helps and self._front.seat is not None
        return self._helps or self._room.body.asides

    def _reply(self, entry_id: EntryId | None) -> Reply | None:
        if entry_id is None:
            return None
        kept = items.by_id(self._db, self._room.row, entry_id)
        if kept is None or not kept.shown:
            return Reply(entry_id, "", "")
        return Reply(entry_id, kept.name, kept.text, mine=kept.seat in self._mine)

    def _waiting(self) -> list[Entry]:
        db, room = self._db, self._room
        waits = sayings.waiting(db, room, Lane.STAGE, MOST_WAITING)
        waits += sayings.refused(db, room, Lane.STAGE, MOST_WAITING)
        rows: list[Entry] = []
        for one in sorted(waits, key=lambda each: each.row):
            if items.by_id(db, room.row, one.entry_id) is not None:
                continue  # told, and not yet said to be on disk
            said = contents.load(one.content)
            if isinstance(said, Text):
                rows.append(self._unplaced(one, said, UNPLACED + len(rows)))
        return rows

    def _unplaced(self, one: Saying, said: Text, place: int) -> Entry:
        refused: EntryCause | None = one.cause
        return Entry(
            place=place,
            entry_id=one.entry_id,
            seat_id=self._room.seat.key.seat,
            name=said.name,
            role=roles.role_of(
                roles.scopes_of(self._db, self._room, self._room.seat.key.seat, one.made_ms)
            ),
            text=said.text,
            sent_ms=said.sent_ms,
            mine=True,
            state=EntryState.WAITING if refused is None else EntryState.REFUSED,
            cause=refused,
            reply=self._reply(said.reply_to),
        )


def _fork(db: Connection, room: KeptRoom) -> tuple[int, Fork] | None:
    """The proof that the room's relay shows two histories, and where it stands."""
    first = lanes.head(db, room.row, Lane.STAGE)
    second = lanes.other_head(db, room.row, Lane.STAGE)
    if first is None or second is None:
        return None
    one, other = unpack(first.body, HeadBody), unpack(second.body, HeadBody)
    found = Fork(other.number, first.body, second.body, one.made_ms, other.made_ms)
    return place_of(other.run, other.number), found
