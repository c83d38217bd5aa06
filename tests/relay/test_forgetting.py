"""What time does to a store on disk: a portion at each call, exact in what it counts."""

from __future__ import annotations

from collections.abc import Generator
from itertools import pairwise
from pathlib import Path

import pytest
from sqlcipher3 import dbapi2 as sqlite

from protocol.wire.frames import EmptyDrawer, Revoke, Stock
from relay.rules import forgetting
from relay.rules.limits import House
from relay.rules.records import DIGEST_BYTES, ID_BYTES
from relay.store import database
from relay.store.sqlite import SqliteStore
from tests.relay.rules_cast import ALICE, BOB, DRAWER, KEPT, Office, call, deposit, grant, hashed

TO_BOB = b"to bob".ljust(32)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    made = tmp_path / "store.db"
    database.create(made)
    return made


@pytest.fixture
def disk(path: Path) -> Generator[SqliteStore]:
    store = SqliteStore(path)
    yield store
    store.close()


def lived(store: SqliteStore) -> Office:
    """Alice and bob have a mailbox each, with a past of ten envelopes, bundles and capabilities."""
    office = Office(store, House(open=True))
    office.admit()
    for mailbox, capability in ((ALICE, b"to alice".ljust(32)), (BOB, TO_BOB)):
        office.create(mailbox)
        office.ask(grant(capability, mailbox=mailbox))
        for number in range(10):
            assert office.stored(deposit(number, capability=capability))
            old = bytes([number]) * 32
            office.ask(grant(hashed(old + mailbox), mailbox=mailbox))
            office.ask(
                Revoke(call=call(), mailbox=mailbox, capability=hashed(hashed(old + mailbox)))
            )
        bundles = tuple(bytes([number]) for number in range(10))
        office.ask(Stock(call=call(), mailbox=mailbox, drawer=DRAWER, bundles=bundles))
        office.ask(EmptyDrawer(call=call(), mailbox=mailbox, drawer=DRAWER))
        office.acknowledge(10, mailbox)
    return office


def counts(store: SqliteStore) -> list[int]:
    return [
        store.database.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
        for table in (
            "(SELECT id FROM seen UNION ALL SELECT id FROM tail)",
            "bundle",
            "capability",
        )
    ]


def test_a_day_s_forgetting_goes_in_portions(
    disk: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forgetting, "LOOK_AT_ONCE", 6)
    office = lived(disk)
    assert counts(disk) == [20, 20, 22]
    assert disk.held_bytes == 20 * (ID_BYTES + DIGEST_BYTES)
    office.pass_days(91)
    transcript = [counts(disk)]
    more = True
    while more:
        disk.begin()
        more = office.office.keep_house(office.now)
        disk.commit()
        transcript.append(counts(disk))
    steps = [sum(a) - sum(b) for a, b in pairwise(transcript)]
    assert max(steps) <= 6
    assert transcript[-1] == [0, 0, 2]
    assert disk.held_bytes == 0
    assert office.stored(deposit(3, capability=TO_BOB))
    assert disk.held_bytes == KEPT


def test_what_is_not_old_is_looked_at_and_stays(
    disk: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forgetting, "LOOK_AT_ONCE", 6)
    office = lived(disk)
    office.pass_days(60)
    assert office.stored(deposit(77, capability=TO_BOB))
    office.pass_days(31)
    office.keep_house()
    assert counts(disk) == [1, 0, 2]
    assert office.stored(deposit(77, capability=TO_BOB))
    assert counts(disk) == [1, 0, 2]


def test_each_portion_is_found_without_going_through_all(disk: SqliteStore) -> None:
    asked: list[str] = []
    office = lived(disk)
    office.pass_days(91)
    disk.database.set_trace_callback(asked.append)
    office.keep_house()
    disk.database.set_trace_callback(None)
    looked = [each for each in asked if each.lstrip().startswith(("SELECT", "DELETE"))]
    plans = [
        row[3]
        for each in looked
        for row in disk.database.execute(f"EXPLAIN QUERY PLAN {each}")
        if row[3].startswith("SCAN")
    ]
    # What may be gone through: what stands in front, the one row of the moment, the tail, and the
    # few rooms.
    assert set(plans) <= {"SCAN answer", "SCAN envelope", "SCAN moment", "SCAN tail", "SCAN room"}


def test_a_store_of_the_first_version_is_counted(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = SqliteStore(path)
    office = lived(store)
    office.ask(deposit(50, capability=TO_BOB))
    held = store.held_bytes
    store.begin()
    store.merge()
    store.commit()
    store.close()
    beside = sqlite.connect(path, isolation_level=None)
    beside.execute("DROP VIEW waiting")
    beside.execute(
        "CREATE UNIQUE INDEX envelope_by_mailbox ON envelope (mailbox, number, capability, size)"
    )
    for table in (
        "destination",
        "packet",
        "answer",
        "blob",
        "chunk",
        "blob_gone",
        "tail",
        "queued",
        "room",
        "room_seat",
        "room_order",
        "room_run",
        "room_item",
        "room_letter",
        "room_heat",
    ):
        beside.execute(f"DROP TABLE {table}")
    for column in ("forwards", "forward_bytes", "forward_day", "forwarded", "reached"):
        beside.execute(f"ALTER TABLE pass DROP COLUMN {column}")
    beside.execute("DROP INDEX pass_by_lapse")
    beside.execute("ALTER TABLE pass DROP COLUMN lapses_ms")
    beside.execute("ALTER TABLE mailbox DROP COLUMN ids_forgotten")
    beside.execute("ALTER TABLE capability DROP COLUMN granted_ms")
    beside.execute("ALTER TABLE capability DROP COLUMN rested_ms")
    beside.execute("ALTER TABLE pass DROP COLUMN rooms")
    beside.execute("ALTER TABLE pass DROP COLUMN blob_bytes")
    beside.execute(
        "DELETE FROM seen WHERE mailbox = 1 AND id < X'00000000000000000000000000000004'"
    )
    beside.execute("PRAGMA user_version = 1")
    beside.close()
    store = SqliteStore(path)
    assert store.held_bytes == held - 4 * ID_BYTES
    found = store.mailboxes.find(ALICE)
    assert found is not None
    assert (found.remembered_ids, found.ids_forgotten) == (6, 4)
    assert found.owner.used_bytes == store.held_bytes
    store.close()
