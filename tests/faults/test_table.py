"""The table that long runs write into."""

from __future__ import annotations

import pytest

from tests.faults.longest import FAULTS
from tests.faults.table import Figures, put

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
    figures = Figures("much", 1000, 1, 2, 3, "long", well=False)
    assert figures.cells() == ("much", "1,000", "1 / 2 / 3", "long", "**no**")
    assert all(fault.mutant for fault in FAULTS.values())
