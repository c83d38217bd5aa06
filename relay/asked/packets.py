"""What a desktop may ask about packets for other relays: to take one, and what became of them.

The rules decide inside the store; here the forwarder learns of what is on disk, and the connection
that handed a packet in hears of its answer as long as it reads.
"""

from __future__ import annotations

from functools import partial

import msgspec
import trio

from protocol.wire.frames import (
    ANSWER_SIZES,
    Accepted,
    Answered,
    Card,
    FetchAnswers,
    FindCard,
    ForgetAnswers,
    Forward,
    Refused,
    Reply,
)
from relay.asked.calls import Calls
from relay.outbox import Outbox
from relay.premises import Premises
from relay.rules.forwarding import FETCHED_BYTES

MOST_TICKETS = 4096


class Handing:
    """Forward, FindCard, FetchAnswers and ForgetAnswers on one connection."""

    def __init__(
        self, premises: Premises, calls: Calls, outbox: Outbox, nursery: trio.Nursery
    ) -> None:
        self._premises = premises
        self._calls = calls
        self._outbox = outbox
        self._nursery = nursery
        # Of these it is told at once; in the order in which they were handed in.
        self._tickets: dict[bytes, None] = {}
        self._ended = False

    def forward(self, asked: Forward) -> None:
        """Keep it, then carry it."""
        size = len(asked.packet)
        self._calls.begin(size)
        accepted = partial(self._accepted, asked.ticket, asked.destination, size)
        self._premises.storage.submit(asked, self._calls.now, accepted)

    def find_card(self, asked: FindCard) -> None:
        """Ask for it where it may be asked for."""
        self._calls.begin()
        self._premises.storage.submit(asked, self._calls.now, partial(self._may_find, asked))

    def fetch(self, asked: FetchAnswers) -> None:
        """What there is."""
        size = min(ANSWER_SIZES[-1] * len(asked.secrets), FETCHED_BYTES)
        self._calls.begin(size)
        answered = partial(self._calls.finish, size=size)
        self._premises.storage.submit(asked, self._calls.now, answered)

    def forget(self, asked: ForgetAnswers) -> None:
        """They are on the desktop's disk."""
        self._calls.submit(asked)

    def end(self) -> None:
        """The connection is over."""
        self._ended = True
        for ticket in self._tickets:
            self._premises.handed_in.leave(ticket, self._told)
        self._tickets.clear()

    def _accepted(self, ticket: bytes, destination: str, size: int, reply: Reply) -> None:
        if isinstance(reply, Accepted):
            self._wait_for(ticket)
            address = self._premises.house.federation.destination(destination)
            if address is not None:
                self._premises.forwarder.note(address)
        self._calls.finish(reply, size)

    def _wait_for(self, ticket: bytes) -> None:
        if self._ended:
            return
        if len(self._tickets) >= MOST_TICKETS:
            oldest = next(iter(self._tickets))
            del self._tickets[oldest]
            self._premises.handed_in.leave(oldest, self._told)
        self._tickets[ticket] = None
        self._premises.handed_in.note(ticket, self._told)

    def _told(self, answered: Answered) -> None:
        self._tickets.pop(answered.ticket, None)
        # Who does not read at the moment fetches it later.
        if self._outbox.has_room:
            self._outbox.put(answered)

    def _may_find(self, asked: FindCard, reply: Reply) -> None:
        if isinstance(reply, Refused) or self._ended:
            self._calls.finish(reply)
        else:
            self._nursery.start_soon(self._find, asked)

    async def _find(self, asked: FindCard) -> None:
        address = self._premises.house.federation.destination(asked.destination)
        assert address is not None, "the rules said yes"
        said = await self._premises.forwarder.card(address)
        if isinstance(said, Card):
            self._calls.finish(msgspec.structs.replace(said, call=asked.call))
        else:
            self._calls.finish(Refused(call=asked.call, reason=said))
