"""Packets, handed to a relay of mine: envelopes in a batch, and single questions.

Only the destination stands outside. A ticket is written down with ``Accepted``, not before: a crash
between hands the envelope in again under another ticket, which is harmless because its id is the
same.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import trio
from msgspec import Struct
from sqlcipher3 import Connection

from desktop.engine.ground import Bell, Ground, Said
from desktop.engine.lines.line import LineLost, Pending
from desktop.engine.relays.carding import SHUT, card_of
from desktop.engine.relays.ways import Via
from desktop.engine.sending.posted import sent
from desktop.store import cards, copies, outbox, tickets
from desktop.store.copies import Copy
from desktop.store.tickets import Ticket
from protocol.errors import RemoteProtocolError, Unopenable
from protocol.ids import CallId, EnvelopeId
from protocol.keys import Secret
from protocol.wire.address import RelayAddress
from protocol.wire.frames import (
    Accepted,
    Answer,
    Answered,
    Answers,
    CardBody,
    Deposit,
    FetchAnswers,
    ForgetAnswers,
    Forward,
    Outcome,
    Refused,
    Reply,
    Request,
)
from protocol.wire.packet import ANSWER_KEY_BYTES, hash_of, open_answer, seal_packet, ticket_of

NO_CALL = CallId(0)
NO_ENVELOPE = EnvelopeId(b"")


class _Made(Struct, frozen=True):
    """A packet, and what its answer is known by."""

    packet: bytes
    ticket: Ticket


async def hand_in(ground: Ground, via: Via, address: RelayAddress, batch: list[Copy]) -> None:
    """Offer these, and write down which were accepted, also where the line broke in the middle.

    Whatever was not finds another way or time. Raises LineLost.
    """
    card = await card_of(ground, via, address)
    if card is None:
        ground.ways.rest(via.relay.relay_id, address.fingerprint)
        return
    pending: list[tuple[Copy, _Made, Pending[Accepted]]] = []
    took: list[tuple[Copy, Ticket]] = []
    try:
        for copy in batch:
            asked = Deposit(
                call=NO_CALL,
                capability=copy.capability,
                envelope_id=copy.envelope_id,
                body=copy.body,
            )
            made = _make(ground, via, card, asked, copy.envelope_id)
            pending.append((copy, made, _submit(via, address, made)))
        for copy, made, one in pending:
            if await _accepted(ground, via, address, one):
                took.append((copy, made.ticket))
    except RemoteProtocolError:
        # A signed card with a key that nothing can be sealed to.
        ground.ways.rest(via.relay.relay_id, address.fingerprint, at_least=ground.timings.way_shut)
    finally:
        with trio.CancelScope(shield=True):
            if took:
                await ground.do(partial(_record, ground=ground, took=took))
    if len(took) == len(batch):
        ground.ways.took(via.relay.relay_id, address.fingerprint)


async def ask(
    ground: Ground, via: Via, address: RelayAddress, asked: Request[Any], patience: float
) -> Reply | None:
    """One question whose answer nobody has to keep; None where none came, by this way."""
    try:
        for _ in range(2):
            outcome, reply = await _ask_once(ground, via, address, asked, patience)
            if outcome is not Outcome.UNREADABLE:
                return reply
            await ground.vault.transact(partial(cards.doubt, relay_id=address.fingerprint))
    except (LineLost, RemoteProtocolError, Unopenable):
        ground.ways.rest(via.relay.relay_id, address.fingerprint)
    return None


async def _ask_once(
    ground: Ground, via: Via, address: RelayAddress, asked: Request[Any], patience: float
) -> tuple[Outcome | None, Reply | None]:
    card = await card_of(ground, via, address)
    if card is None:
        ground.ways.rest(via.relay.relay_id, address.fingerprint)
        return None, None
    made = _make(ground, via, card, asked, NO_ENVELOPE)
    answers = ground.ways.expect(made.ticket.ticket)
    try:
        if not await _accepted(ground, via, address, _submit(via, address, made)):
            return None, None
        answered = await _wait_for(via, made, answers, patience)
    finally:
        ground.ways.forget(made.ticket.ticket)
    if answered is None:
        return None, None
    forget_answers(via, [made.ticket.secret])
    if answered.outcome is not Outcome.ANSWERED:
        return answered.outcome, None
    ticket = made.ticket
    return answered.outcome, open_answer(answered.answer, ticket.answer_key, ticket.packet_hash)


async def _wait_for(
    via: Via, made: _Made, told: trio.MemoryReceiveChannel[Answered], patience: float
) -> Answered | Answer | None:
    """Told on the line; asked for at the end, in case nobody told."""
    with trio.move_on_after(patience):
        return await told.receive()
    line = via.line
    with trio.move_on_after(patience):
        said = await line.ask(FetchAnswers(call=line.call(), secrets=(made.ticket.secret,)))
        if isinstance(said, Answers) and said.found:
            return said.found[0]
    return None


def forget_answers(via: Via, secrets: list[Secret]) -> None:
    """They are here; the relay need not keep them. Raises LineLost."""
    via.line.submit(ForgetAnswers(call=via.line.call(), secrets=tuple(secrets)))


def _make(
    ground: Ground, via: Via, card: CardBody, asked: Request[Any], envelope_id: EnvelopeId
) -> _Made:
    secret, key = Secret(ground.rng(32)), Secret(ground.rng(ANSWER_KEY_BYTES))
    packet = seal_packet(asked, card, key)
    ticket = Ticket(
        ticket=ticket_of(secret),
        secret=secret,
        answer_key=key,
        packet_hash=hash_of(packet),
        via=via.relay.relay_id,
        envelope_id=envelope_id,
        accepted_ms=ground.now(),
    )
    return _Made(packet, ticket)


def _submit(via: Via, address: RelayAddress, made: _Made) -> Pending[Accepted]:
    asked = Forward(
        call=via.line.call(),
        pass_secret=via.relay.pass_secret,
        destination=str(address),
        ticket=made.ticket.ticket,
        packet=made.packet,
    )
    return via.line.submit(asked)


async def _accepted(
    ground: Ground, via: Via, address: RelayAddress, pending: Pending[Accepted]
) -> bool:
    """Whether it is on that relay's disk. Raises LineLost."""
    timings, shut = ground.timings, 0.0
    with trio.move_on_after(timings.other_way):
        answer = await pending.reply()
        if not isinstance(answer, Refused):
            return True
        shut = timings.way_shut if answer.reason in SHUT else timings.full_retry
    ground.ways.rest(via.relay.relay_id, address.fingerprint, at_least=shut)
    return False


def _record(db: Connection, said: Said, ground: Ground, took: list[tuple[Copy, Ticket]]) -> None:
    now = ground.now()
    look = now + int(ground.timings.stored_patience * 1000)
    for copy, ticket in took:
        tickets.add(db, ticket)
        number = copies.accepted(db, copy, now, look)
        entry = None if number is None else outbox.entry(db, number)
        if entry is not None:
            sent(db, said, entry)
    said.bells.add(Bell.LOOK)
