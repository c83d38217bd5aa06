"""What the store is asked about rooms: by a pass's owner to open one, by the hall for all else."""

from __future__ import annotations

from protocol.keys import Domain, digest
from protocol.wire.frames import Done, Reason, Refused, Reply, Stored
from protocol.wire.frames.rooms import OpenRoom
from protocol.wire.rooms.policy import read_policy
from relay.rules.admission import pass_hash
from relay.rules.clock import Now
from relay.rules.limits import House
from relay.rules.rooms.asking import (
    BoxRead,
    CardsRead,
    FindItem,
    FindLetter,
    ItemFound,
    ItemsRead,
    KeepRoom,
    LoadRoom,
    ReadBox,
    ReadCards,
    ReadItems,
    RoomLoaded,
)
from relay.rules.store import Store

ENDED_FOR_EACH = 8


def owner_of(pass_secret: bytes, room: bytes) -> bytes:
    """What a room keeps of whose it is: without the secret it leads to no pass."""
    return digest(Domain.PASS, pass_secret, room)


class RoomKeeping:
    """OpenRoom, and what the hall asks."""

    def __init__(self, store: Store, house: House) -> None:
        self._store = store
        self._house = house

    def open(self, asked: OpenRoom, now: Now) -> Done | Refused:
        """A room on a pass; the signatures were looked at. Safe to repeat."""
        owner = self._store.passes.find(pass_hash(asked.pass_secret))
        if owner is None:
            return Refused(call=asked.call, reason=Reason.UNKNOWN)
        policy = read_policy(asked.policy)
        held = self._store.rooms.owners()
        if policy.room in held:
            ours = held[policy.room][0] == owner_of(asked.pass_secret, policy.room)
            if ours:
                return Done(call=asked.call)
            return Refused(call=asked.call, reason=Reason.NOT_ALLOWED)
        # A stranger who only takes passes hosts nothing here.
        if owner.lapses_ms is not None or self._house.door.shut:
            return Refused(call=asked.call, reason=Reason.NOT_ALLOWED)
        theirs = [
            ended for room, (tag, ended) in held.items() if tag == owner_of(asked.pass_secret, room)
        ]
        going = theirs.count(False)
        if going >= owner.rooms or len(theirs) - going >= ENDED_FOR_EACH * owner.rooms:
            return Refused(call=asked.call, reason=Reason.QUOTA)
        tag = owner_of(asked.pass_secret, policy.room)
        keeps_ms = policy.keeps_s * 1000
        self._store.rooms.add(policy.room, tag, asked.policy, keeps_ms, now.age_ms)
        return Done(call=asked.call)

    def load(self, asked: LoadRoom, now: Now) -> RoomLoaded | Refused:
        """All that has to be at hand of a room."""
        found = self._store.rooms.load(asked, now.age_ms)
        return found or Refused(call=asked.call, reason=Reason.UNKNOWN)

    def keep(self, asked: KeepRoom, now: Now) -> Done:
        """Write all of it down."""
        for change in asked.changes:
            self._store.rooms.change(asked.row, change)
        return Done(call=asked.call)

    def read_items(self, asked: ReadItems, now: Now) -> ItemsRead:
        """A page of a lane."""
        return ItemsRead(call=asked.call, items=self._store.rooms.items(asked))

    def find_item(self, asked: FindItem, now: Now) -> Reply:
        """Where an entry stands."""
        found = self._store.rooms.find_item(asked)
        if found is None:
            return Refused(call=asked.call, reason=Reason.UNKNOWN)
        return ItemFound(call=asked.call, run=found[0], number=found[1])

    def read_cards(self, asked: ReadCards, now: Now) -> CardsRead:
        """Those that are there."""
        return CardsRead(call=asked.call, cards=self._store.rooms.cards(asked))

    def read_box(self, asked: ReadBox, now: Now) -> BoxRead:
        """The next letters."""
        return BoxRead(call=asked.call, letters=self._store.rooms.box(asked))

    def find_letter(self, asked: FindLetter, now: Now) -> Stored | Refused:
        """Whether it was left before."""
        if self._store.rooms.has_letter(asked.row, asked.letter):
            return Stored(call=asked.call)
        return Refused(call=asked.call, reason=Reason.UNKNOWN)
