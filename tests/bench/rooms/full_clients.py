"""Full clients in the bench's room: each looks at every signature, chain and number.

``python -m tests.bench.rooms.full_clients ADDRESS ROOM TOKEN COUNT``, as a process of its own that
is told to end by its standard input; then it says what it heard, in JSON. A relay that leaves out
one voice, changes a byte or signs a head of something else is found here.
"""

from __future__ import annotations

import json
import os
import select
import sys
import time
from dataclasses import asdict, dataclass, field

from protocol.ids import SEALING_PUBLIC_BYTES, RelayKey, RoomId, SeatId
from protocol.wire.address import RelayAddress, parse_address
from protocol.wire.codec import Heard
from protocol.wire.frames.room_entries import Entries, RoomHead
from protocol.wire.frames.rooms import Entered, EnterRoom, SignedHead
from protocol.wire.rooms.entering import SeatCard, sign_card, sign_entering
from protocol.wire.rooms.heads import follow, read_head
from protocol.wire.rooms.items import EntryBody, entry_hash, read_item
from protocol.wire.rooms.signed import new_seat
from tests.bench.rooms.guests import CALL, Guest, dial
from tests.bench.rooms.listeners import Verified

SILENCE_S = 1.0
KNOWN = 4096


@dataclass
class Listener:
    """One of them, from where it came in."""

    room: RoomId
    relay: RelayKey
    number: int
    running: bytes
    heads: int = 0
    entries: int = 0
    wrong: list[str] = field(default_factory=list[str])
    voices: dict[SeatId, tuple[int, bytes]] = field(default_factory=dict[SeatId, tuple[int, bytes]])
    known: dict[int, bytes] = field(default_factory=dict[int, bytes])

    def hear(self, said: Heard) -> None:
        """Whatever it is."""
        if isinstance(said, Entries):
            if said.first != self.number + 1:
                self.wrong.append(f"{said.first} after {self.number}")
            for number, item in enumerate(said.items, said.first):
                self._item(number, item)
        elif isinstance(said, RoomHead):
            self._head(said.head)

    def _item(self, number: int, item: bytes) -> None:
        said = read_item(item, self.room)
        self.running = self.known[number] = follow(self.running, number, item)
        self.known.pop(number - KNOWN, None)
        self.number = number
        if isinstance(said, EntryBody):
            counter, previous = self.voices.get(said.seat, (0, b""))
            if (said.counter, said.previous) != (counter + 1, previous):
                self.wrong.append(f"a voice at {said.counter} after {counter}")
            self.voices[said.seat] = said.counter, entry_hash(self.room, item)
            self.entries += 1

    def _head(self, signed: SignedHead) -> None:
        head = read_head(signed, self.relay, self.room)
        self.heads += 1
        if head.number in self.known and self.known[head.number] != head.running:
            self.wrong.append(f"a head of something else at {head.number}")


def enter(address: RelayAddress, room: RoomId, token: bytes) -> tuple[Guest, Listener]:
    """On a line of its own, while nobody speaks yet."""
    seat = new_seat(os.urandom)
    guest = Guest(address, dial(address), b"")
    card = SeatCard(sealing=os.urandom(SEALING_PUBLIC_BYTES), made_ms=guest.agreed.clock_ms)
    (entered,) = guest.ask(
        EnterRoom(
            call=CALL,
            room=room,
            seat=seat.seat,
            signature=sign_entering(seat, guest.agreed.transcript, room),
            card=sign_card(seat, room, card),
            token=token,
        )
    )
    assert isinstance(entered, Entered)
    assert entered.head is not None
    head = read_head(entered.head, guest.agreed.relay, room)
    assert head.number == entered.number, "somebody speaks already"
    return guest, Listener(room, guest.agreed.relay, head.number, head.running)


def main() -> None:
    address, room, token, count = sys.argv[1:]
    where = parse_address(address)
    made = [
        enter(where, RoomId(bytes.fromhex(room)), bytes.fromhex(token)) for _ in range(int(count))
    ]
    for guest, listener in made:
        for said in guest.take(b""):
            listener.hear(said)
    lines = {guest.line.fileno(): (guest, listener) for guest, listener in made}
    poll = select.epoll()
    for fd in (0, *lines):
        poll.register(fd, select.EPOLLIN)
    print("in", flush=True)
    patience, began = -1.0, time.process_time()
    while ready := poll.poll(patience):
        for fd, _ in ready:
            if fd == 0:
                patience = SILENCE_S
                poll.unregister(0)
                continue
            guest, listener = lines[fd]
            data = guest.line.recv(1 << 16)
            if not data:
                listener.wrong.append("cut off")
                poll.unregister(fd)
            for said in guest.take(data):
                listener.hear(said)
    all_of_them = [each for _, each in made]
    verified = Verified(
        [each.entries for each in all_of_them],
        sum(each.heads for each in all_of_them),
        [why for each in all_of_them for why in each.wrong],
        time.process_time() - began,
    )
    print(json.dumps(asdict(verified)), flush=True)


if __name__ == "__main__":
    main()
