"""Who comes into a relay's room for the bench comes as the protocol has it, or not at all."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Generator
from contextlib import ExitStack, contextmanager

import pytest

from protocol.ids import Fingerprint, SeatId
from protocol.keys import Secret, public_key
from protocol.wire import codec
from protocol.wire.address import RelayAddress
from protocol.wire.frames import Done, Frame, Reason, Redeem, Redeemed, Refused, Side
from protocol.wire.frames.room_entries import Said
from protocol.wire.frames.room_orders import GiveOrder
from protocol.wire.frames.rooms import Entered, EnterRoom, OpenRoom, SeatsChanged, SeatState
from protocol.wire.handshake import Agreed, fingerprint, welcome
from protocol.wire.rooms.entering import check_entering, check_opening, read_card, token_hash
from protocol.wire.rooms.items import read_item
from protocol.wire.rooms.orders import OrderBody, Scope, read_grant
from protocol.wire.rooms.policy import PolicyBody, read_policy
from tests.bench.rooms.guests import Chains, HostsNoRooms, hall
from tests.faults.proxy import Messages
from tests.protocol.cast import NOW_MS, dice

SEED = Secret(dice("guests' relay")(32))
WHO = fingerprint(public_key(SEED))
CHAINS = Chains(speakers=2, entries=4, sealed=200, rng=dice("guests' chains"))
SEATS, SPEAKERS = 3, 2


def message(*frames: Frame) -> bytes:
    """As a relay sends it."""
    said = codec.dump(list(frames))
    return bytes((0x82, 126)) + len(said).to_bytes(2, "big") + said


COUNT = message(SeatsChanged(seats=SEATS))


class Doorkeeper:
    """A relay that looks at every signature, and at nobody twice."""

    def __init__(self, *, hosts: bool) -> None:
        self._hosts = hosts
        self._policy: PolicyBody | None = None
        self.speakers: list[SeatId] = []

    def answer(self, asked: Redeem | OpenRoom | GiveOrder | EnterRoom, agreed: Agreed) -> Frame:
        if isinstance(asked, Redeem):
            return Redeemed(call=asked.call, mailboxes=1, stored_bytes=1, may_invite=False)
        if isinstance(asked, OpenRoom):
            if not self._hosts:
                return Refused(call=asked.call, reason=Reason.UNSUPPORTED, name="open_room")
            self._policy = read_policy(asked.policy)
            check_opening(self._policy.room, asked.signature, agreed.transcript, asked.policy)
            self._signed = asked.policy
            return Done(call=asked.call)
        assert self._policy is not None
        if isinstance(asked, GiveOrder):
            order = read_item(asked.item, self._policy.room)
            assert isinstance(order, OrderBody)
            assert order.given is not None
            granted = read_grant(order.given, self._policy.room)
            assert granted.scopes == Scope.SPEAK
            self.speakers.append(granted.seat)
            return Said(call=asked.call, run=1, number=len(self.speakers))
        check_entering(asked.seat, asked.signature, agreed.transcript, asked.room)
        read_card(asked.card, asked.room, asked.seat)
        assert token_hash(asked.token) == self._policy.token
        return Entered(
            call=asked.call,
            policy=self._signed,
            state=SeatState.HERE,
            run=1,
            number=0,
            oldest_run=1,
            oldest=1,
            seats=SEATS,
        )

    def serve(self, door: socket.socket, lines: ExitStack) -> None:
        """One after the other, each until it is in."""
        for _ in range(1 + SEATS):
            line = lines.enter_context(door.accept()[0])
            heard = Messages()

            def next_message(line: socket.socket = line, heard: Messages = heard) -> bytes:
                while not (found := heard.feed(line.recv(65536))):
                    pass
                return found[0]

            first = next_message()
            said, agreed = welcome(first, SEED, b"", NOW_MS, os.urandom)
            line.sendall(b"HTTP/1.1 101 Welcome\r\nUpgrade: websocket\r\n\r\n")
            line.sendall(bytes((0x82, 126)) + len(said).to_bytes(2, "big") + said)
            come = False
            while not come:
                for asked in codec.load(next_message(), Side.DESKTOP):
                    assert isinstance(asked, Redeem | OpenRoom | GiveOrder | EnterRoom)
                    line.sendall(message(self.answer(asked, agreed)) + COUNT)
                    refused = isinstance(asked, OpenRoom) and not self._hosts
                    come = refused or isinstance(asked, GiveOrder | EnterRoom)
            if not self._hosts:
                return


@contextmanager
def relay(*, hosts: bool = True, who: Fingerprint = WHO) -> Generator[RelayAddress]:
    """Its address; what goes wrong in it ends its lines."""
    with socket.create_server(("127.0.0.1", 0)) as door, ExitStack() as lines:

        def serve() -> None:
            try:
                Doorkeeper(hosts=hosts).serve(door, lines)
            except (ConnectionError, IndexError):
                lines.close()

        serving = threading.Thread(target=serve)
        serving.start()
        try:
            yield RelayAddress("127.0.0.1", door.getsockname()[1], who, tls=False)
        finally:
            serving.join()


def test_everybody_is_in_and_what_came_behind_the_answer_is_kept() -> None:
    with relay() as address, hall(address, CHAINS, b"", SEATS, SPEAKERS) as room:
        assert [seat.rest for seat in room.seats[:-1]] == [COUNT] * (SEATS - 1)
        assert [each.name for each in room.publishers] == [key.seat for key in CHAINS.seats]
        assert [each.seat for each in room.publishers] == [0, 1]
        assert len({request.entry for each in CHAINS.said for request in each}) == 6


def test_a_relay_that_hosts_no_rooms_gives_no_figure() -> None:
    with (
        relay(hosts=False) as address,
        pytest.raises(HostsNoRooms, match="unsupported"),
        hall(address, CHAINS, b"", SEATS, SPEAKERS),
    ):
        pass
