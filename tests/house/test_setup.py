"""One command sets up and runs everything, on a bare machine and on a build machine."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.house.tree import ROOT, files, name_of

PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


def bare_environment(**more: str) -> dict[str, str]:
    """This environment without what an outer make left in it."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("MAKE", "MFLAGS", "ASIDE"))}
    return kept | more


def fake(folder: Path, name: str, body: str) -> None:
    folder.mkdir(exist_ok=True)
    program = folder / name
    program.write_text(f"#!/bin/sh\n{body}\n")
    program.chmod(0o755)


def steps(target: str, tree: Path) -> str:
    """What make would do for this target in a tree where nothing has been done yet."""
    for path in ("Makefile", "packaging/requirements/dev.lock"):
        (tree / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / path, tree / path)
    run = subprocess.run(
        ["make", "--dry-run", target, f"PYTHON={sys.executable}"],
        cwd=tree,
        env=bare_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    return run.stdout


@pytest.mark.parametrize(
    ("target", "work"),
    [("demo", "-m desktop demo"), ("test", "-m pytest"), ("bench", "-m tests.bench")],
)
def test_a_target_sets_up_first_and_then_works(tmp_path: Path, target: str, work: str) -> None:
    done = steps(target, tmp_path)
    places = [
        done.index(step)
        for step in ("packaging/system-packages.sh", "-m venv", "--require-hashes", work)
    ]
    assert places == sorted(places)


def test_make_test_runs_every_check_and_every_test(tmp_path: Path) -> None:
    done = steps("test", tmp_path)
    for check in ("ruff check", "ruff format --check", "mypy", "basedpyright", "lint-imports"):
        assert f"/{check}" in done
    tests = next(line for line in done.splitlines() if "-m pytest" in line)
    assert "--promises=" in tests
    assert " -k" not in tests
    assert " -m " not in tests.partition("-m pytest")[2]


def test_a_run_that_takes_too_long_is_ended_and_every_run_says_its_time(tmp_path: Path) -> None:
    done = steps("test", tmp_path)
    timed = re.search(r"timeout --kill-after=\d+ (\d+)\s", done)
    assert timed is not None
    assert int(timed[1]) <= 900
    assert "$((SECONDS - start)) s" in done


def test_the_type_checkers_are_strict_and_see_all_of_it() -> None:
    tool = PROJECT["tool"]
    assert tool["mypy"]["strict"] is True
    assert tool["pyright"]["typeCheckingMode"] == "strict"
    for checker in (tool["mypy"]["packages"], tool["pyright"]["include"]):
        assert {"protocol", "relay", "desktop", "tests"} <= set(checker)


def test_a_build_machine_runs_make_test_without_a_terminal(tmp_path: Path) -> None:
    fake(tmp_path, "make", 'echo "$CI $@ $(cat | wc -c)"')
    run = subprocess.run(
        [ROOT / ".ci" / "run"],
        env=bare_environment(PATH=f"{tmp_path}:{os.environ['PATH']}"),
        input="a terminal's typing",
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout.split() == ["true", "test", "0"]


def test_the_project_has_the_names_it_promised() -> None:
    project = PROJECT["project"]
    assert project["name"] == "aside"
    assert project["requires-python"] == ">=3.11"
    assert set(project["optional-dependencies"]) == {"desktop", "relay", "dev"}
    assert set(project["scripts"]) == {"aside", "aside-relay"}
    for target in project["scripts"].values():
        assert importlib.util.find_spec(target.partition(":")[0]) is not None


def test_the_floors_say_no(tmp_path: Path) -> None:
    for path in files("pyproject.toml", "protocol/*.py", "relay/*.py", "desktop/*.py"):
        copy = tmp_path / name_of(path)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, copy)
    leaks = {
        "relay/leak.py": ("import protocol.e2e", "the relay cannot read letters"),
        "protocol/leak.py": ("import trio", "protocol is pure"),
        "desktop/ui/leak.py": ("import desktop.store", "the screen never reaches the disk"),
        "desktop/core/leak.py": ("import desktop.engine", "floors of the desktop"),
    }
    for name, (line, _) in leaks.items():
        (tmp_path / name).write_text(f"{line}\n")
    run = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache", "--no-logo"],
        cwd=tmp_path,
        env=bare_environment(COLUMNS="200"),
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 1, run.stderr
    broken = [line for line in run.stdout.splitlines() if line.endswith("BROKEN")]
    for _, contract in leaks.values():
        assert any(contract in line for line in broken), run.stdout
