"""How people come into one room at each peer, on lines of their own."""

from __future__ import annotations

import random
import socket
from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from tests.bench.peers import mosquitto, nats, redis, xmpp
from tests.bench.rooms.generator import NUMBER, Hall, Publisher, Request, Seat
from tests.bench.senders import Step

LENGTH = 200
PATIENCE_S = 40.0


@dataclass(frozen=True)
class Manners:
    """What one says at a peer to take a seat, and to say something there."""

    framing: str
    come: Callable[[int], list[Step]]
    publish: Callable[[bytes], bytes]
    # On the way of one who only says something; None: only who has a seat may.
    connect: Callable[[int], list[Step]] | None
    one_order: bool = True  # for entries of several people


MANNERS = {
    "redis": Manners("resp", lambda _: redis.COME, redis.publish, lambda _: []),
    # Each publisher's line is read by a thread of its own, and none waits for another.
    "nats": Manners("nats", lambda _: nats.COME, nats.publish, lambda _: nats.COME[:1], False),
    "mosquitto": Manners("mqtt", mosquitto.come, mosquitto.publish, mosquitto.connect),
    "ejabberd_muc": Manners("xmpp", xmpp.enter, xmpp.publish, None),
}


def come(port: int, steps: list[Step]) -> Seat:
    """One more on a line of its own, with what came behind the last answer."""
    line = socket.create_connection(("127.0.0.1", port), PATIENCE_S)
    line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    heard = b""
    for step in steps:
        line.sendall(step.said)
        while step.until not in heard:
            data = line.recv(65536)
            assert data, f"the other side ended it after {heard[-200:]!r}"
            heard += data
        heard = heard.partition(step.until)[2]
    return Seat(line, heard)


def an_entry(chance: random.Random) -> bytes:
    """Of letters, so that no framing has to write it otherwise; its number is filled in later."""
    return b"0" * NUMBER + bytes(chance.choices(b"abcdefghijklmnopqrstuvwxyz", k=LENGTH - NUMBER))


@contextmanager
def hall(port: int, manners: Manners, seats: int, publishers: int) -> Generator[Hall]:
    """A room with so many in it at a peer that has only just come up."""
    with ExitStack() as leaving:

        def one(steps: list[Step]) -> Seat:
            seat = come(port, steps)
            leaving.callback(seat.line.close)
            return seat

        taken = [one(manners.come(number)) for number in range(seats)]
        chance = random.Random(seats)
        saying: list[Publisher] = []
        for number in range(publishers):
            entry = an_entry(chance)
            said = [Request(manners.publish(entry), entry)]
            if manners.connect is None:
                saying.append(Publisher(said, seat=number))
            else:
                saying.append(Publisher(said, one(manners.connect(seats + number)).line))
        yield Hall(manners.framing, taken, saying)
