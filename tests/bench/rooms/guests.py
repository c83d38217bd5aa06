"""How people come into a room at a relay, by the protocol's own code, on sockets that block."""

from __future__ import annotations

import os
import random
import socket
import ssl
import time
from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from pathlib import Path

from protocol.ids import SEALING_PUBLIC_BYTES, CallId, GrantId, OrderId, SeatId
from protocol.keys import Rng, Secret
from protocol.wire import codec
from protocol.wire.address import RelayAddress
from protocol.wire.codec import Heard
from protocol.wire.frames import Frame, Ping, Redeem, Refused, Reply, Side
from protocol.wire.frames.room_orders import GiveOrder
from protocol.wire.frames.rooms import EnterRoom, OpenRoom
from protocol.wire.handshake import Agreed, agree, hello
from protocol.wire.rooms.entering import (
    SeatCard,
    sign_card,
    sign_entering,
    sign_opening,
    token_hash,
)
from protocol.wire.rooms.items import sign_order
from protocol.wire.rooms.orders import GrantBody, OrderBody, Scope, What, sign_grant
from protocol.wire.rooms.policy import MAX_SEATS, Entry, PolicyBody, sign_policy
from protocol.wire.rooms.signed import SeatKey, new_room, new_seat
from tests.bench.deposits import websocket
from tests.bench.reconnect import UPGRADE
from tests.bench.rooms.generator import Hall, Publisher, Request, Seat
from tests.bench.rooms.signed import EPOCH, chain
from tests.bench.rooms.tunnels import tunnels

PATIENCE_S = 60.0
SILENCE_S = 20.0  # a relay ends a line on which nobody says anything for 60
CALL = CallId(1)
BINARY = 0x82
HOUR_MS = 3_600_000


class HostsNoRooms(Exception):
    """The relay refuses, or does not know, what was asked of it."""


class Guest:
    """One line of a stranger's."""

    def __init__(self, address: RelayAddress, line: socket.socket, certificate: bytes) -> None:
        self.line = line
        self.rest = b""
        self.agreed = self._shake_hands(address, certificate)

    def _shake_hands(self, address: RelayAddress, certificate: bytes) -> Agreed:
        first = hello(os.urandom)
        self.line.sendall(UPGRADE + websocket(first))
        while b"\r\n\r\n" not in self.rest:
            self._hear()
        self.rest = self.rest.partition(b"\r\n\r\n")[2]
        return agree(first, self._message(), address.fingerprint, certificate)

    def ask(self, *asked: Frame) -> list[Reply]:
        """All of them, until as many answers are here. Raises HostsNoRooms."""
        self.line.sendall(websocket(codec.dump(list(asked))))
        answers: list[Reply] = []
        while len(answers) < len(asked):
            for said in codec.load(self._message(), Side.RELAY):
                if isinstance(said, Refused):
                    raise HostsNoRooms(str(said.reason))
                if isinstance(said, Reply):
                    answers.append(said)
        return answers

    def take(self, data: bytes) -> list[Heard]:
        """What these bytes complete, which somebody else read off the line."""
        self.rest += data
        found: list[Heard] = []
        while (message := self._complete()) is not None:
            found += codec.load(message, Side.RELAY)
        return found

    def _hear(self) -> None:
        data = self.line.recv(65536)
        if not data:
            raise HostsNoRooms("the relay ended it")
        self.rest += data

    def _message(self) -> bytes:
        """The next one; what came behind it stays for the generator."""
        while (message := self._complete()) is None:
            self._hear()
        return message

    def _complete(self) -> bytes | None:
        """The next one, if all of it is here."""
        while len(self.rest) > 1:
            start = {126: 4, 127: 10}.get(self.rest[1], 2)
            size = self.rest[1] if start == 2 else int.from_bytes(self.rest[2:start], "big")
            if len(self.rest) < start + size:
                return None
            message, kind = self.rest[start : start + size], self.rest[0]
            self.rest = self.rest[start + size :]
            if kind == BINARY:
                return message
        return None


class Chains:
    """One room for all runs, and what its speakers have signed beforehand."""

    def __init__(self, speakers: int, entries: int, sealed: int, rng: Rng) -> None:
        self.room = new_room(rng)
        self.token = rng(32)
        self.commitment = rng(32)
        self.front = b""
        self.seats = [new_seat(rng) for _ in range(speakers)]
        each = entries // speakers + 1
        self.said: list[list[Request]] = [
            chain(seat, self.room.room, each, sealed, rng) for seat in self.seats
        ]


def policy(chains: Chains, rng: Rng) -> PolicyBody:
    """Open by link to all, who may all come from one address."""
    return PolicyBody(
        room=chains.room.room,
        version=1,
        entry=Entry.LINK,
        token=token_hash(chains.token),
        epoch=EPOCH,
        commitment=chains.commitment,
        desk_key=rng(SEALING_PUBLIC_BYTES),
        desk=1,
        per_address=MAX_SEATS,
        per_minute=MAX_SEATS,
        front=chains.front,
    )


