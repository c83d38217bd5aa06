"""Packets and answers in memory; see :mod:`relay.store.memory`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import count

from protocol.wire.frames import Answer, Outcome
from relay.rules.clock import HOUR_MS
from relay.rules.records import TICKET_BYTES, Destination, Pass, WaitingPacket, is_bulky, room_for


@dataclass(slots=True)
class _Packet:
    by: Pass
    to: Destination
    waiting: WaitingPacket


@dataclass(slots=True)
class _Answer:
    by: Pass
    age_ms: int
    said: Answer


class MemoryPackets:
    """Both by their tickets, in the order in which they came."""

    def __init__(self, hold: Callable[[int], None]) -> None:
        self._hold_bytes = hold
        self._numbers = count(1)
        self.all: dict[bytes, _Packet] = {}
        self.answers: dict[bytes, _Answer] = {}
        self.known_destinations: dict[str, Destination] = {}

    def destination(self, address: str) -> Destination | None:
        return self.known_destinations.get(address)

    def add_destination(self, address: str, age_ms: int) -> Destination:
        made = self.known_destinations[address] = Destination(address, age_ms)
        return made

    def forget_destinations(self, before_age_ms: int, most: int) -> bool:
        for address, known in list(self.known_destinations.items()):
            if not known.waiting and known.used_ms < before_age_ms:
                del self.known_destinations[address]
        return False

    def known(self, ticket: bytes) -> bool:
        return ticket in self.all or ticket in self.answers

    def add(self, by: Pass, to: Destination, ticket: bytes, body: bytes, age_ms: int) -> None:
        waiting = WaitingPacket(next(self._numbers), ticket, age_ms, body)
        self.all[ticket] = _Packet(by, to, waiting)
        to.waiting += 1
        if age_ms - to.used_ms >= HOUR_MS:
            to.used_ms = age_ms
        self._hold(by, room_for(len(body)) + TICKET_BYTES)

    def settle(self, ticket: bytes, outcome: Outcome, answer: bytes, age_ms: int) -> bool:
        packet = self.all.pop(ticket, None)
        if packet is None:
            return False
        packet.to.waiting -= 1
        said = Answer(ticket=ticket, outcome=outcome, answer=answer)
        self.answers[ticket] = _Answer(packet.by, age_ms, said)
        self._hold(packet.by, len(answer) - room_for(len(packet.waiting.body)))
        return True

    def answer(self, ticket: bytes) -> Answer | None:
        kept = self.answers.get(ticket)
        return None if kept is None else kept.said

    def forget_answer(self, ticket: bytes) -> None:
        kept = self.answers.pop(ticket, None)
        if kept is not None:
            self._hold(kept.by, -len(kept.said.answer) - TICKET_BYTES)

    def expire_answers(self, before_age_ms: int, most: int) -> int:
        due = [ticket for ticket, kept in self.answers.items() if kept.age_ms < before_age_ms]
        for ticket in due[:most]:
            self.forget_answer(ticket)
        return len(due[:most])

    def waiting(
        self, address: str, after: int, most: int, size: int, *, bulky: bool | None = None
    ) -> list[WaitingPacket]:
        page: list[WaitingPacket] = []
        for packet in self.all.values():
            waiting = packet.waiting
            if packet.to.address != address or waiting.number <= after:
                continue
            if bulky is not None and is_bulky(len(waiting.body)) is not bulky:
                continue
            size -= len(waiting.body)
            if len(page) == most or (page and size < 0):
                break
            page.append(waiting)
        return page

    def destinations(self) -> list[str]:
        return sorted({packet.to.address for packet in self.all.values()})

    def _hold(self, by: Pass, size: int) -> None:
        by.forwarding.used_bytes += size
        self._hold_bytes(size)
