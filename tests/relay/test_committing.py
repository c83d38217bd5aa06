"""The committing thread: Stored means on disk; what the disk refuses is refused to who asked."""

from __future__ import annotations

import logging
import shutil
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from itertools import count, islice
from pathlib import Path
from random import Random

import pytest
import trio
from sqlcipher3 import dbapi2 as sqlite

from protocol.ids import EnvelopeId
from protocol.wire import frames
from protocol.wire.frames import Done, Reason, Refused, Reply, Stored
from relay.errors import NewerStore, NotAStore, UnsoundSqlite
from relay.rules.clock import Now
from relay.rules.limits import House, Limits
from relay.rules.office import AnyRequest, PostOffice
from relay.rules.records import Bell, Mailbox
from relay.store import committing, database
from relay.store.ballast import Ballast
from relay.store.committing import CommittingThread
from relay.store.envelopes import SqliteEnvelopes
from relay.store.group import Asked, Group
from relay.store.log import LENGTH, log_of, read_behind
from relay.store.passes import SqlitePasses
from relay.store.sqlite import SqliteStore
from tests.relay.caller import open_world
from tests.relay.rules_cast import (
    ALICE,
    DRAWER,
    FROM_BOB,
    START,
    Office,
    call,
    deposit,
    grant,
)

BOB_MAY = b"alice gave this to bob".ljust(32)
HOUSE = House(open=True)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    made = tmp_path / "store.db"
    database.create(made)
    return made


@pytest.fixture
def small_ballast(tmp_path: Path) -> Ballast:
    return Ballast(tmp_path / "ballast", size=4096)


def with_alice(store: SqliteStore) -> Office:
    office = Office(store, HOUSE)
    office.admit()
    office.create()
    office.ask(grant())
    return office


def answers(group: Group, *asked: AnyRequest) -> list[Reply]:
    return group.answer([(each, START) for each in asked])


def nobody(rung: frozenset[Bell]) -> None:
    """Hears no doorbell."""


@asynccontextmanager
async def open_thread(path: Path) -> AsyncGenerator[CommittingThread]:
    storage = CommittingThread(path)
    async with trio.open_nursery() as nursery:
        await nursery.start(storage.run, HOUSE, nobody)
        yield storage
        nursery.cancel_scope.cancel()


async def ask_all(storage: CommittingThread, asked: list[AnyRequest]) -> list[Reply]:
    replies: list[Reply] = []
    done = trio.Event()

    def answered(reply: Reply) -> None:
        replies.append(reply)
        if len(replies) == len(asked):
            done.set()

    for each in asked:
        storage.submit(each, START, answered)
    await done.wait()
    return replies


async def story_of_a_power_cut(path: Path, left: Path) -> None:
    """Bob deposits, some of it twice; the files are taken as they are at his last Stored."""
    async with open_thread(path) as storage:
        asked: list[AnyRequest] = [deposit(number) for number in (*range(300), *range(50))]
        replies = await ask_all(storage, asked)
        left.mkdir()
        for name in ("store.db", "store.db-wal"):
            shutil.copy(path.with_name(name), left / name)
    assert all(isinstance(reply, Stored) for reply in replies)
    found = SqliteStore(left / "store.db")
    kept = Office(found, HOUSE).ids()
    found.close()
    assert kept == list(range(300))


async def test_stored_is_on_disk_when_it_is_said(path: Path, tmp_path: Path) -> None:
    with_alice(store := SqliteStore(path))
    store.close()
    await story_of_a_power_cut(path, tmp_path / "left")