def may_speak(chains: Chains, seat: SeatId, now_ms: int, rng: Rng) -> GiveOrder:
    """Leave to say as much as it likes: whoever has none says 20 entries a second."""
    by, until = chains.room.room, now_ms + HOUR_MS
    given = GrantBody(
        room=by,
        grant=GrantId(rng(16)),
        seat=seat,
        scopes=Scope.SPEAK,
        made_ms=now_ms,
        expires_ms=until,
    )
    order = OrderBody(
        order=OrderId(rng(16)),
        by=by,
        what=What.GRANT,
        made_ms=now_ms,
        expires_ms=until,
        given=sign_grant(chains.room, given),
    )
    return GiveOrder(call=CALL, room=by, item=sign_order(chains.room, by, order))


@dataclass(frozen=True)
class Room:
    """One with people in it: its host on a line without a seat, and each on a line of their own."""

    host: Guest
    seated: list[tuple[SeatKey, Guest]]


def dial(address: RelayAddress) -> socket.socket:
    """A socket to it."""
    line = socket.create_connection((address.host, address.port), PATIENCE_S)
    line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return line


@contextmanager
def a_room(
    address: RelayAddress,
    chains: Chains,
    code: bytes,
    seats: int,
    publishers: int,
    dialled: Callable[[], socket.socket] | None = None,
    certificate: bytes = b"",
    *,
    grants: bool = True,
) -> Generator[Room]:
    """With so many in it, at a relay that invited its host. Raises HostsNoRooms.

    ``dialled``: a line under TLS, with the hash of what the relay showed there. Without ``grants``
    the relay lets each speaker say 20 entries a second.
    """
    rng = random.Random(seats).randbytes
    with ExitStack() as leaving:

        def guest() -> Guest:
            line = (dialled or partial(dial, address))()
            leaving.callback(line.close)
            return Guest(address, line, certificate)

        host, pass_secret = guest(), Secret(rng(32))
        signed = sign_policy(chains.room, policy(chains, rng))
        signature = sign_opening(chains.room, host.agreed.transcript, signed)
        host.ask(Redeem(call=CALL, code=code, pass_secret=pass_secret))
        host.ask(OpenRoom(call=CALL, pass_secret=pass_secret, policy=signed, signature=signature))
        speakers = [by.seat for by in chains.seats[: publishers if grants else 0]]
        host.ask(*(may_speak(chains, each, host.agreed.clock_ms, rng) for each in speakers))
        room, taken, said_at = chains.room.room, list[tuple[SeatKey, Guest]](), time.monotonic()
        for number in range(seats):
            by = chains.seats[number] if number < publishers else new_seat(rng)
            one = guest()
            card = SeatCard(sealing=rng(SEALING_PUBLIC_BYTES), made_ms=one.agreed.clock_ms)
            one.ask(
                EnterRoom(
                    call=CALL,
                    room=room,
                    seat=by.seat,
                    signature=sign_entering(by, one.agreed.transcript, room),
                    card=sign_card(by, room, card),
                    token=chains.token,
                )
            )
            taken.append((by, one))
            if time.monotonic() > said_at + SILENCE_S:
                said_at = time.monotonic()
                for each in (host, *(guest for _, guest in taken)):
                    each.line.sendall(websocket(codec.dump([Ping(call=CALL)])))
        yield Room(host, taken)


@contextmanager
def hall(
    address: RelayAddress, chains: Chains, code: bytes, seats: int, publishers: int
) -> Generator[Hall]:
    """The same for the generator. Raises HostsNoRooms."""
    with a_room(address, chains, code, seats, publishers) as room:
        taken = [Seat(one.line, one.rest) for _, one in room.seated]
        yield Hall("aside", taken, saying(chains, publishers))


@contextmanager
def hall_under_tls(
    program: Path, address: RelayAddress, chains: Chains, code: bytes, seats: int, publishers: int
) -> Generator[Hall]:
    """The same under TLS. Raises HostsNoRooms, GeneratorFailed."""
    shown = ssl.get_server_certificate(("127.0.0.1", address.port))
    certificate = sha256(ssl.PEM_cert_to_DER_cert(shown)).digest()
    with (
        tunnels(program, address.port, seats + 1) as through,
        a_room(address, chains, code, seats, publishers, through.take, certificate) as room,
    ):
        rests = through.end()[1:]  # the first is the host's
        taken = [
            Seat(one.line, one.rest + rest, number)
            for number, ((_, one), rest) in enumerate(zip(room.seated, rests, strict=True), 1)
        ]
        yield Hall("aside", taken, saying(chains, publishers), through.running)


def saying(chains: Chains, publishers: int) -> list[Publisher]:
    """Those who speak, each from a seat."""
    return [
        Publisher(chains.said[n], seat=n, signed=True, name=chains.seats[n].seat)
        for n in range(publishers)
    ]
