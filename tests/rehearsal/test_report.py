"""A rehearsal's page says what was wrong, and nothing where nothing was."""

from __future__ import annotations

import os

import pytest
from msgspec.structs import replace

from desktop.demo.crowd.told import Tally
from tests.rehearsal.measuring import Taken
from tests.rehearsal.report import Findings, quantiles

WELL = Tally(
    who=0,
    name="quiet-fern-0",
    said=3,
    numbered=3,
    refused=0,
    waiting=0,
    seen=7,
    doubled=0,
    missing=0,
    unreadable=0,
    moved=0,
    order="one",
    last=12,
    inside=True,
    removed=None,
    warned=None,
    complete=True,
    asides=1,
)


def findings(*tallies: Tally) -> Findings:
    return Findings(1, 2, 1, tallies=list(tallies), latencies_ms=[10, 20, 900], asides=2)


def test_all_was_well() -> None:
    found = findings(WELL, replace(WELL, who=1))
    assert found.wrong == []
    assert "**All of it was seen.**" in found.page()
    assert "p50 20 ms, p99 900 ms (3 times)" in found.page()


@pytest.mark.parametrize(
    ("other", "said"),
    [
        (replace(WELL, order="another"), "2 orders instead of one"),
        (replace(WELL, doubled=1), "1 entries doubled"),
        (replace(WELL, missing=2), "2 entries missing"),
        (replace(WELL, moved=1), "1 entries shown and moved"),
        (replace(WELL, waiting=1), "1 entries not numbered"),
        (replace(WELL, inside=False), "1 were not in the room at the end"),
        (replace(WELL, warned="forked"), "warned of the relay"),
    ],
)
def test_whatever_was_wrong_is_named(other: Tally, said: str) -> None:
    found = findings(WELL, other)
    assert any(said in one for one in found.wrong)
    assert said in found.page()


def test_who_was_removed_need_not_have_what_came_later() -> None:
    out = replace(WELL, order="less", inside=False, removed="No selling here")
    assert findings(WELL, out).wrong == []


def test_what_was_missed_on_the_way_is_no_success() -> None:
    found = findings(WELL, WELL)
    found.missed.append("a removal: Bob did not see it")
    found.not_back, found.asides_wanted = 1, 10
    assert len(found.wrong) == 3


def test_nothing_measured_is_said() -> None:
    assert quantiles([]) == "nothing measured"


def test_a_process_is_counted_from_its_second_look() -> None:
    taken = Taken()
    taken.look(os.getpid(), 5.0)
    assert taken.wall_s == 0
    taken.look(os.getpid(), 5.0)
    assert taken.wall_s == 5.0
    assert taken.most_mib > 1
    taken.look(2**22 + 1, 5.0)
    assert taken.wall_s == 5.0, "nobody by that number"