async def test_mutant_stored_before_the_commit(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def begin(self: SqliteStore) -> None:
        if not self.database.in_transaction:
            self.database.execute("BEGIN IMMEDIATE")

    def not_yet(self: SqliteStore) -> None:
        self.envelopes.write()

    with_alice(store := SqliteStore(path))
    store.close()
    monkeypatch.setattr(SqliteStore, "begin", begin)
    monkeypatch.setattr(SqliteStore, "commit", not_yet)
    with pytest.raises(AssertionError):
        await story_of_a_power_cut(path, tmp_path / "left")


async def test_mutant_without_remembering_ids(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(self: SqliteEnvelopes, mailbox: Mailbox, envelope_id: EnvelopeId) -> bool:
        return False

    with_alice(store := SqliteStore(path))
    store.close()
    monkeypatch.setattr(SqliteEnvelopes, "seen", never)
    with pytest.raises(AssertionError):
        await story_of_a_power_cut(path, tmp_path / "left")


async def test_answers_come_in_order_and_all_of_them(path: Path) -> None:
    with_alice(store := SqliteStore(path))
    store.close()
    async with open_thread(path) as storage:
        asked: list[AnyRequest] = [deposit(number % 50) for number in range(3000)]
        replies = await ask_all(storage, asked)
        assert [reply.call for reply in replies] == [each.call for each in asked]
        page = await storage.waiting(ALICE, 0, 1000, 1 << 30)
        assert [waiting.number for waiting in page] == list(range(1, 51))


async def test_what_waits_for_the_disk_is_bounded_whatever_it_is(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(committing, "MOST_QUEUED_BYTES", 1_000_000)
    bundles = tuple(bytes([n]) * 8192 for n in range(50))
    stocks: list[AnyRequest] = [
        frames.Stock(call=call(), mailbox=ALICE, drawer=DRAWER, bundles=bundles) for _ in range(4)
    ]
    with_alice(store := SqliteStore(path))
    store.close()
    async with open_thread(path) as storage:
        replies = await ask_all(storage, stocks)
        later = [r for r in replies if isinstance(r, Refused) and r.reason is Reason.TRY_LATER]
        assert len(later) == 2, "two of 400 KiB fit"
        assert isinstance((await ask_all(storage, stocks[:1]))[0], frames.Stocked | Refused)


async def test_a_relay_on_disk_serves(path: Path) -> None:
    async with open_world(storage=CommittingThread(path)) as world:
        alice, bob = await world.caller(1), await world.caller(2)
        await alice.move_in(BOB_MAY)
        for number in range(100):
            assert isinstance(await bob.deposit(BOB_MAY, number), Stored)
        for number in range(100):
            assert (await alice.delivery()).sequence == number + 1
            if number % 10 == 9:
                assert isinstance(await alice.acknowledge(number + 1), Done)


async def test_the_log_is_copied_back_beside(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("relay.store.committing.CHECKPOINT_BYTES", 100_000)
    monkeypatch.setattr("relay.store.committing.CHECKPOINT_EVERY_S", 0.01)
    office = with_alice(store := SqliteStore(path))
    office.ask(grant(policy=frames.Policy(pending=10_000, pending_bytes=1 << 30)))
    store.close()
    monkeypatch.setattr("relay.store.sqlite.lengthen", _nothing)
    log = path.with_name("store.db-wal")
    async with open_thread(path) as storage:
        for round_ in range(40):
            asked: list[AnyRequest] = [deposit(round_ * 100 + number) for number in range(100)]
            await ask_all(storage, asked)
        with trio.fail_after(20):
            before = log.stat().st_size
            number = 10_000
            while path.stat().st_size < 40 * 100 * 2048:
                number += 1
                await ask_all(storage, [deposit(number)])
        assert before < 40 * 100 * 2048


def _nothing(path: Path) -> None: ...


def _too_little(self: Ballast) -> int:
    return 8 * LENGTH


def test_a_log_that_has_its_room_grows_no_more_and_holds_nothing_else(
    path: Path, tmp_path: Path, small_ballast: Ballast, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = log_of(path).stat().st_size if log_of(path).exists() else 0
    office = with_alice(store := SqliteStore(path))
    assert office.stored(deposit(0))
    group = Group(store, HOUSE, small_ballast)
    with monkeypatch.context() as full:
        full.setattr(Ballast, "free", _too_little)
        group.lengthen_log()
        assert left < log_of(path).stat().st_size < LENGTH, "there is no room for that"
    group.lengthen_log()
    assert log_of(path).stat().st_size == LENGTH
    assert office.stored(deposit(1))
    assert log_of(path).stat().st_size == LENGTH
    killed = tmp_path / "killed"
    killed.mkdir()
    for file in (path, log_of(path)):
        shutil.copy(file, killed / file.name)
    found = SqliteStore(killed / path.name)
    assert Office(found, HOUSE).ids() == [0, 1]
    assert database.intact(found.database)
    found.close()
    assert read_behind(store.database) > 0
    store.finish_checkpoint()
    assert read_behind(store.database) == 0
    store.close()
    assert not log_of(path).exists()


def story_of_a_full_disk(path: Path, ballast: Ballast, kind: type[Group] = Group) -> None:
    """Alice's mailbox when nothing fits any more, while she collects, and when there is room."""
    store = SqliteStore(path)
    try:
        with_alice(store)
        group = kind(store, HOUSE, ballast)
        (first,) = answers(group, deposit(1))
        assert isinstance(first, Stored)
        pages = store.database.execute("PRAGMA page_count").fetchone()[0]
        store.database.execute(f"PRAGMA max_page_count = {pages + 4}")
        replies = answers(group, *(deposit(number) for number in range(2, 40)))
        assert {r.reason for r in replies if isinstance(r, Refused)} == {Reason.TRY_LATER}
        assert len(replies) == 38
        assert not ballast.held(), "its room went to the deletes"
        assert 1 in Office(store, HOUSE).ids(), "what is stored stays readable"
        refused, acknowledged = answers(
            group, deposit(50), frames.Acknowledge(call=call(), mailbox=ALICE, up_to=1)
        )
        assert isinstance(refused, Refused)
        assert isinstance(acknowledged, Done)
        assert Office(store, HOUSE).ids() == []
        store.database.execute("PRAGMA max_page_count = 1000000")
        group.keep_house(START)
        assert ballast.held()
        (again,) = answers(group, deposit(2))
        assert isinstance(again, Stored)
    finally:
        store.close()


def test_a_full_disk_asks_senders_to_wait_and_lets_owners_delete(
    path: Path, small_ballast: Ballast
) -> None:
    story_of_a_full_disk(path, small_ballast)


class AllOrNothing(Group):
    """Refuses everybody while the disk is full, also those who come to make room."""

    def _answer_while_full(self, asked: Asked) -> list[Reply]:
        return [Refused(call=asked[0].call, reason=Reason.TRY_LATER)]


def test_mutant_that_refuses_everybody_on_a_full_disk(path: Path, small_ballast: Ballast) -> None:
    with pytest.raises(AssertionError):
        story_of_a_full_disk(path, small_ballast, AllOrNothing)


class Keeping(Ballast):
    """Holds on to its room, which is what a full disk needs for its deletes."""

    def release(self) -> None:
        return


def test_mutant_that_keeps_its_ballast_on_a_full_disk(path: Path, tmp_path: Path) -> None:
    with pytest.raises(AssertionError):
        story_of_a_full_disk(path, Keeping(tmp_path / "kept", size=4096))


def test_a_bug_met_by_one_request_is_paid_for_by_it_alone(
    path: Path,
    small_ballast: Ballast,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    store = SqliteStore(path)
    with_alice(store)
    group = Group(store, HOUSE, small_ballast)
    honest = PostOffice.answer

    def broken(self: PostOffice, asked: AnyRequest, now: object) -> Reply:
        if isinstance(asked, frames.TakeBundle):
            raise ZeroDivisionError("the canary sings")
        return honest(self, asked, START)

    monkeypatch.setattr(PostOffice, "answer", broken)
    asked: list[AnyRequest] = [
        deposit(1),
        frames.TakeBundle(call=call(), capability=BOB_MAY),
        deposit(2),
    ]
    said = [type(reply).__name__ for reply in answers(group, *asked)]
    assert said == ["Stored", "Refused", "Stored"]
    assert group.rung() == {ALICE}
    assert Office(store, HOUSE).ids() == [1, 2]
    assert "ZeroDivisionError" in caplog.text
    assert "canary" not in caplog.text
    store.close()


def test_after_a_failed_transaction_the_counts_are_those_of_the_disk(path: Path) -> None:
    store = SqliteStore(path)
    office = with_alice(store)
    office.ask(grant(policy=frames.Policy(pending=3)))
    office.ask(deposit(1))
    store.begin()
    office.office.answer_all([(deposit(2), START), (deposit(3), START)])
    store.rollback()
    took = [office.stored(deposit(number)) for number in (4, 5, 6)]
    assert took == [True, True, False]
    assert office.ids() == [1, 4, 5]
    store.close()


def story_of_a_newer_store(path: Path) -> None:
    beside = sqlite.connect(path, isolation_level=None)
    beside.execute("PRAGMA user_version = 99")
    beside.close()
    before = path.read_bytes()
    refused = False
    try:
        SqliteStore(path).close()
    except NewerStore:
        refused = True
    assert refused
    assert path.read_bytes() == before


def test_a_store_of_a_newer_version_is_not_touched(path: Path) -> None:
    story_of_a_newer_store(path)


def test_mutant_that_opens_whatever_was_written_by_a_newer_version(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ours(_: sqlite.Connection) -> int:
        return len(database.steps())

    monkeypatch.setattr(database, "oldest_reader", ours)
    with pytest.raises(AssertionError):
        story_of_a_newer_store(path)


@pytest.mark.parametrize("content", [b"", b"not a database at all" * 500])
def test_what_is_no_store_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "store.db"
    path.write_bytes(content)
    with pytest.raises(NotAStore):
        SqliteStore(path)
    assert path.read_bytes() == content
    with pytest.raises(NotAStore):
        SqliteStore(tmp_path / "nothing.db")


def test_the_settings_that_durability_rests_on(path: Path) -> None:
    store = SqliteStore(path)
    found = [
        store.database.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("journal_mode", "synchronous", "wal_autocheckpoint")
    ]
    assert found == ["wal", 2, 0]
    store.close()


def test_an_unsound_sqlite_is_refused(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite, "sqlite_version_info", (3, 51, 2))
    with pytest.raises(UnsoundSqlite):
        SqliteStore(path)


def test_a_ballast_is_real_and_comes_back(tmp_path: Path) -> None:
    path = tmp_path / "ballast"
    ballast = Ballast(path, size=100_000)
    assert path.stat().st_blocks * 512 >= 100_000
    ballast.release()
    assert not path.exists()
    ballast.take()
    assert ballast.held()
    too_large = Ballast(tmp_path / "huge", size=1 << 60)
    assert not too_large.held()


def story_of_fifty_full_disks(path: Path, ballast: Ballast) -> None:
    """Full again and again: what was called stored is there, in order, and goes when collected."""
    store, random, now = SqliteStore(path), Random(5), START
    try:
        with_alice(store)
        group = Group(store, HOUSE, ballast)
        numbers, collected = count(1), 0
        for _ in range(50):
            pages = store.database.execute("PRAGMA page_count").fetchone()[0]
            store.database.execute(f"PRAGMA max_page_count = {pages + random.randrange(6)}")
            now = Now(now.wall_ms + 5_000, now.age_ms + 5_000)
            stored: list[int] = []
            while ballast.held():
                asked = list(islice(numbers, random.randrange(1, 12)))
                said = group.answer([(deposit(n, body=bytes(8192)), now) for n in asked])
                for number, reply in zip(asked, said, strict=True):
                    if isinstance(reply, Stored):
                        stored.append(number)
                    else:
                        assert isinstance(reply, Refused)
                        assert reply.reason is Reason.TRY_LATER
            assert Office(store, HOUSE).ids() == stored
            collected += len(stored)
            asked_for = frames.Acknowledge(call=call(), mailbox=ALICE, up_to=collected)
            (done,) = group.answer([(asked_for, now)])
            assert isinstance(done, Done)
            assert Office(store, HOUSE).ids() == []
            store.database.execute("PRAGMA max_page_count = 1000000")
            now = Now(now.wall_ms + 1_000, now.age_ms + 1_000)
            (again,) = group.answer([(deposit(next(numbers)), now)])
            assert isinstance(again, Stored), "a second later it is looked at again"
            collected += 1
            group.answer([(frames.Acknowledge(call=call(), mailbox=ALICE, up_to=collected), now)])
        assert collected > 200
    finally:
        store.close()


def test_a_disk_that_is_full_fifty_times_loses_nothing(path: Path, small_ballast: Ballast) -> None:
    story_of_fifty_full_disks(path, small_ballast)


def test_mutant_that_keeps_its_ballast_on_the_first_of_fifty(path: Path, tmp_path: Path) -> None:
    with pytest.raises(AssertionError):
        story_of_fifty_full_disks(path, Deaf(tmp_path / "deaf", size=4096))


class Deaf(Ballast):
    """Gives its room up, and says it had it still: the rest is rolled back again and again."""

    given_up = 0

    def release(self) -> None:
        self.given_up += 1
        assert self.given_up < 100, "it goes on offering what the disk refuses"


class SmallDisk(Ballast):
    """Says what the test says."""

    left = 1 << 40

    def free(self) -> int:
        return self.left


def test_with_less_than_min_free_nothing_new_is_taken_and_all_else_goes_on(
    path: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    disk = SmallDisk(tmp_path / "ballast", size=4096)
    store = SqliteStore(path)
    with_alice(store)
    group = Group(store, House(open=True, limits=Limits(min_free=1_000_000)), disk)
    big = [deposit(number, body=bytes(65_536)) for number in range(20)]
    assert all(isinstance(reply, Stored) for reply in answers(group, *big))
    disk.left = 999_999
    stock = frames.Stock(call=call(), mailbox=ALICE, drawer=DRAWER, bundles=(b"x",))
    said = answers(
        group,
        deposit(30),
        frames.Acknowledge(call=call(), mailbox=ALICE, up_to=2),
        stock,
        frames.TakeBundle(call=call(), capability=FROM_BOB),
        deposit(31),
    )
    assert [type(each) for each in said] == [Refused, Done, Refused, Refused, Refused]
    later = [each.reason for each in said if isinstance(each, Refused)]
    assert later == [Reason.TRY_LATER, Reason.TRY_LATER, Reason.QUOTA, Reason.TRY_LATER]
    assert len(Office(store, HOUSE).ids()) == 18, "what is there is read"
    answers(group, frames.Acknowledge(call=call(), mailbox=ALICE, up_to=20))
    (again,) = answers(group, deposit(32))
    assert isinstance(again, Stored), "the room they gave back lies inside the store"
    disk.left = 1 << 40
    answers(group, deposit(33))
    levels = [record.levelno for record in caplog.records if record.name.startswith("relay")]
    assert levels == [logging.WARNING] * 2
    store.close()


def test_the_log_tells_of_the_trouble_once(
    path: Path, small_ballast: Ballast, caplog: pytest.LogCaptureFixture
) -> None:
    store = SqliteStore(path)
    with_alice(store)
    group = Group(store, HOUSE, small_ballast)
    store.database.execute("PRAGMA query_only = ON")
    for number in range(3):
        (reply,) = answers(group, deposit(number))
        assert isinstance(reply, Refused)
        assert reply.reason is Reason.TRY_LATER
    store.database.execute("PRAGMA query_only = OFF")
    (stored,) = answers(group, deposit(1))
    assert isinstance(stored, Stored)
    levels = [record.levelno for record in caplog.records if record.name.startswith("relay")]
    assert levels == [logging.ERROR, logging.WARNING]
    store.close()


def test_a_bug_in_the_housekeeping_ends_nothing(
    path: Path, small_ballast: Ballast, monkeypatch: pytest.MonkeyPatch
) -> None:
    def bug(self: SqlitePasses, age_ms: int, most: int) -> int:
        raise RuntimeError

    store = SqliteStore(path)
    with_alice(store)
    group = Group(store, HOUSE, small_ballast)
    monkeypatch.setattr(SqlitePasses, "lapse", bug)
    assert not group.keep_house(START)
    (stored,) = answers(group, deposit(1))
    assert isinstance(stored, Stored)
    store.close()
