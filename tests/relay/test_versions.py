"""Up by a version and back by one: nothing is lost, or nothing is touched."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlcipher3 import dbapi2 as sqlite

from relay.errors import NewerStore, NotAStore
from relay.store import database
from relay.store.database import Step, open_reader, open_writer, read_step

STEPS = database.steps()
NUMBER = len(STEPS)
ADDS = Step("CREATE TABLE later (row INTEGER PRIMARY KEY) STRICT;", reads_from=NUMBER)
CHANGES = Step("ALTER TABLE mailbox RENAME COLUMN forgotten TO gone;", reads_from=NUMBER + 1)


def tables(store: sqlite.Connection) -> list[str]:
    return [
        name
        for (name,) in store.execute(
            "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name"
        )
        if not name.startswith("sqlite_")
    ]


def columns(store: sqlite.Connection, table: str) -> dict[str, str]:
    return {name: kind for _, name, kind, *_ in store.execute(f"PRAGMA table_info({table})")}


def rows(store: sqlite.Connection, table: str, names: Sequence[str]) -> list[Any]:
    return list(store.execute(f"SELECT {', '.join(names)} FROM {table} ORDER BY {names[0]}"))


def fill(store: sqlite.Connection) -> dict[str, tuple[list[str], list[Any]]]:
    """A row or two in every table there is, whatever its columns."""
    written = dict[str, tuple[list[str], list[Any]]]()
    for table in tables(store):
        kinds = columns(store, table)
        for number in (1,) if table == "moment" else (1, 2):
            name = bytes([number]) * 32
            kept: dict[str, int | str | bytes] = {
                "INTEGER": number,
                "TEXT": str(number),
                "BLOB": name,
            }
            values = [kept[kind] for kind in kinds.values()]
            marks = ", ".join("?" * len(values))
            store.execute(f"INSERT INTO {table} VALUES ({marks})", values)
        written[table] = (list(kinds), rows(store, table, list(kinds)))
    return written


@pytest.mark.parametrize("seen", range(1, NUMBER + 1))
def test_a_store_of_every_earlier_version_is_brought_up_to_date(tmp_path: Path, seen: int) -> None:
    database.create(tmp_path / "store.db", STEPS[:seen])
    store = open_writer(tmp_path / "store.db", STEPS[:seen])
    written = fill(store)
    store.close()
    store = open_writer(tmp_path / "store.db")
    assert database.version(store) == NUMBER
    for table, (names, before) in written.items():
        assert rows(store, table, names) == before
    assert database.intact(store)
    database.create(tmp_path / "fresh.db")
    fresh = open_reader(tmp_path / "fresh.db")
    assert tables(store) == tables(fresh)
    for table in tables(fresh):
        assert columns(store, table) == columns(fresh, table)
    fresh.close()
    store.close()


def test_the_version_before_goes_on_with_a_file_that_only_grew(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    database.create(path)
    newer = open_writer(path, [*STEPS, ADDS])
    written = fill(newer)
    newer.close()
    older = open_writer(path, STEPS)
    assert database.version(older) == NUMBER + 1
    older.execute("DELETE FROM envelope WHERE row = 1")
    for table, (names, before) in written.items():
        kept = [row for row in before if table != "envelope" or row[0] != 1]
        assert rows(older, table, names) == kept
    older.close()
    # And forward again: the step is not taken twice.
    newer = open_writer(path, [*STEPS, ADDS])
    assert len(rows(newer, "later", ["row"])) == 2
    assert database.version(newer) == NUMBER + 1
    newer.close()


@pytest.mark.parametrize(
    "steps", [[*STEPS, CHANGES], [*STEPS, ADDS, CHANGES], [*STEPS, CHANGES, ADDS]]
)
def test_the_version_before_refuses_what_it_would_not_understand(
    tmp_path: Path, steps: list[Step]
) -> None:
    path = tmp_path / "store.db"
    database.create(path)
    open_writer(path, steps).close()
    before = path.read_bytes()
    for opening in (open_reader, open_writer):
        with pytest.raises(NewerStore):
            opening(path, STEPS)
    assert path.read_bytes() == before
    open_writer(path, steps).close()


def test_mutant_that_believes_every_step_only_adds(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    database.create(path)
    open_writer(path, [*STEPS, Step(CHANGES.sql, reads_from=NUMBER)]).close()
    older = open_writer(path, STEPS)
    with pytest.raises(sqlite.OperationalError):
        older.execute("SELECT forgotten FROM mailbox")
    older.close()


def test_two_versions_back_is_refused_where_one_is_not(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    database.create(path)
    open_writer(path, [*STEPS, ADDS]).close()
    with pytest.raises(NewerStore):
        open_writer(path, STEPS[:-1])


def test_a_step_says_in_its_first_line_who_may_use_it() -> None:
    assert read_step("-- reads_from: 3\nCREATE", 5).reads_from == 3
    assert read_step("-- Something else\n-- reads_from: 3\nCREATE", 5).reads_from == 5
    for number, step in enumerate(STEPS, 1):
        assert 1 <= step.reads_from <= number


def test_an_upgrade_that_is_cut_off_is_taken_whole_the_next_time(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    database.create(path)
    broken = Step(f"{ADDS.sql}\nINSERT INTO nowhere VALUES (1);", reads_from=NUMBER)
    with pytest.raises(NotAStore):
        open_writer(path, [*STEPS, broken])
    older = open_writer(path, STEPS)
    assert database.version(older) == NUMBER
    assert "later" not in tables(older)
    older.close()
    newer = open_writer(path, [*STEPS, ADDS])
    assert "later" in tables(newer)
    newer.close()
