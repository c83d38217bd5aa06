"""The storm of ``make faults`` for a few seconds, and what its verdict is worth."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.faults.house import Pair, a_house
from tests.faults.storm import Weather, rage
from tests.faults.verdict import judge

SHORT = Weather(messages=80, pace=50, kill_relay_s=0.6, kill_desktop_s=1.4, dies_at=80)


@pytest.mark.xdist_group("faults")
async def test_nothing_is_lost_doubled_or_out_of_order(tmp_path: Path, pair: Pair) -> None:
    async with a_house(pair, tmp_path) as house:
        storm = await rage(house, SHORT, print)
    assert storm.kills["relay"] >= 2
    assert storm.well, storm.verdicts
    assert storm.undelivered == 0


def row(text: str, kind: str = "text", *, late: bool = False) -> dict[str, Any]:
    return {"text": text, "kind": kind, "late": late}


@pytest.mark.parametrize(
    ("shown", "wrong"),
    [
        ([row("a"), row("c")], "lost"),
        ([row("a"), row("b"), row("b"), row("c")], "doubled"),
        ([row("a"), row("c"), row("b")], "disordered"),
        ([row("a"), row("b"), row("", "unreadable"), row("c")], "unasked"),
        ([row("a"), row("b"), row("x"), row("c")], "unasked"),
        ([row("a"), row("b", late=True), row("c")], "repaired"),
    ],
)
def test_the_verdict_sees(shown: list[dict[str, Any]], wrong: str) -> None:
    verdict = judge(["a", "b", "c"], shown)
    assert getattr(verdict, wrong) == 1
    assert not verdict.well


def test_the_verdict_is_content_with_what_was_composed() -> None:
    assert judge(["a", "b"], [row("a"), row("b")]).well
