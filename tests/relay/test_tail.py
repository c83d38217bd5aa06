"""A deposit's commit only appends; where it stands shows in no answer, before, after or between."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

from protocol.wire import frames
from protocol.wire.frames import Policy
from relay.rules.limits import House
from relay.rules.records import ID_BYTES
from relay.store import database, tail
from relay.store.ballast import Ballast
from relay.store.envelopes import read_waiting
from relay.store.group import Group
from relay.store.sqlite import SqliteStore
from relay.store.tail import Tail
from relay.store.usage import read_usage
from tests.relay.rules_cast import (
    ALICE,
    BOB,
    FROM_BOB,
    START,
    Office,
    call,
    deposit,
    grant,
    hashed,
    held_by,
)

TO_BOB = b"bob gave this".ljust(32)
HOUSE = House(open=True)
POLICY = Policy(pending=10_000, pending_bytes=1 << 30, burst=1_000, each_ms=500)


@pytest.fixture
def store(tmp_path: Path) -> Generator[SqliteStore]:
    path = tmp_path / "store.db"
    database.create(path)
    made = SqliteStore(path)
    office = Office(made, HOUSE)
    office.admit()
    for mailbox, capability in ((ALICE, FROM_BOB), (BOB, TO_BOB)):
        office.create(mailbox)
        office.ask(grant(capability, mailbox=mailbox, policy=POLICY))
    yield made
    made.close()


@pytest.fixture
def office(store: SqliteStore) -> Office:
    return Office(store, HOUSE)


def count(store: SqliteStore, table: str) -> int:
    found: int = store.database.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
    return found


def merged(store: SqliteStore) -> None:
    store.begin()
    store.merge()
    store.commit()


def told(office: Office) -> list[object]:
    """All that anybody may hear of both mailboxes, but for where it stands."""
    store = office.store
    assert isinstance(store, SqliteStore)
    usage = read_usage(store.database)
    found: list[object] = [store.held_bytes, store.totals(), usage["envelopes"], usage["ids"]]
    for mailbox, capability in ((ALICE, FROM_BOB), (BOB, TO_BOB)):
        held = held_by(store, capability, mailbox)
        assert held is not None
        found += [held.pending, held.pending_bytes, held.deposited, held.rested_ms]
        found += [held.mailbox.last, held.mailbox.forgotten, held.mailbox.remembered_ids]
        found += [held.mailbox.owner.used_bytes]
        found += [
            read_waiting(store.database, mailbox, after, most, 1 << 30)
            for after in range(12)
            for most in (1, 3, 100)
        ]
    return found


@contextmanager
def killed(store: SqliteStore, folder: Path) -> Generator[Office]:
    """The files as they are at this moment, opened again."""
    folder.mkdir()
    for name in ("store.db", "store.db-wal"):
        shutil.copy(folder.parent / name, folder / name)
    found = SqliteStore(folder / "store.db")
    yield Office(found, HOUSE)
    found.close()


def story_of_a_tail(office: Office, merge: Callable[[], None]) -> None:
    """Some merged, some collected on either side, some again; the last ones appended only."""
    for number in range(6):
        assert office.stored(deposit(number))
        assert office.stored(deposit(number, capability=TO_BOB))
    office.acknowledge(2)
    merge()
    for number in range(4, 9):
        assert office.stored(deposit(number))
        assert office.stored(deposit(number, capability=TO_BOB))
    office.acknowledge(7)
    office.acknowledge(3, BOB)


def test_nothing_tells_whether_it_was_merged(office: Office, store: SqliteStore) -> None:
    story_of_a_tail(office, lambda: merged(store))
    assert count(store, "tail") == 6
    assert office.ids() == [7, 8]
    assert office.ids(BOB) == [3, 4, 5, 6, 7, 8]
    before = told(office)
    merged(store)
    assert count(store, "tail") == 0
    assert told(office) == before
    assert [office.stored(deposit(number)) for number in range(9)] == [True] * 9
    assert told(office) == before


@pytest.mark.parametrize("merges", [True, False])
def test_a_kill_finds_the_tail_as_it_was(
    office: Office, store: SqliteStore, tmp_path: Path, *, merges: bool
) -> None:
    story_of_a_tail(office, (lambda: merged(store)) if merges else lambda: None)
    with killed(store, tmp_path / "killed") as found:
        assert told(found) == told(office)
        assert [found.stored(deposit(number)) for number in range(9)] == [True] * 9
        assert told(found) == told(office), "each id was known"
        assert found.stored(deposit(9))
        assert found.numbers()[-1] == 10


def test_mutant_that_forgets_the_tail_over_a_kill(
    office: Office, store: SqliteStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    story_of_a_tail(office, lambda: None)
    reload = Tail.reload

    def forgetful(self: Tail) -> None:
        reload(self)
        self.ids.clear()

    monkeypatch.setattr(Tail, "reload", forgetful)
    with killed(store, tmp_path / "killed") as found:
        before = told(found)
        assert found.stored(deposit(8))
        assert told(found) != before, "it was kept twice"


def test_a_policy_that_is_set_meanwhile_is_not_undone(
    office: Office, store: SqliteStore, tmp_path: Path
) -> None:
    for number in range(9):
        assert office.stored(deposit(number))
    office.ask(grant(policy=Policy(pending=10_000, pending_bytes=1 << 30, burst=1, each_ms=10)))
    held = held_by(store)
    assert held is not None
    assert (held.deposited, held.rested_ms) == (9, 10)
    with killed(store, tmp_path / "killed") as found:
        again = held_by(found.store)
        assert again is not None
        assert (again.deposited, again.rested_ms) == (9, 10)
    merged(store)
    assert store.database.execute(
        "SELECT deposited, rested_ms FROM capability WHERE hash = ?", (hashed(FROM_BOB),)
    ).fetchall() == [(9, 10)]


def test_an_id_of_a_lost_transaction_is_not_known(office: Office, store: SqliteStore) -> None:
    before = told(office)
    store.begin()
    office.office.answer(deposit(1), START)
    store.rollback()
    store.begin()
    assert told(office) == before
    store.commit()
    assert office.stored(deposit(1))
    assert office.numbers() == [1]


def test_a_mailbox_takes_its_tail_along(office: Office, store: SqliteStore) -> None:
    """Its number is given to the next one, who never saw those ids."""
    assert office.stored(deposit(1, capability=TO_BOB))
    before = count(store, "tail")
    office.ask(frames.DeleteMailbox(call=call(), mailbox=BOB))
    assert count(store, "tail") == before - 1
    office.create(BOB)
    office.ask(grant(TO_BOB, mailbox=BOB))
    assert office.stored(deposit(1, capability=TO_BOB))
    assert office.ids(BOB) == [1]


def test_a_long_tail_is_merged_by_itself(
    office: Office, store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tail, "MOST", 5)
    lengths: list[int] = []
    for number in range(13):
        assert office.stored(deposit(number))
        lengths.append(count(store, "tail"))
    assert lengths == [1, 2, 3, 4, 5, 0, 1, 2, 3, 4, 5, 0, 1]
    assert office.ids() == list(range(13))


def test_a_minute_after_nothing_tells_by_whom_what_was_collected_came(
    office: Office, store: SqliteStore, tmp_path: Path
) -> None:
    group = Group(store, HOUSE, Ballast(tmp_path / "ballast", size=4096))
    for number in range(3):
        assert office.stored(deposit(number))
    office.acknowledge(3)
    assert count(store, "tail") == 3
    while group.keep_house(START):
        pass
    assert [count(store, table) for table in ("tail", "queued", "envelope", "seen")] == [0, 0, 0, 3]
    assert store.held_bytes == 3 * ID_BYTES


def test_a_page_is_found_without_going_through_other_mailboxes(
    office: Office, store: SqliteStore
) -> None:
    asked: list[str] = []
    story_of_a_tail(office, lambda: merged(store))
    store.database.set_trace_callback(asked.append)
    read_waiting(store.database, ALICE, 0, 10, 1 << 20)
    office.acknowledge(8)
    store.mailboxes.void()
    store.passes.void()
    assert store.mailboxes.find(ALICE)
    store.database.set_trace_callback(None)
    plans = {
        row[3]
        for each in asked
        if each.lstrip().startswith(("SELECT", "DELETE", "WITH"))
        for row in store.database.execute(f"EXPLAIN QUERY PLAN {each}")
    }
    gone_through = {plan.split()[1] for plan in plans if plan.startswith("SCAN")}
    # What is small: the tail, a page, rows that were asked for, what was found of one mailbox.
    assert not gone_through & {"queued", "q", "e", "envelope", "seen", "mailbox", "m", "c"}, plans
