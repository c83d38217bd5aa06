"""Depositing at a relay without a desktop: a mailbox, a capability, envelopes of junk.

Whoever deposits keeps count of what the relay said was stored. That, and no less, has to be there
after any death of the relay.
"""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import pairwise

import trio
from sqlcipher3 import dbapi2 as sqlite

from desktop.engine.lines.connector import NetworkConnector
from desktop.engine.lines.dial import open_line
from desktop.engine.lines.line import Line, LineLost
from desktop.engine.timings import Timings
from protocol.ids import CapabilityHash, DrawerId, EnvelopeId, MailboxId
from protocol.keys import Domain, Secret, public_key, sign
from protocol.wire.address import parse_address
from protocol.wire.frames import (
    CreateMailbox,
    Deposit,
    Grant,
    OpenMailbox,
    Policy,
    Redeem,
    Refused,
    Stored,
)
from relay.rules.deposits import capability_hash
from tests.faults.relays import RelayProcess

SIZE = 2048
# A connection opens 16 mailboxes at most.
OF_A_LINE = 16
MANY = Policy(pending=2**31 - 1, pending_bytes=2**53 - 1)


@asynccontextmanager
async def a_line(relay: RelayProcess) -> AsyncGenerator[Line]:
    """A connection of a stranger. Raises LineLost, also out of the body."""
    address = parse_address(relay.address)
    async with open_line(NetworkConnector(), address, Timings(), os.urandom) as line:
        yield line


@dataclass
class Sender:
    """One mailbox, and what it was promised to hold."""

    mailbox: MailboxId
    capability: Secret
    pass_secret: Secret
    stored: list[EnvelopeId] = field(default_factory=list[EnvelopeId])

    async def deposit(self, line: Line, count: int, in_flight: int) -> None:
        """So many envelopes, a few at a time. Raises LineLost."""
        for _ in range(count // in_flight):
            ids = [EnvelopeId(os.urandom(16)) for _ in range(in_flight)]
            pending = [
                line.submit(
                    Deposit(
                        call=line.call(),
                        capability=self.capability,
                        envelope_id=each,
                        body=os.urandom(SIZE),
                    )
                )
                for each in ids
            ]
            for each, one in zip(ids, pending, strict=True):
                if isinstance(await one.reply(), Stored):
                    self.stored.append(each)

    async def deposit_some(self, relay: RelayProcess, count: int) -> None:
        """So many, on a connection of its own."""
        with trio.fail_after(20):
            async with a_line(relay) as line:
                await self.deposit(line, count, 16)

    async def keep_depositing(self, relay: RelayProcess, in_flight: int) -> None:
        """Until the relay goes away."""
        try:
            async with a_line(relay) as line:
                await self.deposit(line, 1_000_000, in_flight)
        except LineLost:
            pass


async def a_sender(line: Line) -> Sender:
    """A mailbox of its own and a capability without bounds."""
    seed, secret = Secret(os.urandom(32)), Secret(os.urandom(32))
    mailbox = MailboxId(public_key(seed))
    capability = Secret(os.urandom(32))
    hashed = CapabilityHash(capability_hash(capability))
    transcript = line.agreed.transcript
    for answer in (
        await line.ask(Redeem(call=line.call(), code=b"", pass_secret=secret)),
        await line.ask(
            CreateMailbox(
                call=line.call(),
                mailbox=mailbox,
                pass_secret=secret,
                signature=sign(seed, Domain.CREATE_MAILBOX, transcript),
            )
        ),
        await line.ask(
            OpenMailbox(
                call=line.call(),
                mailbox=mailbox,
                signature=sign(seed, Domain.OPEN_MAILBOX, transcript),
            )
        ),
        await line.ask(
            Grant(
                call=line.call(),
                mailbox=mailbox,
                capability=hashed,
                drawer=DrawerId(bytes(16)),
                policy=MANY,
            )
        ),
    ):
        assert not isinstance(answer, Refused)
    return Sender(mailbox, capability, secret)


async def senders(relay: RelayProcess, count: int) -> list[Sender]:
    """Several of them, some on each connection; those are closed again."""
    made: list[Sender] = []

    async def make(line: Line) -> None:
        made.append(await a_sender(line))

    for start in range(0, count, OF_A_LINE):
        with trio.fail_after(30):
            async with a_line(relay) as line, trio.open_nursery() as nursery:
                for _ in range(min(OF_A_LINE, count - start)):
                    nursery.start_soon(make, line)
    return made


@dataclass(frozen=True)
class Held:
    """What is on the disk of a relay that is down, against what it had called stored."""

    lost: int
    doubled: int
    disordered: int


def held(relay: RelayProcess, everybody: list[Sender]) -> Held:
    """Look into the store itself, mailbox by mailbox in the order of its numbers."""
    database = sqlite.connect(relay.store)
    try:
        ids = [
            row[0] for row in database.execute("SELECT id FROM envelope ORDER BY mailbox, number")
        ]
    finally:
        database.close()
    place = {id_: number for number, id_ in enumerate(ids)}
    known = [[place[each] for each in sender.stored if each in place] for sender in everybody]
    return Held(
        lost=promised(everybody) - sum(map(len, known)),
        doubled=len(ids) - len(place),
        disordered=sum(later < earlier for one in known for earlier, later in pairwise(one)),
    )


def missing(relay: RelayProcess, everybody: list[Sender]) -> int:
    """How many stored envelopes a relay that is down does not have on its disk."""
    return held(relay, everybody).lost


def promised(everybody: list[Sender]) -> int:
    """How much was called stored."""
    return sum(len(sender.stored) for sender in everybody)


async def until_promised(everybody: list[Sender], most: int, patience_s: float = 60.0) -> None:
    """Under load, until so much was called stored."""
    with trio.fail_after(patience_s):
        while promised(everybody) < most:
            await trio.sleep(0.005)
