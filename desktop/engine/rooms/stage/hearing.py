"""What one item says: whose voice it is, whether it fits the voice's chain, what its words are.

One of these lives as long as one transaction: what it looked up of roles and keys holds for that
long.
"""

from __future__ import annotations

from msgspec.structs import replace
from sqlcipher3 import Connection

from desktop.core.rooms import EntryCause, Warned
from desktop.engine.ground import Bell, Said
from desktop.engine.rooms.desk import incoming
from desktop.engine.rooms.line.warning import warn
from desktop.engine.rooms.order import orders, roles
from desktop.engine.rooms.stage import board
from desktop.store.rooms import desk_keys, epochs, items, lanes, ordered, rooms
from desktop.store.rooms.items import ItemKind, KeptItem, place_of
from desktop.store.rooms.rooms import KeptRoom
from protocol.e2e.chain import Forked, Late, Repeated
from protocol.e2e.rooms import contents, voices
from protocol.e2e.rooms import desk as desks
from protocol.e2e.rooms import stage as stages
from protocol.e2e.rooms.contents import ModeChanged, Text, may_say
from protocol.e2e.rooms.epochs import EpochKey
from protocol.e2e.rooms.pseudonyms import clean
from protocol.e2e.rooms.tagged import Unknown
from protocol.e2e.rooms.voices import Restated, Voice
from protocol.errors import BadPadding, Damaged, RemoteProtocolError
from protocol.ids import EntryId, SeatId
from protocol.wire.frames.room_entries import Lane
from protocol.wire.rooms.items import EntryBody, entry_hash, entry_id
from protocol.wire.rooms.orders import OrderBody, Scope

NEW_FOR = 3
"""Entries of a seat with which it counts as a newcomer's."""

THE_START = place_of(1, 1)


