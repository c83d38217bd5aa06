"""What a released entry point chooses: the passphrase's whole cost, and no way to a lower one."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from desktop.core import passphrases
from desktop.engine.composition import released
from desktop.store.header import HEADER_FILE, REAL_COST, Cost
from tests.house.tree import ROOT, modules, name_of

# Where a cost is declared, read from a header, and chosen.
KNOWS_COSTS = {"desktop/store/header.py", "desktop/engine/composition.py"}
HEAD_BYTES = 46


def costs(source: str) -> Iterator[int]:
    """Lines that make a cost, or hand one, or another scale for passphrases, to somebody."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func).rpartition(".")[2]
            if called == "Cost" or any(
                keyword.arg in ("cost", "weigh") for keyword in node.keywords
            ):
                yield node.lineno


def test_nothing_released_chooses_a_cost() -> None:
    found = {
        f"{name_of(path)}:{line}"
        for path in modules("desktop")
        if name_of(path) not in KNOWS_COSTS
        for line in costs(path.read_text("utf-8"))
    }
    assert not found, "a cost is chosen in desktop/engine/composition.py alone"


@pytest.mark.parametrize(
    "source",
    [
        *("Cost(1, 8192)", "header.Cost(ops=1, memory=8192)"),
        *("replace(released(), cost=CHEAP)", "replace(released(), weigh=len)"),
    ],
)
def test_the_rule_sees(source: str) -> None:
    assert list(costs(source))


def test_the_rule_lets_the_whole_be() -> None:
    assert not list(costs("open_engine(folder, released())"))


def test_only_the_demo_s_crowd_has_vaults_that_nobody_guards() -> None:
    """Their folders go with the process that made them."""
    users = {
        name_of(path)
        for path in modules("desktop")
        if "passing" in {word.id for word in ast.walk(_read(path)) if isinstance(word, ast.Name)}
    }
    assert users == {"desktop/demo/crowd/__main__.py"}


def _read(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def test_the_environment_has_no_say(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ASIDE_COST", "ASIDE_TEST", "ASIDE_CHEAP", "CI", "PYTEST_CURRENT_TEST"):
        monkeypatch.setenv(name, "1")
    assert released().cost == REAL_COST
    assert released().weigh is passphrases.score


def test_a_profile_made_by_the_released_program_has_the_real_cost(tmp_path: Path) -> None:
    asked = {"jsonrpc": "2.0", "id": 1, "method": "profile.create"}
    line = json.dumps({**asked, "params": {"name": "Alice", "passphrase": "four kilns"}})
    done = subprocess.run(
        [sys.executable, "-m", "desktop", "rpc", "--profile", str(tmp_path / "alice")],
        cwd=ROOT,
        env={**os.environ, "ASIDE_COST": "1"},
        input=f"{line}\n",
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert "result" in json.loads(done.stdout)
    body = (tmp_path / "alice" / HEADER_FILE).read_bytes()[HEAD_BYTES:]
    found = msgspec.convert(msgspec.msgpack.decode(body, type=dict[str, object]), Cost)
    assert found == Cost(ops=3, memory=256 * 1024 * 1024)
