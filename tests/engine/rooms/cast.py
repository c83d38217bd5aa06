"""A room of alice's as three vaults see it, and something that numbers what they say.

No relay, no streams, no clock: whatever is queued is sealed, numbered and heard by everybody.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import TypeVar

from sqlcipher3 import Connection
from sqlcipher3 import dbapi2 as sql

from desktop.engine.ground import Said
from desktop.engine.rooms.desk import incoming
from desktop.engine.rooms.order import orders, roles
from desktop.engine.rooms.stage import board
from desktop.store.rooms import epochs, items, ordered, people, rooms
from desktop.store.rooms import said as sayings
from desktop.store.rooms.items import ItemKind, KeptItem, place_of
from desktop.store.rooms.people import KeptPerson
from desktop.store.rooms.rooms import KeptRoom
from desktop.store.steps import apply_steps, released_steps
from protocol.e2e.rooms import contents, desk_contents, stage
from protocol.e2e.rooms import desk as desks
from protocol.e2e.rooms.contents import StageContent, Text
from protocol.e2e.rooms.desk_contents import DeskContent
from protocol.e2e.rooms.epochs import EpochKey
from protocol.e2e.rooms.front import Front, seal_front
from protocol.e2e.rooms.link import SECRET_BYTES, RoomLink
from protocol.e2e.sealing import new_sealing_key
from protocol.ids import EntryId, Fingerprint, SeatId
from protocol.keys import Secret
from protocol.wire.address import RelayAddress
from protocol.wire.frames.room_entries import Lane
from protocol.wire.frames.rooms import SeatState, SignedPolicy
from protocol.wire.rooms.entering import SeatCard, sign_card, token_hash
from protocol.wire.rooms.items import EntryBody, entry_id, read_item
from protocol.wire.rooms.orders import OrderBody
from protocol.wire.rooms.policy import Entry, PolicyBody, sign_policy
from protocol.wire.rooms.signed import RoomKey, SeatKey, new_room, new_seat

T = TypeVar("T")
NOW = 1_741_900_000_000
DICE = Random(41)
DESK = new_sealing_key(NOW)
ROOM = new_room(DICE.randbytes)
NAMES = ("alice", "bob", "carol")
SEATS = {name: new_seat(DICE.randbytes) for name in NAMES}
ADDRESS = RelayAddress("relay.example", 7443, Fingerprint(bytes(32)))
LINK = RoomLink(ADDRESS, ROOM.room, Secret(DICE.randbytes(SECRET_BYTES)), None)
KEY = EpochKey(ROOM.room, 1, LINK.first_epoch())
FRONT = Front(title="Glaze", host="alice", seat=SEATS["alice"].seat)


def policy(entry: Entry = Entry.LINK) -> SignedPolicy:
    body = PolicyBody(
        room=ROOM.room,
        version=1,
        entry=entry,
        token=token_hash(LINK.token()),
        epoch=1,
        commitment=KEY.commitment(),
        desk_key=DESK.public,
        desk=1,
        front=seal_front(FRONT, LINK.front_key(), ROOM.room, DICE.randbytes),
    )
    return sign_policy(ROOM, body)


class Desktop:
    """One member's vault, and what was said when it changed."""

    def __init__(self, hall: Hall, name: str) -> None:
        self.hall, self.name = hall, name
        self.seat: SeatKey = SEATS[name]
        self.me: SeatId = self.seat.seat
        self.db: Connection = sql.connect(":memory:", isolation_level=None)
        self.db.execute("PRAGMA foreign_keys = ON")
        apply_steps(self.db, released_steps())
        self.said = Said()
        key: RoomKey | None = ROOM if name == "alice" else None
        self.row = rooms.add(self.db, LINK, hall.policy, key, NOW)
        card = sign_card(self.seat, ROOM.room, SeatCard(sealing=bytes(1216), made_ms=NOW))
        wrap_key, sealing = Secret(DICE.randbytes(32)), Secret(bytes(96))
        rooms.sit(self.db, self.row, self.seat, sealing, card, wrap_key, name, NOW)
        epochs.keep(self.db, self.row, KEY)
        for each in NAMES:
            person = KeptPerson(SEATS[each].seat, each, b"", True, SeatState.HERE, NOW)
            people.put(self.db, self.row, person)
        self.reads_desk = name == "alice"

    @property
    def room(self) -> KeptRoom:
        return rooms.get(self.db, self.row)

    def do(self, work: Callable[..., T], *asked: object, **more: object) -> T:
        """A transaction about the room; then all that it queued is said and heard."""
        done = work(self.db, self.said, self.room, *asked, **more)
        self.hall.turn()
        return done

    def text(self, words: str) -> EntryId:
        room = self.room
        content = Text(name=self.name, sent_ms=self.hall.now, text=words)
        made = sayings.add(self.db, room, Lane.STAGE, contents.dump(content), self.hall.now)
        self.hall.turn()
        return made

    def queued(self, lane: Lane) -> list[StageContent | DeskContent]:
        load = contents.load if lane is Lane.STAGE else desk_contents.load
        found = [load(one.content) for one in sayings.waiting(self.db, self.room, lane)]
        return [one for one in found if isinstance(one, StageContent | DeskContent)]

    def hear(self, lane: Lane, place: int, item: bytes) -> None:
        found, now = read_item(item, ROOM.room), self.hall.now
        if isinstance(found, OrderBody):
            orders.heard(self.db, self.said, self.room, found, place, item, now)
        if not isinstance(found, EntryBody):
            return
        where = entry_id(ROOM.room, lane, found.seat, found.counter)
        if found.seat == self.me:
            sayings.numbered(self.db, self.room, lane, found.counter, item)
        if lane is Lane.DESK:
            if self.reads_desk:
                told = desks.hear(found, ROOM.room, 1, DESK.private)
                incoming.heard(self.db, self.said, self.room, where, found, told, place, now)
            return
        heard = stage.hear(found, KEY)
        if isinstance(heard, StageContent):
            self._row(place, item, found, where, heard)
            scopes = roles.scopes_of(self.db, self.room, found.seat, now)
            args = (where, found, heard, scopes, place, now)
            board.heard(self.db, self.said, self.room, *args)

    def _row(
        self, place: int, item: bytes, entry: EntryBody, where: EntryId, heard: StageContent
    ) -> None:
        text = heard.text if isinstance(heard, Text) else ""
        kept = KeptItem(
            lane=Lane.STAGE,
            place=place,
            kind=ItemKind.TEXT if text else ItemKind.CONTENT,
            item=item,
            running=bytes(32),
            seat=entry.seat,
            counter=entry.counter,
            entry_id=where,
            shown=bool(text),
            name=heard.name,
            text=text,
        )
        items.put(self.db, self.row, kept)


