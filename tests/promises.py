"""Compares the book of promises with the tests that really ran.

``--promises=report`` prints what is missing at the end of the run, ``--promises=strict`` also
makes it fail; both belong to a run of all tests. A named test counts only if every one of its
cases ran and passed. Only a test marked ``needs_root`` may be skipped, and that is counted aloud.
So is what needs a quiet machine or a long time, and is shown by a program instead.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import IntEnum
from pathlib import Path
from typing import Literal

import msgspec
import pytest

BOOK = Path("tests") / "promises.toml"


class BrokenBook(Exception):
    """The book of promises cannot be read as one."""


class Promise(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One sentence and what would go red. A fault has a ``mutant``, even if it is still empty.

    ``program`` is a module that shows what a run of tests cannot: ``python -m tests.bench.start``.
    """

    id: str
    where: Literal["issue", "guarantee"]
    text: str
    tests: tuple[str, ...]
    mutant: tuple[str, ...] | None = None
    program: str | None = None


class _Book(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    promise: tuple[Promise, ...]


def read_book(path: Path) -> tuple[Promise, ...]:
    try:
        promises = msgspec.convert(tomllib.loads(path.read_text("utf-8")), _Book).promise
    except (OSError, ValueError) as exc:
        raise BrokenBook(f"{path}: {exc}") from exc
    seen: set[str] = set()
    for promise in promises:
        if promise.id in seen:
            raise BrokenBook(f"{path}: {promise.id} stands there twice")
        seen.add(promise.id)
        for name in (*promise.tests, *(promise.mutant or ())):
            if "::" not in name:
                raise BrokenBook(f"{path}: {promise.id}: {name!r} is not the id of a test")
    return promises


def can_be_run(root: Path, module: str) -> bool:
    """Whether ``python -m MODULE`` would find something to do."""
    path = root.joinpath(*module.split("."))
    for found in (path.with_suffix(".py"), path / "__main__.py"):
        if found.is_file():
            return 'if __name__ == "__main__":' in found.read_text("utf-8")
    return False


class Ending(IntEnum):
    """How a test ended; of several cases and phases the worst counts."""

    PASSED = 0
    NEEDS_ROOT = 1
    SKIPPED = 2
    FAILED = 3


@dataclass
class Ledger:
    """Which tests ran in this session, and how they ended."""

    endings: dict[str, Ending] = field(default_factory=dict[str, Ending])

    def hear(self, report: pytest.TestReport) -> None:
        if report.failed:
            ending = Ending.FAILED
        elif report.skipped:
            ending = Ending.NEEDS_ROOT if "needs_root" in report.keywords else Ending.SKIPPED
        elif report.when == "call":
            ending = Ending.PASSED
        else:
            return
        # pytest-xdist writes a test's group behind its name.
        node = re.sub(r"@[^\]@/]*$", "", report.nodeid)
        for name in {node, node.partition("[")[0]}:
            self.endings[name] = max(ending, self.endings.get(name, ending))


@dataclass(frozen=True)
class Verdict:
    """What the book and the ledger say together."""

    kept: int
    broken: tuple[str, ...]
    waived: tuple[str, ...]
    elsewhere: tuple[str, ...]


def judge(promises: Iterable[Promise], ledger: Ledger, root: Path) -> Verdict:
    kept = 0
    broken: list[str] = []
    waived: list[str] = []
    elsewhere: list[str] = []
    for promise in promises:
        before = len(broken)
        if promise.program is not None and not can_be_run(root, promise.program):
            broken.append(f"{promise.id}: {promise.program} cannot be run, or is not there")
        if not promise.tests and promise.program is None:
            broken.append(f"{promise.id}: no test yet")
        if promise.mutant is not None and not promise.mutant:
            broken.append(f"{promise.id}: no mutant yet")
        for name in (*promise.tests, *(promise.mutant or ())):
            match ledger.endings.get(name):
                case Ending.PASSED:
                    pass
                case Ending.NEEDS_ROOT:
                    waived.append(f"{promise.id}: {name} needs root")
                case Ending.SKIPPED:
                    broken.append(f"{promise.id}: {name} was skipped")
                case Ending.FAILED:
                    broken.append(f"{promise.id}: {name} failed")
                case None:
                    broken.append(f"{promise.id}: {name} did not run, or is not there")
        if len(broken) > before:
            continue
        if promise.tests:
            kept += 1
        else:
            elsewhere.append(f"{promise.id}: python -m {promise.program}")
    return Verdict(kept, tuple(broken), tuple(waived), tuple(elsewhere))


class Notary:
    """The plugin itself: listens to the run and speaks at its end."""

    def __init__(self, promises: tuple[Promise, ...], root: Path, *, strict: bool) -> None:
        self._promises = promises
        self._root = root
        self._strict = strict
        self._ledger = Ledger()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self._ledger.hear(report)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        broken = judge(self._promises, self._ledger, self._root).broken
        if self._strict and broken and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        verdict = judge(self._promises, self._ledger, self._root)
        say = terminalreporter.write_line
        terminalreporter.section("promises")
        for line in (*verdict.waived, *verdict.elsewhere):
            say(f"not shown here  {line}")
        for line in verdict.broken:
            say(f"not kept        {line}", red=self._strict)
        say(
            f"{verdict.kept} of {len(self._promises)} promises kept, {len(verdict.waived)} tests "
            f"left out for want of root, {len(verdict.elsewhere)} promises left to their programs"
        )


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--promises",
        choices=("report", "strict"),
        help="compare tests/promises.toml with the tests of this run, which is a run of all",
    )


def pytest_configure(config: pytest.Config) -> None:
    mode: str | None = config.getoption("--promises")
    # Under pytest-xdist every report reaches the controller; a worker sees only its share.
    if mode is None or hasattr(config, "workerinput"):
        return
    try:
        promises = read_book(config.rootpath / BOOK)
    except BrokenBook as exc:
        raise pytest.UsageError(str(exc)) from exc
    config.pluginmanager.register(
        Notary(promises, config.rootpath, strict=mode == "strict"), "notary"
    )
