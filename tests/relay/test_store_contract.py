"""Memory and disk keep one contract: the same requests earn the same answers, also after a restart.

The machine below asks both the same things in any order. At any moment the one on disk may be
closed and opened again, or lose a transaction half-way; the answers must not show it.
"""

from __future__ import annotations

import re
import shutil
import tempfile
from itertools import product
from pathlib import Path
from typing import Any

from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from protocol.ids import DrawerId, Fingerprint, MailboxId
from protocol.wire import frames
from protocol.wire.address import RelayAddress
from protocol.wire.frames import Outcome, Policy, Request
from protocol.wire.frames.rooms import OpenRoom
from protocol.wire.packet import ticket_of
from relay.rules.admission import code_hash
from relay.rules.blobs import blob_hash, writer_hash
from relay.rules.clock import DAY_MS
from relay.rules.deposits import capability_hash
from relay.rules.limits import House, Limits, Terms
from relay.rules.office import AnyRequest
from relay.rules.records import FilesGone, KeepChunk, LoseChunk, Settle, Vouch, Whose, room_of
from relay.store import database
from relay.store.memory import MemoryStore
from relay.store.sqlite import SqliteStore
from tests.relay.rules_cast import START, Office, call, envelope_id, hashed, held_by

HOUSE = House(
    open=True,
    terms=Terms(
        mailboxes=2,
        stored_bytes=13 * 2048,
        invites=1,
        forwards=6,
        forward_bytes=5 * 9400,
        rooms=3,
        blob_bytes=4 * room_of(1),
    ),
    limits=Limits(
        passes=3,
        capabilities=3,
        bundles=6,
        stored_bytes=60 * 2048,
        new_destinations=2,
        destination_packets=4,
        blob_bytes=6 * room_of(1),
    ),
)
MAILBOXES = [MailboxId(bytes([n]) * 32) for n in range(3)]
DRAWERS = [DrawerId(bytes([n]) * 16) for n in range(2)]
secrets = st.integers(0, 3).map(lambda n: bytes([n]) * 32)
codes = st.sampled_from([b"one code of 16 b", b"another of 16 b."])
mailboxes = st.sampled_from(MAILBOXES)
drawers = st.sampled_from(DRAWERS)
capabilities = st.integers(0, 4).map(lambda n: bytes([n]) * 32)
policies = st.builds(
    Policy,
    pending=st.integers(2, 8),
    pending_bytes=st.integers(6_000, 30_000),
    deposits=st.none() | st.integers(0, 6),
    bundles=st.integers(0, 4),
    expires_ms=st.none() | st.just(START.wall_ms + DAY_MS),
    burst=st.none() | st.integers(0, 4),
    each_ms=st.sampled_from([1, 60_000]),
    first_day=st.none() | st.integers(0, 4),
)
# The machine is about what is kept; what is refused for its size is not, and is tried seldom.
bodies = st.sampled_from([2048, 2048, 2048, 4096, 4096, 3000]).map(bytes)
deposits: st.SearchStrategy[AnyRequest] = st.builds(
    frames.Deposit,
    call=st.builds(call),
    capability=capabilities,
    envelope_id=st.integers(0, 40).map(envelope_id),
    body=bodies,
)
acknowledgements: st.SearchStrategy[AnyRequest] = st.builds(
    frames.Acknowledge, call=st.builds(call), mailbox=mailboxes, up_to=st.integers(0, 12)
)
DESTINATIONS = [
    str(RelayAddress("relay.example", 7443, Fingerprint(bytes([n]) * 32))) for n in range(3)
]
destinations = st.sampled_from(DESTINATIONS)
forwards: st.SearchStrategy[AnyRequest] = st.builds(
    frames.Forward,
    call=st.builds(call),
    pass_secret=secrets,
    destination=destinations,
    ticket=st.integers(0, 15).map(lambda n: ticket_of(bytes([n]) * 32)),
    packet=st.sampled_from([1536, 1536, 3584, 2000]).map(bytes),
)
settlements: st.SearchStrategy[AnyRequest] = st.builds(
    Settle,
    call=st.builds(call),
    ticket=st.integers(0, 15).map(lambda n: ticket_of(bytes([n]) * 32)),
    outcome=st.sampled_from([Outcome.ANSWERED, Outcome.EXPIRED]),
    answer=st.sampled_from([0, 512]).map(bytes),
)
ticket_secrets = st.lists(st.integers(0, 15).map(lambda n: bytes([n]) * 32), min_size=1, max_size=8)
names = st.integers(0, 3).map(lambda n: bytes([n]) * 32)
blobs = st.integers(1, 6)
numbers = st.integers(0, 3)
bundle_bodies = st.integers(1, 5).map(lambda n: bytes([n]) * 700)


