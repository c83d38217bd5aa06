"""Alice, bob and carol at a post office, without a socket."""

from __future__ import annotations

from itertools import count
from typing import TypeVar, cast

from protocol.ids import CallId, CapabilityHash, DrawerId, EnvelopeId, MailboxId
from protocol.wire import frames
from protocol.wire.frames import Policy, Reason, Refused, Reply, Request
from relay.rules.clock import DAY_MS, Now
from relay.rules.deposits import capability_hash
from relay.rules.limits import House
from relay.rules.office import AnyRequest, PostOffice
from relay.rules.records import ID_BYTES, Capability
from relay.rules.store import Store

R = TypeVar("R", bound=Reply)

START = Now(wall_ms=1_800_000_000_000, age_ms=0)
ALICE_PASS = b"alice's pass".ljust(32)
BOB_PASS = b"bob's pass".ljust(32)
ALICE = MailboxId(b"alice's mailbox".ljust(32))
BOB = MailboxId(b"bob's mailbox".ljust(32))
FROM_BOB = b"alice gave this to bob".ljust(32)
FROM_CAROL = b"alice gave this to carol".ljust(32)
DRAWER = DrawerId(b"alice's drawer".ljust(16))
SIGNATURE = bytes(64)
BODY = bytes(2048)
KEPT = 2048 + ID_BYTES

_calls = count(1)


def call() -> CallId:
    return CallId(next(_calls))


def hashed(capability: bytes) -> CapabilityHash:
    return capability_hash(capability)


def envelope_id(number: int) -> EnvelopeId:
    return EnvelopeId(number.to_bytes(16, "big"))


def deposit(number: int, *, capability: bytes = FROM_BOB, body: bytes = BODY) -> frames.Deposit:
    return frames.Deposit(
        call=call(), capability=capability, envelope_id=envelope_id(number), body=body
    )


def grant(
    capability: bytes = FROM_BOB, *, mailbox: MailboxId = ALICE, policy: Policy | None = None
) -> frames.Grant:
    return frames.Grant(
        call=call(),
        mailbox=mailbox,
        capability=hashed(capability),
        drawer=DRAWER,
        policy=policy or Policy(),
    )


def held_by(
    store: Store, capability: bytes = FROM_BOB, mailbox: MailboxId = ALICE
) -> Capability | None:
    """A capability of this mailbox, revoked or not."""
    found = store.mailboxes.find(mailbox)
    return None if found is None else found.capabilities.get(hashed(capability))


class Office:
    """A post office at a moment that tests move, committing after each request."""

    def __init__(self, store: Store, house: House) -> None:
        self.store = store
        self.office = PostOffice(store, house)
        self.now = START

    def ask(self, asked: Request[R]) -> R | Refused:
        reply = self.answer(asked)
        assert isinstance(reply, Refused | asked.reply())
        return cast("R | Refused", reply)

    def answer(self, asked: AnyRequest) -> Reply:
        self.store.begin()
        reply = self.office.answer(asked, self.now)
        self.store.commit()
        assert reply.call == asked.call
        return reply

    def refused(self, asked: AnyRequest) -> Reason:
        reply = self.answer(asked)
        assert isinstance(reply, Refused)
        return reply.reason

    def pass_days(self, days: float) -> None:
        passed = int(days * DAY_MS)
        self.now = Now(self.now.wall_ms + passed, self.now.age_ms + passed)

    def keep_house(self) -> None:
        more = True
        while more:
            self.store.begin()
            more = self.office.keep_house(self.now)
            self.store.commit()

    def admit(self, secret: bytes = ALICE_PASS) -> None:
        reply = self.ask(frames.Redeem(call=call(), code=b"", pass_secret=secret))
        assert isinstance(reply, frames.Redeemed)

    def create(self, mailbox: MailboxId = ALICE, secret: bytes = ALICE_PASS) -> Reply:
        return self.ask(
            frames.CreateMailbox(
                call=call(), mailbox=mailbox, pass_secret=secret, signature=SIGNATURE
            )
        )

    def open(self, mailbox: MailboxId = ALICE, after: int = 0) -> frames.Opened | Refused:
        return self.ask(
            frames.OpenMailbox(call=call(), mailbox=mailbox, signature=SIGNATURE, after=after)
        )

    def acknowledge(self, up_to: int, mailbox: MailboxId = ALICE) -> frames.Done | Refused:
        return self.ask(frames.Acknowledge(call=call(), mailbox=mailbox, up_to=up_to))

    def stored(self, asked: frames.Deposit) -> bool:
        return isinstance(self.ask(asked), frames.Stored)

    def numbers(self, mailbox: MailboxId = ALICE, after: int = 0) -> list[int]:
        page = self.store.envelopes.waiting(mailbox, after, 10_000, 1 << 40)
        return [waiting.number for waiting in page]

    def ids(self, mailbox: MailboxId = ALICE) -> list[int]:
        page = self.store.envelopes.waiting(mailbox, 0, 10_000, 1 << 40)
        return [int.from_bytes(waiting.envelope_id, "big") for waiting in page]
