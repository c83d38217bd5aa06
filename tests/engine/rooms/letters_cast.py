"""The room of :mod:`tests.engine.rooms.cast`, with boxes: seats that letters can be sealed to, and
a postman who carries them by hand."""

from __future__ import annotations

from typing import Any, TypeVar, cast

from desktop.engine.doorbell import Doorbell
from desktop.engine.ground import Bell, Ground, Said
from desktop.engine.lines.nudges import Nudges
from desktop.engine.lines.outward import Outward
from desktop.engine.presence.presences import Presences
from desktop.engine.relays.unanswered import Unanswered
from desktop.engine.rooms.asides import leaving, letters
from desktop.engine.rooms.line.clocks import RoomClocks
from desktop.engine.timings import Timings
from desktop.store.rooms import items, rooms
from desktop.store.rooms import letters as kept
from desktop.store.rooms.items import ItemKind, KeptItem
from protocol.e2e.sealing import new_sealing_key
from protocol.ids import EntryId, SeatId
from protocol.wire.frames import Reason
from protocol.wire.frames.letters import BoxedLetter
from protocol.wire.frames.room_entries import Lane
from protocol.wire.frames.rooms import SignedCard
from protocol.wire.rooms.entering import SeatCard, sign_card
from protocol.wire.rooms.items import EntryBody, entry_id, read_item
from tests.engine.rooms.cast import DICE, NAMES, NOW, ROOM, SEATS, Desktop, Hall

T = TypeVar("T")
SEALING = {name: new_sealing_key(NOW) for name in NAMES}


def card_of(name: str) -> SignedCard:
    return sign_card(SEATS[name], ROOM.room, SeatCard(sealing=SEALING[name].public, made_ms=NOW))


CARDS = {SEATS[name].seat: card_of(name) for name in NAMES}


class Boxes(Hall):
    """The hall, in which the host's app keeps what came to the desk, and letters are carried."""

    def __init__(self) -> None:
        super().__init__()
        self.boxed = 0
        for one in self.all:
            card = CARDS[one.me]
            one.db.execute(
                "UPDATE room_seat SET sealing = ?, card = ?, card_signature = ?",
                (bytes(SEALING[one.name].private), card.body, card.signature),
            )
            rooms.put(one.db, one.row, entered_ms=NOW)

    @property
    def ground(self) -> Ground:
        """Of a desktop whose vault is handed over by the test."""
        timings, nudges = Timings(), Nudges()
        return Ground(
            vault=cast("Any", None),
            me=cast("Any", None),
            now=lambda: self.now,
            rng=DICE.randbytes,
            chance=DICE.random,
            outward=Outward(cast("Any", None), None),
            timings=timings,
            emit=lambda _: None,
            bells={bell: Doorbell() for bell in Bell},
            nudges=nudges,
            unanswered=Unanswered(timings, nudges),
            ways=cast("Any", None),
            witness=cast("Any", None),
            presences=Presences(lambda _: None),
            room_clocks=RoomClocks(lambda: self.now),
        )

    def tell(self, lane: Lane, item: bytes) -> int:
        place = super().tell(lane, item)
        entry = read_item(item, ROOM.room)
        if lane is Lane.DESK and isinstance(entry, EntryBody):
            for one in self.all:
                if one.reads_desk or one.me == entry.seat:
                    items.put(one.db, one.row, at_desk(place, item, entry))
        return place

    def seal(self, one: Desktop) -> list[tuple[int, bytes]]:
        """What somebody has to leave, by its row."""
        room = one.room
        due = kept.due(one.db, one.row, room.seat.row, self.now, 100)
        return leaving.seal(one.db, one.said, self.ground, room, room.seat, due, CARDS)

    def carry(self, one: Desktop, reason: Reason | None = None) -> list[bytes]:
        """Leave it at the relay, which says this; what it took."""
        sealed = self.seal(one)
        for row, _ in sealed:
            leaving.answered(one.db, one.said, self.ground, row, reason)
        return [letter for _, letter in sealed] if reason is None else []

    def collect(self, one: Desktop, *letters_: bytes) -> Said:
        """What lies in the box is taken in."""
        said = Said()
        boxed = [BoxedLetter(sequence=n, letter=each) for n, each in enumerate(letters_, 1)]
        letters.heard(one.db, said, ROOM.room, one.room.seat, boxed, self.now)
        return said


def at_desk(place: int, item: bytes, entry: EntryBody) -> KeptItem:
    """An entry of the desk, as its readers and its author keep it."""
    return KeptItem(
        lane=Lane.DESK,
        place=place,
        kind=ItemKind.CONTENT,
        item=item,
        running=bytes(32),
        seat=entry.seat,
        counter=entry.counter,
        entry_id=EntryId(entry_id(ROOM.room, Lane.DESK, entry.seat, entry.counter)),
        shown=False,
    )


def seat_of(name: str) -> SeatId:
    """By name."""
    return SEATS[name].seat