class BothStores(RuleBasedStateMachine):
    """What is asked of one is asked of the other."""

    @initialize()
    def start(self) -> None:
        # Nothing here is about the disk under the files, and memory waits for no fsync.
        memory = Path("/dev/shm")
        self.folder = Path(tempfile.mkdtemp(dir=memory if memory.is_dir() else None))
        self.path = self.folder / "store.db"
        database.create(self.path)
        self.memory = Office(MemoryStore(), HOUSE)
        self.store = SqliteStore(self.path)
        self.disk = Office(self.store, HOUSE)
        # Something to work on, so that few steps are wasted on what does not exist.
        for secret, mailbox in ((0, 0), (0, 1), (1, 2)):
            self.redeem(bytes([secret]) * 32)
            self.create(bytes([secret]) * 32, MAILBOXES[mailbox])
        for capability, mailbox in ((0, 0), (1, 0), (2, 1), (3, 2)):
            self.grant(MAILBOXES[mailbox], bytes([capability]) * 32, DRAWERS[0], Policy(pending=6))

    def ask(self, asked: Request[Any]) -> None:
        assert self.memory.ask(asked) == self.disk.ask(asked)

    def say(self, asked: AnyRequest) -> None:
        assert self.memory.answer(asked) == self.disk.answer(asked)

    @rule(secret=secrets)
    def redeem(self, secret: bytes) -> None:
        self.ask(frames.Redeem(call=call(), code=b"", pass_secret=secret))

    @rule(secret=secrets, code=codes)
    def redeem_a_code(self, secret: bytes, code: bytes) -> None:
        self.ask(frames.Redeem(call=call(), code=code, pass_secret=secret))

    @rule(secret=secrets, code=codes, uses=st.integers(1, 2))
    def invite(self, secret: bytes, code: bytes, uses: int) -> None:
        self.ask(
            frames.Invite(
                call=call(),
                pass_secret=secret,
                code_hash=code_hash(code),
                uses=uses,
                expires_ms=START.wall_ms + 2 * DAY_MS,
            )
        )

    @rule(mailbox=mailboxes, after=st.integers(0, 12))
    def open(self, mailbox: MailboxId, after: int) -> None:
        self.ask(frames.OpenMailbox(call=call(), mailbox=mailbox, signature=bytes(64), after=after))

    @rule(secret=secrets, mailbox=mailboxes)
    def create(self, secret: bytes, mailbox: MailboxId) -> None:
        self.ask(
            frames.CreateMailbox(
                call=call(), mailbox=mailbox, pass_secret=secret, signature=bytes(64)
            )
        )

    @rule(mailbox=mailboxes, capability=capabilities, drawer=drawers, policy=policies)
    def grant(
        self, mailbox: MailboxId, capability: bytes, drawer: DrawerId, policy: Policy
    ) -> None:
        self.ask(
            frames.Grant(
                call=call(),
                mailbox=mailbox,
                capability=hashed(capability),
                drawer=drawer,
                policy=policy,
            )
        )

    @rule(mailbox=mailboxes, capability=capabilities)
    def revoke(self, mailbox: MailboxId, capability: bytes) -> None:
        self.ask(frames.Revoke(call=call(), mailbox=mailbox, capability=hashed(capability)))

    @rule(
        asked=st.lists(
            st.one_of(deposits, acknowledgements, forwards, forwards, settlements), max_size=16
        )
    )
    def batch(self, asked: list[AnyRequest]) -> None:
        """Several in one transaction."""
        said = list[list[object]]()
        for office in (self.memory, self.disk):
            office.store.begin()
            said.append(list(office.office.answer_all([(each, office.now) for each in asked])))
            office.store.commit()
        assert said[0] == said[1]

    @rule(
        mailbox=mailboxes,
        drawer=drawers,
        bundles=st.lists(bundle_bodies, max_size=4),
        last=st.none() | bundle_bodies,
    )
    def stock(
        self, mailbox: MailboxId, drawer: DrawerId, bundles: list[bytes], last: bytes | None
    ) -> None:
        self.ask(
            frames.Stock(
                call=call(),
                mailbox=mailbox,
                drawer=drawer,
                bundles=tuple(bundles),
                last_resort=last,
            )
        )

    @rule(capability=capabilities)
    def take(self, capability: bytes) -> None:
        self.ask(frames.TakeBundle(call=call(), capability=capability))

    @rule(secret=secrets, destination=destinations)
    def find_card(self, secret: bytes, destination: str) -> None:
        self.both(frames.FindCard(call=call(), pass_secret=secret, destination=destination))

    @rule(secret=secrets, destination=destinations | st.just(""))
    def vouch(self, secret: bytes, destination: str) -> None:
        self.both(Vouch(call(), secret, destination))

    @rule(capability=capabilities)
    def whose(self, capability: bytes) -> None:
        self.both(Whose(call(), capability_hash(capability)))

    def both(self, asked: AnyRequest) -> None:
        for office in (self.memory, self.disk):
            office.store.begin()
        first, second = (
            office.office.answer(asked, office.now) for office in (self.memory, self.disk)
        )
        for office in (self.memory, self.disk):
            office.store.commit()
        assert first == second

    @rule(tickets=ticket_secrets)
    def fetch(self, tickets: list[bytes]) -> None:
        self.ask(frames.FetchAnswers(call=call(), secrets=tuple(tickets)))

    @rule(tickets=ticket_secrets)
    def forget(self, tickets: list[bytes]) -> None:
        self.ask(frames.ForgetAnswers(call=call(), secrets=tuple(tickets)))

    @rule(
        secret=secrets,
        name=names,
        chunks=st.integers(1, 3),
        stay_s=st.sampled_from([0, 86_400, 40 * 86_400]),
    )
    def open_blob(self, secret: bytes, name: bytes, chunks: int, stay_s: int) -> None:
        self.ask(
            frames.OpenBlob(
                call=call(),
                pass_secret=secret,
                blob=blob_hash(name),
                writer=writer_hash(name),
                chunks=chunks,
                stay_s=stay_s,
            )
        )

    @rule(name=names)
    def show_blob(self, name: bytes) -> None:
        self.ask(frames.ShowBlob(call=call(), name=name))

    @rule(name=names)
    def delete_blob(self, name: bytes) -> None:
        self.ask(frames.DeleteBlob(call=call(), writer=name))

    @rule(blob=blobs, kept=st.sets(numbers, max_size=3), lost=st.none() | numbers)
    def chunks(self, blob: int, kept: set[int], lost: int | None) -> None:
        """Rows are given in the same order by both, also after a restart."""
        for number in sorted(kept):
            self.say(KeepChunk(call(), blob, number, bytes([number]) * 32))
        if lost is not None:
            self.say(LoseChunk(call(), blob, lost))

    @rule(blobs=st.lists(blobs, max_size=3))
    def files_gone(self, blobs: list[int]) -> None:
        self.say(FilesGone(call(), tuple(blobs)))

    @rule(mailbox=mailboxes, drawer=drawers)
    def empty(self, mailbox: MailboxId, drawer: DrawerId) -> None:
        self.ask(frames.EmptyDrawer(call=call(), mailbox=mailbox, drawer=drawer))

    @rule(mailbox=mailboxes)
    def delete(self, mailbox: MailboxId) -> None:
        self.ask(frames.DeleteMailbox(call=call(), mailbox=mailbox))

    @rule(days=st.sampled_from([1e-8, 1e-3, 0.5, 1, 20, 40, 91]))
    def days_pass(self, days: float) -> None:
        for office in (self.memory, self.disk):
            office.pass_days(days)
            office.keep_house()

    @rule()
    def restart(self) -> None:
        self.store.close()
        self._open(self.path)

    @rule(capability=capabilities)
    def power_cut(self, capability: bytes) -> None:
        """What is on disk between two commits is all there is afterwards."""
        self.store.begin()
        lost = frames.Deposit(
            call=call(),
            capability=capability,
            envelope_id=envelope_id(999),
            body=bytes(2048),
        )
        self.disk.office.answer(lost, self.disk.now)
        copy = Path(tempfile.mkdtemp(dir=self.folder)) / "store.db"
        for name in ("store.db", "store.db-wal"):
            there = self.path.with_name(name)
            if there.exists():
                shutil.copy(there, copy.with_name(name))
        self.store.rollback()
        self.store.close()
        self._open(copy)

    @rule()
    def fail(self) -> None:
        self.store.begin()
        self.store.rollback()

    @rule()
    def merge(self) -> None:
        """Where it stands on the disk is nobody's business."""
        self.store.begin()
        self.store.merge()
        self.store.commit()

    @rule()
    def look_closely(self) -> None:
        """The counts by which the rules decide. Not always looked at: looking loads them."""
        assert self._counts(self.memory) == self._counts(self.disk)

    def _counts(self, office: Office) -> list[object]:
        found = list[object]()
        for mailbox_id, number in product(MAILBOXES, range(5)):
            held = held_by(office.store, bytes([number]) * 32, mailbox_id)
            if held is not None and not held.revoked:
                mailbox, owner = held.mailbox, held.mailbox.owner
                found += [held.pending, held.pending_bytes, held.deposited, held.taken]
                found += [held.granted_ms, held.rested_ms]
                found += [mailbox.last, mailbox.forgotten, len(mailbox.id)]
                found += [owner.used_bytes, owner.used_mailboxes, owner.invites, owner.rooms]
                used = owner.forwarding
                found += [used.used_bytes, used.day, used.forwarded, used.reached]
                found += [owner.holding.used_bytes, owner.holding.most_bytes]
        for address in DESTINATIONS:
            known = office.store.packets.destination(address)
            found += [None] if known is None else [known.waiting, known.used_ms]
        return found

    @invariant()
    def the_same_waits(self) -> None:
        for mailbox in MAILBOXES:
            found = [
                office.store.envelopes.waiting(mailbox, 0, 100, 1 << 30)
                for office in (self.memory, self.disk)
            ]
            assert found[0] == found[1]
        for address in DESTINATIONS:
            packets = [
                office.store.packets.waiting(address, 0, 100, 1 << 30)
                for office in (self.memory, self.disk)
            ]
            assert packets[0] == packets[1]
        assert self.memory.store.packets.destinations() == self.disk.store.packets.destinations()

    @invariant()
    def the_same_chunks_are_there(self) -> None:
        now_ms = self.memory.now.age_ms
        for number in range(4):
            name = bytes([number]) * 32
            for secret_hash, writer in ((blob_hash(name), False), (writer_hash(name), True)):
                places = [
                    office.store.blobs.place(secret_hash, number, now_ms, writer=writer)
                    for office in (self.memory, self.disk)
                ]
                assert places[0] == places[1]
        assert self.memory.store.blobs.gone(3) == self.disk.store.blobs.gone(3)

    @invariant()
    def the_same_rings(self) -> None:
        assert self.memory.office.rung() == self.disk.office.rung()

    @invariant()
    def the_same_is_counted(self) -> None:
        assert self.memory.store.totals() == self.disk.store.totals()
        assert self.memory.store.held_bytes == self.disk.store.held_bytes
        assert self.memory.store.blob_bytes == self.disk.store.blob_bytes

    def _open(self, path: Path) -> None:
        now = self.disk.now
        self.path = path
        self.store = SqliteStore(path)
        self.disk, self.memory = Office(self.store, HOUSE), Office(self.memory.store, HOUSE)
        self.disk.now = self.memory.now = now

    def teardown(self) -> None:
        self.store.close()
        shutil.rmtree(self.folder)


TestBothStores = BothStores.TestCase
TestBothStores.settings = settings(
    max_examples=60,
    stateful_step_count=30,
    # Making a failure smaller costs an fsync a step, for minutes.
    phases=(Phase.explicit, Phase.generate),
)


def test_whatever_the_rules_answer_is_asked_of_both() -> None:
    """A request that is added to the office is added to the machine; rooms have one of their own,
    in test_rooms_contract."""
    answered = Office(MemoryStore(), HOUSE).office.answers()
    source = Path(__file__).read_text("utf-8")
    asked = set(re.findall(r"\b([A-Z]\w+)[(,]", source))
    others = {each for each in answered if each is not OpenRoom and "rooms" not in each.__module__}
    assert {each.__name__ for each in others} - asked == set()
