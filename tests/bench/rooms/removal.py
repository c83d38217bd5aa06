"""Somebody is put out of a room that has a new key then: how long until everybody else holds it.

The host removes one seat, makes a key, wraps it for each of the others and hands all wraps in; each
is told its own. Whoever was put out must hear none. The clock runs from the host's decision until
the last of them has read theirs, all on one machine.
"""

from __future__ import annotations

import os
import select
import time
from dataclasses import dataclass

from protocol.e2e.rooms.epochs import new_epoch, unwrap, wrap_all
from protocol.ids import OrderId, SeatId
from protocol.keys import Secret
from protocol.wire import codec
from protocol.wire.frames.room_orders import EpochBegins, GiveOrder, SetEpoch
from protocol.wire.frames.rooms import SeatState, SeatTold
from protocol.wire.rooms.epochs import EpochBody, sign_epoch
from protocol.wire.rooms.items import sign_order
from protocol.wire.rooms.orders import OrderBody, What
from protocol.wire.rooms.signed import RoomKey
from tests.bench.deposits import websocket
from tests.bench.rooms.guests import CALL, HOUR_MS, Guest, Room
from tests.bench.senders import cpu_s

AIM_S = 2.0
PATIENCE_S = 30.0
NEXT = 2


class NotEverybody(Exception):
    """Somebody has no key, or another's, or one who was put out has it."""


@dataclass(frozen=True)
class Removal:
    """What it took, in seconds from the decision; ``relay_s`` is the relay's processor time."""

    seats: int
    wrapped_s: float
    half_s: float
    all_s: float
    relay_s: float

    def row(self) -> str:
        verdict = "holds" if self.all_s <= AIM_S else "MISSED"
        return (
            f"relay | {self.seats} seats, one is put out | wrapped after {self.wrapped_s:.2f} s"
            f" | half have the new key after {self.half_s:.2f} s, all after {self.all_s:.2f} s,"
            f" aim {AIM_S:.0f} s: {verdict} | relay's CPU {self.relay_s:.2f} s"
        )


def removal(room: Room, key: RoomKey, pid: int) -> Removal:
    """Of the last seat. Raises NotEverybody."""
    out = room.seated[-1][0].seat
    table = {by.seat: Secret(os.urandom(32)) for by, _ in room.seated if by.seat != out}
    before, began = cpu_s(pid), time.monotonic()
    epoch = new_epoch(key.room, NEXT, os.urandom)
    now_ms = room.host.agreed.clock_ms
    order = OrderBody(
        order=OrderId(os.urandom(16)),
        by=key.room,
        what=What.REMOVE,
        made_ms=now_ms,
        expires_ms=now_ms + HOUR_MS,
        about=out,
    )
    ordered = GiveOrder(call=CALL, room=key.room, item=sign_order(key, key.room, order))
    room.host.line.sendall(websocket(codec.dump([ordered])))
    body = EpochBody(
        room=key.room, epoch=NEXT, commitment=epoch.commitment(), by=key.room, made_ms=now_ms
    )
    signed, batches = sign_epoch(key, body), list(wrap_all(epoch, table, os.urandom))
    wrapped_s = time.monotonic() - began
    for at, wraps in enumerate(batches, 1):
        asked = SetEpoch(
            call=CALL, room=key.room, epoch=signed, wraps=wraps, more=at < len(batches)
        )
        room.host.line.sendall(websocket(codec.dump([asked])))
    heard, times = _listen(room, out, began)
    spent = cpu_s(pid) - before
    for seat, wrap_key in table.items():
        found = unwrap(heard[seat], key.room, NEXT, seat, wrap_key, epoch.commitment())
        if bytes(found.key) != bytes(epoch.key):
            raise NotEverybody("a key that is another one")
    return Removal(len(room.seated), wrapped_s, times[len(times) // 2], times[-1], spent)


def _listen(room: Room, out: SeatId, began: float) -> tuple[dict[SeatId, bytes], list[float]]:
    """Each one's wrap, and when it was there; until all have one and one is told that it is out."""
    lines: dict[int, tuple[SeatId, Guest]] = {}
    poll = select.epoll()
    for by, guest in room.seated:
        guest.line.setblocking(False)
        poll.register(guest.line.fileno(), select.EPOLLIN)
        lines[guest.line.fileno()] = by.seat, guest
    heard: dict[SeatId, bytes] = {}
    times: list[float] = []
    told = False
    while len(heard) + told < len(room.seated):
        ready = poll.poll(PATIENCE_S)
        if not ready:
            raise NotEverybody(f"{len(heard)} of {len(room.seated) - 1} have it")
        for fd, _ in ready:
            seat, guest = lines[fd]
            data = guest.line.recv(65536)
            if not data:
                raise NotEverybody("a line was ended")
            for said in guest.take(data):
                if isinstance(said, EpochBegins):
                    heard[seat] = said.wrap
                    times.append(time.monotonic() - began)
                told |= isinstance(said, SeatTold) and said.state is SeatState.REMOVED
    poll.close()
    if out in heard:
        raise NotEverybody("who was put out has it")
    return heard, times
