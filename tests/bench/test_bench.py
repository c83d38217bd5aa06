"""What the benches are worth: all of them stand in the table, and no figure without its gate."""

from __future__ import annotations

import importlib
import re
from contextlib import closing
from pathlib import Path

import pytest
from sqlcipher3 import dbapi2 as sqlite

from tests.bench.__main__ import BENCHES, command
from tests.bench.alike import guessed, lines, verdict
from tests.bench.deposits import gone_of, websocket
from tests.bench.senders import Plan, Rate, id_of
from tests.faults.proxy import Messages

TABLE = Path(__file__).with_name("README.md")


@pytest.mark.parametrize("name", BENCHES)
def test_each_bench_can_be_run_alone_and_has_its_table_with_a_baseline(name: str) -> None:
    module = importlib.import_module(f"tests.bench.{name}")
    assert callable(module.main)
    assert command(BENCHES[name], Path("kept"), quick=True)[2] == module.__name__
    _, _, after = TABLE.read_text("utf-8").partition(f"\n## `{name}`")
    section = after.partition("\n## ")[0]
    assert re.search(r"^\|[ -:|]+\|$", section, re.MULTILINE), "no table"
    assert "aseline" in section


def test_a_deposit_that_was_called_stored_and_is_not_there_is_counted(tmp_path: Path) -> None:
    store = tmp_path / "store.db"
    with closing(sqlite.connect(store)) as database:
        database.execute("CREATE TABLE envelope (id BLOB)")
        there = [(id_of(0, 0),), (id_of(0, 1),), (id_of(1, 0),)]
        database.executemany("INSERT INTO envelope VALUES (?)", there)
        database.commit()
    assert gone_of(store, Rate(0, 0, 0, [2, 1])) == 0
    assert gone_of(store, Rate(0, 0, 0, [2, 3])) == 2


@pytest.mark.parametrize("size", [5, 125, 126, 3000, 70_000])
def test_prebuilt_messages_are_what_a_relay_reads(size: int) -> None:
    stream = b"GET / HTTP/1.1\r\n\r\n" + websocket(b"x" * size)
    assert Messages().feed(stream) == [b"x" * size]


def test_the_best_threshold_is_found() -> None:
    assert guessed([1, 2, 3, 4], [1, 2, 3, 4]) == 0.5
    assert guessed([1, 2, 3, 4], [5, 6, 7, 8]) == guessed([5, 6, 7, 8], [1, 2, 3, 4]) == 1.0
    assert guessed([1, 2, 3, 9], [4, 5, 6, 7]) == 0.875
    assert guessed([5, 5, 5], [5, 5, 5]) == 0.5


@pytest.mark.parametrize(("apart", "code"), [("", 0), ("unknown again", 0), ("revoked", 1)])
def test_what_is_told_apart_ends_the_bench_with_1(apart: str, code: int) -> None:
    kinds = ("unknown", "unknown again", "expired", "revoked")
    took = {kind: [2000] * 50 if kind == apart else [1000] * 50 for kind in kinds}
    assert verdict(lines("deposit", took)) == code


def test_a_plan_has_requests_of_one_length() -> None:
    with pytest.raises(ValueError, match="unpack"):
        Plan([], b"", [b"one", b"three"]).encoded(1)