class Hall:
    """Who is there, and the numbers."""

    def __init__(self, entry: Entry = Entry.LINK) -> None:
        self.now = NOW
        self.policy = policy(entry)
        self.numbers = {Lane.STAGE: 0, Lane.DESK: 0}
        self.alice, self.bob, self.carol = (Desktop(self, name) for name in NAMES)
        self.all = (self.alice, self.bob, self.carol)

    def turn(self) -> None:
        """Whatever waits is told to everybody, orders first."""
        for one in self.all:
            for out in ordered.to_send(one.db, one.row):
                ordered.sent(one.db, out.row, taken=True)
                self.tell(Lane.STAGE, out.item)
        for one in self.all:
            for lane in Lane:
                self._say(one, lane)

    def tell(self, lane: Lane, item: bytes) -> int:
        self.numbers[lane] += 1
        place = place_of(1, self.numbers[lane])
        for one in self.all:
            one.hear(lane, place, item)
        return place

    def _say(self, one: Desktop, lane: Lane) -> None:
        for said in sayings.waiting(one.db, one.room, lane):
            before = sayings.spoken(one.db, one.room, lane).hash
            counter = said.counter or 1
            if lane is Lane.STAGE:
                told = contents.load(said.content)
                assert isinstance(told, StageContent)
                item = stage.say(told, KEY, one.seat, counter, before, DICE.randbytes)
            else:
                asked = desk_contents.load(said.content)
                assert isinstance(asked, DeskContent)
                item = desks.tell(asked, one.room.body, one.seat, counter, before)
            self.tell(lane, item)
