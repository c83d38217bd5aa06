"""The table that long runs write into."""

from __future__ import annotations

import pytest

from tests.faults.fuzzing import parsers as fuzzed
from tests.faults.fuzzing.__main__ import AIM
from tests.faults.longest import FAULTS
from tests.faults.table import PARSERS, README, Aim, Figures, put

TABLE = """Words.

| fault | done |
|---|---|
| one | before |
| two | before |

| parser | inputs |
|---|---|
"""


def test_a_row_is_put_in_its_place() -> None:
    changed = put(put(TABLE, "fault", "one", ("now",)), "parser", "new", ("7",))
    assert changed.splitlines()[2:] == [
        "| fault | done |",
        "|---|---|",
        "| one | now |",
        "| two | before |",
        "",
        "| parser | inputs |",
        "|---|---|",
        "| new | 7 |",
    ]
    with pytest.raises(ValueError, match="elsewhere"):
        put(TABLE, "elsewhere", "one", ("now",))


def test_what_is_not_well_shows() -> None:
    figures = Figures("much", 1000, 1, 2, 3, "long", well=False, times=5)
    aim = Aim(times=5, messages=900)
    assert figures.cells(aim) == ("much", "1,000", "all", "1 / 2 / 3", "long", "**no**")
    assert all(fault.mutant for fault in FAULTS.values())


def test_what_is_less_than_was_asked_for_shows() -> None:
    aim = Aim(times=500, messages=50_000)
    assert aim.reached(500, 49_999) == "**99 %**"
    assert aim.reached(172, 50_000) == "**34 %**"
    assert aim.reached(600, 50_000) == "all"
    assert Aim(messages=100).reached(7, 5) == "**5 %**"


def rows(table: str) -> dict[str, dict[str, str]]:
    """What stands in the README, by the name of the row and the heading."""
    found, headings = dict[str, dict[str, str]](), list[str]()
    for line in README.read_text("utf-8").splitlines():
        cells = [each.strip() for each in line.strip("|").split("|")]
        if line.startswith(f"| {table} |"):
            headings = cells
        elif not line.startswith("|"):
            headings = []
        elif headings and not line.startswith("|---"):
            found[cells[0]] = dict(zip(headings, cells, strict=True))
    return found


def number(cell: str) -> int:
    return int(cell.replace(",", ""))


def test_no_row_says_that_it_is_more_than_it_is() -> None:
    found = rows("fault")
    assert found.keys() == FAULTS.keys()
    for name, row in found.items():
        asked = FAULTS[name].aim.messages
        assert row["of the aim"] != "all" or number(row["messages"]) >= asked, name
    parsers = rows(PARSERS)
    assert parsers.keys() == fuzzed.PARSERS.keys()
    for name, row in parsers.items():
        assert row["of the aim"] == AIM.reached(number(row["inputs"])), name
