"""What people say in a room whose key is known: entries that open, signed and sealed beforehand."""

from __future__ import annotations

from random import Random

from protocol.e2e.rooms import stage
from protocol.e2e.rooms.contents import Text
from protocol.e2e.rooms.epochs import EpochKey
from protocol.e2e.rooms.front import Front, seal_front
from protocol.e2e.rooms.link import SECRET_BYTES, RoomLink
from protocol.ids import CallId, EntryId
from protocol.keys import Rng, Secret
from protocol.wire import codec
from protocol.wire.address import RelayAddress
from protocol.wire.frames.room_entries import Lane, SayEntry
from protocol.wire.rooms.items import entry_hash, entry_id
from tests.bench.deposits import websocket
from tests.bench.message_view import SENTENCE, SPECIAL
from tests.bench.rooms.generator import Request
from tests.bench.rooms.guests import Chains
from tests.bench.rooms.signed import EPOCH

BEGAN_MS = 1_760_000_000_000


class Spoken(Chains):
    """An open room with its link, and what its speakers will say, in the order of saying it."""

    def __init__(self, speakers: int, entries: int, address: RelayAddress, rng: Rng) -> None:
        super().__init__(speakers, 0, 1, rng)
        self.link = RoomLink(address, self.room.room, Secret(rng(SECRET_BYTES)))
        self.token = bytes(self.link.token())
        key = EpochKey(self.room.room, EPOCH, self.link.first_epoch())
        self.commitment = key.commitment()
        front = Front(title="A room for the bench", host="heron")
        self.front = seal_front(front, self.link.front_key(), self.room.room, rng)
        self.order: list[tuple[int, Request]] = []
        self._say_all(entries, key, rng)

    def _say_all(self, entries: int, key: EpochKey, rng: Rng) -> None:
        """Everybody once, in an order by chance, and again; every seventh answers another."""
        chance, room = Random(entries), self.room.room
        counters, hashes = [0] * len(self.seats), [b""] * len(self.seats)
        turn: list[int] = []
        last: EntryId | None = None
        for number in range(entries):
            if not turn:
                turn = chance.sample(range(len(self.seats)), len(self.seats))
            who = turn.pop()
            counters[who] += 1
            seat = self.seats[who]
            said = Text(
                name=f"wren-{who}",
                sent_ms=BEGAN_MS + number * 5,
                text=_words(chance),
                reply_to=last if number % 7 == 0 else None,
            )
            item = stage.say(said, key, seat, counters[who], hashes[who], rng)
            hashes[who] = entry_hash(room, item)
            last = entry_id(room, Lane.STAGE, seat.seat, counters[who])
            asked = SayEntry(call=CallId(counters[who]), item=item)
            self.order.append((who, Request(websocket(codec.dump([asked])), item)))


def _words(chance: Random) -> str:
    """Lengths spread as people's do."""
    if chance.random() < 0.1:
        return chance.choice(SPECIAL)
    length = min(40, 1 + int(chance.expovariate(1 / 8)))
    return " ".join(chance.choices(SENTENCE.split(), k=length))