class Hearing:
    """Of one lane, in one transaction."""

    def __init__(self, db: Connection, said: Said, room: KeptRoom, lane: Lane, now: int) -> None:
        self.db = db
        self.said = said
        self.room = room
        self.lane = lane
        self.now = now
        self.moved = False
        self.changed: list[EntryId] = []
        self._mine = {seat.key.seat for seat in rooms.seats(db, room.row)}
        self._keys: dict[int, EpochKey | None] = {}
        self._voices: dict[SeatId, Voice] = {}
        self._roles: roles.Roles | None = None
        self.newest = items.newest(db, room.row, lane)
        self._look_at_orders()

    def unreadable(self, kept: KeptItem, cause: EntryCause) -> KeptItem:
        """A place whose words cannot be shown; on the stage it is a row that says why."""
        self.moved = True
        shown = self.lane is Lane.STAGE
        return replace(kept, kind=ItemKind.UNREADABLE, cause=cause, shown=shown)

    def fresh(self, kept: KeptItem) -> KeptItem:
        """An item whose key came later, as if it came now."""
        return replace(kept, cause=None, shown=False)

    def order(self, kept: KeptItem, order: OrderBody) -> None:
        """Somebody's order; it may change who may do what from here on."""
        orders.heard(self.db, self.said, self.room, order, kept.place, kept.item, self.now)
        counts = ordered.find(self.db, self.room.row, order.order) is not None
        shown = counts and orders.shown(self.db, self.room, order) is not None
        row = replace(kept, kind=ItemKind.ORDER, shown=shown, sent_ms=order.made_ms)
        items.put(self.db, self.room.row, row)
        self.moved = True
        self._roles = None
        self._look_at_orders()
        self.room = rooms.get(self.db, self.room.row)

    def entry(self, kept: KeptItem, entry: EntryBody) -> KeptItem:
        """An entry whose signature holds."""
        where = entry_id(self.room.room_id, self.lane, entry.seat, entry.counter)
        kept = replace(kept, seat=entry.seat, counter=entry.counter)
        if entry.lane is not self.lane:
            return self.unreadable(kept, EntryCause.NOT_UNDERSTOOD)
        own_hash = entry_hash(self.room.room_id, kept.item)
        voice = self._voices.get(entry.seat)
        if voice is None:
            voice = lanes.voice(self.db, self.room.row, self.lane, entry.seat)
        if voice is None:
            # Of the desk, who came to it later is not given what the host's app has taken already.
            all_of_it = self.lane is Lane.STAGE or self.room.key is not None
            begun = self.room.oldest == THE_START and all_of_it
            voice = voices.first_heard(entry, from_the_start=begun)
        after, step = voices.follow(voice, entry, own_hash)
        self._voices[entry.seat] = after
        if entry.seat in self._mine:
            self.moved = True
            # What waited to be seen was seen.
            self.said.bells.add(Bell.STAGE if self.lane is Lane.STAGE else Bell.DESK)
        if isinstance(step, Forked):
            return self.unreadable(kept, EntryCause.FORGED)
        if isinstance(step, Repeated):
            return replace(kept, kind=ItemKind.AGAIN)
        if isinstance(step, Restated):
            return self._restated(kept, entry, where)
        if isinstance(step, Late):  # nobody's entries overtake each other but in their relay
            warn(self.db, self.said, self.room.row, Warned.DROPS)
        return self.understand(replace(kept, entry_id=where), entry)

    def keep_voices(self) -> None:
        """How far each voice has come, once for all that came of it."""
        for seat, voice in self._voices.items():
            lanes.put_voice(self.db, self.room.row, self.lane, seat, voice)

    def understand(self, kept: KeptItem, entry: EntryBody) -> KeptItem:
        """What it says, as far as there is a key for it."""
        if self.lane is Lane.DESK:
            return self._desk(kept, entry)
        key = self._key(entry.epoch)
        if key is None:
            return self.unreadable(kept, EntryCause.NOT_OPENABLE)
        try:
            heard = stages.hear(entry, key)
        except (Damaged, BadPadding):
            return self.unreadable(kept, EntryCause.NOT_OPENABLE)
        except RemoteProtocolError:
            return self.unreadable(kept, EntryCause.NOT_UNDERSTOOD)
        return self._stage(kept, entry, heard)

    def _stage(self, kept: KeptItem, entry: EntryBody, heard: contents.Heard) -> KeptItem:
        if isinstance(heard, Unknown):
            return self.unreadable(kept, EntryCause.NEWER_VERSION)
        scopes = self._scopes_of(entry.seat)
        if entry.seat in self._ordered and orders.disobeyed(
            self.db, self.room, entry.seat, kept.place, self.now
        ):
            orders.disobeys(self.db, self.said, self.room)
        kept = replace(
            kept,
            kind=ItemKind.CONTENT,
            name=clean(heard.name),
            sent_ms=heard.sent_ms,
            scopes=scopes,
            newcomer=entry.counter <= NEW_FOR and not scopes,
        )
        if isinstance(heard, Text):
            self.moved = True
            return self._text(kept, heard)
        if not may_say(heard, scopes):
            return kept
        if isinstance(heard, ModeChanged):
            self.moved = True
            kept = replace(kept, kind=ItemKind.MODE, shown=True, text=heard.text)
        where = kept.entry_id or EntryId(b"")
        board.heard(
            self.db, self.said, self.room, where, entry, heard, scopes, kept.place, self.now
        )
        return kept

    def _text(self, kept: KeptItem, text: Text) -> KeptItem:
        hidden = kept.entry_id in self._hidden
        return replace(
            kept,
            kind=ItemKind.TEXT,
            shown=not hidden,
            text=text.text,
            reply_to=text.reply_to,
            mention=self.room.seat.key.seat in text.mentions and kept.seat not in self._mine,
        )

    def _desk(self, kept: KeptItem, entry: EntryBody) -> KeptItem:
        private = desk_keys.find(self.db, self.room.row, entry.epoch)
        if private is None:
            return self.unreadable(kept, EntryCause.NOT_OPENABLE)
        try:
            heard = desks.hear(entry, self.room.room_id, entry.epoch, private)
        except (Damaged, BadPadding):
            return self.unreadable(kept, EntryCause.NOT_OPENABLE)
        except RemoteProtocolError:
            return self.unreadable(kept, EntryCause.NOT_UNDERSTOOD)
        where = kept.entry_id or EntryId(b"")
        incoming.heard(self.db, self.said, self.room, where, entry, heard, kept.place, self.now)
        if isinstance(heard, Unknown):
            return replace(kept, kind=ItemKind.CONTENT)
        return replace(kept, kind=ItemKind.CONTENT, name=clean(heard.name), sent_ms=heard.sent_ms)

    def _restated(self, kept: KeptItem, entry: EntryBody, where: EntryId) -> KeptItem:
        """The same again under a later epoch, if it is the same."""
        before = items.by_id(self.db, self.room.row, where)
        again = replace(self.understand(kept, entry), shown=False)
        if before is None:
            return replace(again, entry_id=where, shown=again.kind is ItemKind.TEXT)
        if (before.kind, before.text) != (again.kind, again.text):
            return self.unreadable(kept, EntryCause.FORGED)
        return replace(again, kind=ItemKind.AGAIN)

    def _look_at_orders(self) -> None:
        """About whom there are any, and what they hide: few rooms have many."""
        self._ordered = ordered.seats(self.db, self.room.row)
        self._hidden = ordered.hidden(self.db, self.room.row)

    def _key(self, epoch: int) -> EpochKey | None:
        if epoch not in self._keys:
            self._keys[epoch] = epochs.key(self.db, self.room.row, epoch)
        return self._keys[epoch]

    def _scopes_of(self, seat: SeatId) -> Scope:
        if self._roles is None:
            self._roles = roles.Roles(self.db, self.room, self.now)
        return self._roles.of(seat)
