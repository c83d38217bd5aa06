"""Two hops, the first relay's side: packets wait for their destination, answers for their sender.

Who hands one in shows a pass, and is bounded by it; what the packet asks, nobody here can read. How
long a packet waits is for the forwarder, which always has an eye on it.
"""

from __future__ import annotations

from protocol.wire.frames import (
    PACKET_SIZES,
    Accepted,
    Answer,
    Answers,
    Done,
    FetchAnswers,
    FindCard,
    ForgetAnswers,
    Forward,
    Reason,
    Refused,
)
from protocol.wire.packet import ticket_of
from relay.rules.admission import pass_hash
from relay.rules.clock import DAY_MS, Now
from relay.rules.limits import House
from relay.rules.records import TICKET_BYTES, Destination, Pass, Settle, Vouch, room_for
from relay.rules.store import Store

# A message holds more, which goes beside.
FETCHED_BYTES = 800 * 1024


class ForwardRules:
    """Forward and FindCard for who has a pass; answers for who has a ticket's secret."""

    def __init__(self, store: Store, house: House) -> None:
        self._store = store
        self._house = house

    def forward(self, asked: Forward, now: Now) -> Accepted | Refused:
        """Keep a packet for its destination. Safe to repeat: one of each ticket."""
        by = self._sender(asked, now)
        if isinstance(by, Refused):
            return by
        if len(asked.packet) not in PACKET_SIZES:
            return Refused(call=asked.call, reason=Reason.NOT_ALLOWED)
        if self._store.packets.known(asked.ticket):
            return Accepted(call=asked.call)
        # What will come back takes its room from the beginning.
        used, size = by.forwarding, room_for(len(asked.packet)) + TICKET_BYTES
        if (
            used.forwarded >= used.forwards
            or used.used_bytes + size > used.most_bytes
            or self._store.held_bytes + size > self._house.limits.stored_bytes
        ):
            return Refused(call=asked.call, reason=Reason.QUOTA)
        to = self._reach(by, asked.destination, now)
        if to is None or to.waiting >= self._house.limits.destination_packets:
            return Refused(call=asked.call, reason=Reason.QUOTA)
        self._store.packets.add(by, to, asked.ticket, asked.packet, now.age_ms)
        used.forwarded += 1
        self._store.passes.forwarded(by)
        return Accepted(call=asked.call)

    def find_card(self, asked: FindCard, now: Now) -> Done | Refused:
        """Whether this relay asks there for its card: Done, and no card yet."""
        by = self._sender(asked, now)
        if isinstance(by, Refused):
            return by
        if self._reach(by, asked.destination, now) is None:
            return Refused(call=asked.call, reason=Reason.QUOTA)
        return Done(call=asked.call)

    def vouch(self, asked: Vouch, now: Now) -> Done | Refused:
        """Whether this pass may say what is not stored. One that is blocked may not."""
        by = self._sender(asked, now) if asked.destination else self._member(asked)
        if isinstance(by, Refused):
            return by
        if not (by.forwarding.forwards if asked.destination else by.mailboxes):
            return Refused(call=asked.call, reason=Reason.NOT_ALLOWED)
        if asked.destination and self._reach(by, asked.destination, now) is None:
            return Refused(call=asked.call, reason=Reason.QUOTA)
        return Done(call=asked.call)

    def settle(self, asked: Settle, now: Now) -> Done:
        """Keep the answer, and the packet no longer. Safe to repeat."""
        self._store.packets.settle(asked.ticket, asked.outcome, asked.answer, now.age_ms)
        return Done(call=asked.call)

    def fetch(self, asked: FetchAnswers, now: Now) -> Answers:
        """What there is, as far as a message holds it; of a packet that still waits, nothing."""
        found: list[Answer] = []
        unknown: list[bytes] = []
        size = 0
        for ticket in map(ticket_of, asked.secrets):
            answer = self._store.packets.answer(ticket)
            if answer is not None:
                size += len(answer.answer)
                if not found or size <= FETCHED_BYTES:
                    found.append(answer)
            elif not self._store.packets.known(ticket):
                unknown.append(ticket)
        return Answers(call=asked.call, found=tuple(found), unknown=tuple(unknown))

    def forget(self, asked: ForgetAnswers, now: Now) -> Done:
        """Their sender has them. Safe to repeat."""
        for ticket in map(ticket_of, asked.secrets):
            self._store.packets.forget_answer(ticket)
        return Done(call=asked.call)

    def _member(self, asked: Forward | FindCard | Vouch) -> Pass | Refused:
        """Who has a pass. A stranger who only takes passes sends nothing anywhere."""
        by = self._store.passes.find(pass_hash(asked.pass_secret))
        if by is None:
            return Refused(call=asked.call, reason=Reason.UNKNOWN)
        if by.lapses_ms is not None:
            return Refused(call=asked.call, reason=Reason.NOT_ALLOWED)
        return by

    def _sender(self, asked: Forward | FindCard | Vouch, now: Now) -> Pass | Refused:
        """Who has a pass that may send to this destination."""
        by = self._member(asked)
        if isinstance(by, Refused):
            return by
        if self._house.federation.destination(asked.destination) is None:
            return Refused(call=asked.call, reason=Reason.NOT_ALLOWED)
        today, used = now.age_ms // DAY_MS, by.forwarding
        if used.day != today:
            used.day, used.forwarded, used.reached = today, 0, 0
            self._store.passes.forwarded(by)
        return by

    def _reach(self, by: Pass, destination: str, now: Now) -> Destination | None:
        """The destination, if it is known here or the pass may reach one more today."""
        address = str(self._house.federation.destination(destination))
        known = self._store.packets.destination(address)
        if known is not None:
            return known
        if by.forwarding.reached >= self._house.limits.new_destinations:
            return None
        by.forwarding.reached += 1
        self._store.passes.forwarded(by)
        return self._store.packets.add_destination(address, now.age_ms)
