"""What became of packets: told by a relay of mine as it happens, or asked for; written down once.

An answer that opens is what the destination says and counts as if it had been said here. Every
other outcome is the word of a relay of mine, and costs an attempt: the envelope is offered again.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial

import trio
from sqlcipher3 import Connection

from desktop.engine.ground import Bell, Ground, Said
from desktop.engine.lines.line import Line
from desktop.engine.relays.ways import Via
from desktop.engine.sending.handing import forget_answers
from desktop.engine.sending.posted import put_off, record
from desktop.store import cards, copies, tickets
from desktop.store.copies import Copy
from desktop.store.tickets import Ticket
from protocol.errors import MalformedLink, RemoteProtocolError, Unopenable
from protocol.ids import Fingerprint
from protocol.keys import Secret
from protocol.wire.address import parse_address
from protocol.wire.frames import (
    Answer,
    Answered,
    Answers,
    FetchAnswers,
    Outcome,
    Reason,
    Refused,
    Stored,
)
from protocol.wire.frames.forwarding import MAX_TICKETS
from protocol.wire.packet import open_answer

log = logging.getLogger(__name__)


async def keep_hearing(ground: Ground, via: Via) -> None:
    """As long as the line holds; what came while there was none is fetched first."""
    while True:
        await _fetch_all(ground, via)
        again = trio.current_time() + ground.timings.answers_again
        while found := await _told(via.line, again):
            await _take(ground, via, [one for one in found if not ground.ways.heard(one)], [])


async def _told(line: Line, until: float) -> list[Answered]:
    """What the relay tells next; nothing when it is time to ask, or the line is over."""
    found: list[Answered] = []
    try:
        with trio.move_on_at(until):
            found.append(await line.answers.receive())
        while found and len(found) < MAX_TICKETS:
            found.append(line.answers.receive_nowait())
    except trio.WouldBlock:
        pass
    except trio.EndOfChannel:
        if not found:
            await trio.sleep_forever()  # whoever keeps the line ends this
    return found


async def _fetch_all(ground: Ground, via: Via) -> None:
    after, line = b"", via.line
    while True:
        page = await ground.vault.read(
            partial(tickets.at, via=via.relay.relay_id, after=after, limit=MAX_TICKETS)
        )
        if not page:
            return
        after = page[-1].ticket
        secrets = {one.ticket: one.secret for one in page}
        while secrets:
            asked = FetchAnswers(call=line.call(), secrets=tuple(secrets.values()))
            said = await line.ask(asked)
            if not isinstance(said, Answers):
                return
            await _take(ground, via, said.found, said.unknown)
            for one in (*(answer.ticket for answer in said.found), *said.unknown):
                secrets.pop(one, None)
            if not said.found:
                break  # the others still wait


async def _take(
    ground: Ground, via: Via, found: Sequence[Answer | Answered], unknown: Sequence[bytes]
) -> None:
    if not found and not unknown:
        return
    own = via.relay.relay_id
    written = await ground.do(
        partial(_write_down, ground=ground, via=own, found=found, unknown=unknown)
    )
    for relay in written.shut:
        ground.ways.rest(own, relay, at_least=ground.timings.way_shut)
    if written.done:
        forget_answers(via, written.done)


@dataclass
class _Written:
    """Whose answers need not be kept any more, and which relays take nothing by this way."""

    done: list[Secret] = field(default_factory=list[Secret])
    shut: set[Fingerprint] = field(default_factory=set[Fingerprint])


def _write_down(
    db: Connection,
    said: Said,
    ground: Ground,
    via: Fingerprint,
    found: Sequence[Answer | Answered],
    unknown: Sequence[bytes],
) -> _Written:
    written = _Written()
    for answer in found:
        ticket = tickets.find(db, answer.ticket)
        if ticket is None or ticket.via != via:
            continue
        written.done.append(ticket.secret)
        tickets.drop(db, ticket.ticket)
        copy = copies.find(db, ticket.envelope_id)
        if copy is not None:
            written.shut |= _settle(db, said, ground, copy, ticket, answer)
    for name in unknown:
        ticket = tickets.find(db, name)
        if ticket is None or ticket.via != via:
            continue
        tickets.drop(db, name)
        copy = copies.find(db, ticket.envelope_id)
        if copy is not None:
            put_off(db, said, ground, copy)
    said.bells |= {Bell.POST, Bell.LOOK}
    return written


def _settle(
    db: Connection,
    said: Said,
    ground: Ground,
    copy: Copy,
    ticket: Ticket,
    answer: Answer | Answered,
) -> set[Fingerprint]:
    """What an outcome means for the copy; which relay takes nothing by this way."""
    match answer.outcome:
        case Outcome.ANSWERED:
            try:
                reply = open_answer(answer.answer, ticket.answer_key, ticket.packet_hash)
            except (Unopenable, RemoteProtocolError) as exc:
                log.warning("no answer to what was asked: %s", type(exc).__name__)
                reply = None
            if isinstance(reply, (Stored, Refused)):
                record(db, said, ground, [(copy, reply)])
                if isinstance(reply, Refused) and reply.reason is Reason.QUOTA:
                    said.bells.add(Bell.ROOM)
                return set()
        case Outcome.UNREADABLE:
            for to in _relay_of(copy):
                cards.doubt(db, to)
        case Outcome.REFUSED:
            copies.offer(db, copy.envelope_id, ticket.via)
            return _relay_of(copy)
        case Outcome.EXPIRED | Outcome.OTHER:
            pass
    put_off(db, said, ground, copy)
    return set()


def _relay_of(copy: Copy) -> set[Fingerprint]:
    try:
        return {parse_address(copy.relay).fingerprint}
    except MalformedLink:
        return set()
