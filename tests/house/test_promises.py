"""The checker of promises must itself be able to say no."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Literal

import pytest

from tests import promises
from tests.promises import BOOK, BrokenBook, Ending, Ledger, Promise, Verdict, read_book

ROOT = Path(__file__).parents[2]

STORY = "tests/whole/test_story.py::test_arrives"
MUTANT = "tests/whole/test_story.py::test_mutant"


def promise(
    tests: tuple[str, ...] = (STORY,),
    mutant: tuple[str, ...] | None = None,
    program: str | None = None,
) -> Promise:
    return Promise(
        id="once", where="guarantee", text="Once", tests=tests, mutant=mutant, program=program
    )


def judge(asked: Promise, ledger: Ledger, root: Path = ROOT) -> Verdict:
    return promises.judge([asked], ledger, root)


def report(
    node: str,
    outcome: Literal["passed", "failed", "skipped"],
    when: Literal["setup", "call", "teardown"] = "call",
    *keywords: str,
) -> pytest.TestReport:
    return pytest.TestReport(
        nodeid=node,
        location=("", None, ""),
        keywords=dict.fromkeys(keywords, 1),
        outcome=outcome,
        longrepr=None,
        when=when,
    )


def ledger(*reports: pytest.TestReport) -> Ledger:
    heard = Ledger()
    for each in reports:
        heard.hear(each)
    return heard


def test_the_book_of_this_project_can_be_read() -> None:
    assert len(read_book(ROOT / BOOK)) > 100


def test_a_promise_is_kept_when_its_test_passed() -> None:
    verdict = judge(promise(), ledger(report(STORY, "passed")))
    assert (verdict.kept, verdict.broken) == (1, ())


@pytest.mark.parametrize(
    ("heard", "complaint"),
    [
        ([], "did not run, or is not there"),
        ([report(STORY, "failed")], "failed"),
        ([report(STORY, "passed"), report(STORY, "failed", "teardown")], "failed"),
        ([report(STORY, "skipped")], "was skipped"),
        ([report(STORY, "passed", "setup")], "did not run, or is not there"),
        ([report(f"{STORY}[a]", "passed"), report(f"{STORY}[b]", "failed")], "failed"),
    ],
)
def test_a_promise_is_broken_when_its_test(heard: list[pytest.TestReport], complaint: str) -> None:
    verdict = judge(promise(), ledger(*heard))
    assert verdict.kept == 0
    assert verdict.broken == (f"once: {STORY} {complaint}",)


def test_all_cases_of_a_test_stand_behind_its_bare_name() -> None:
    heard = ledger(report(f"{STORY}[a]@group", "passed"), report(f"{STORY}[b@c]", "passed"))
    assert judge(promise(), heard).kept == 1
    assert heard.endings[f"{STORY}[b@c]"] is Ending.PASSED


def test_only_want_of_root_excuses_a_skipped_test_and_it_is_counted() -> None:
    verdict = judge(promise(), ledger(report(STORY, "skipped", "setup", "needs_root")))
    assert verdict.broken == ()
    assert verdict.waived == (f"once: {STORY} needs root",)


def test_a_promise_without_a_test_is_a_wish() -> None:
    assert judge(promise(tests=()), Ledger()).broken == ("once: no test yet",)


def test_a_fault_needs_its_mutant() -> None:
    heard = ledger(report(STORY, "passed"), report(MUTANT, "failed"))
    assert judge(promise(mutant=()), heard).broken == ("once: no mutant yet",)
    assert judge(promise(mutant=(MUTANT,)), heard).broken == (f"once: {MUTANT} failed",)


def test_a_program_may_show_it_if_it_is_there(tmp_path: Path) -> None:
    (tmp_path / "tests").mkdir()
    measure = tmp_path / "tests" / "measure.py"
    asked = promise(tests=(), program="tests.measure")
    complaint = ("once: tests.measure cannot be run, or is not there",)
    assert judge(asked, Ledger(), tmp_path).broken == complaint
    measure.write_text("print('imported')\n")
    assert judge(asked, Ledger(), tmp_path).broken == complaint
    measure.write_text('if __name__ == "__main__":\n    print("measured")\n')
    verdict = judge(asked, Ledger(), tmp_path)
    assert (verdict.kept, verdict.broken) == (0, ())
    assert verdict.elsewhere == ("once: python -m tests.measure",)
    both = judge(promise(program="tests.measure"), Ledger(), tmp_path)
    assert both.broken == (f"once: {STORY} did not run, or is not there",)


@pytest.mark.parametrize(
    "text",
    [
        "promise = 1",
        "[[promise]]\nid = 'a'\nwhere = 'issue'\ntext = 'A'",
        "[[promise]]\nid = 'a'\nwhere = 'hope'\ntext = 'A'\ntests = []",
        "[[promise]]\nid = 'a'\nwhere = 'issue'\ntext = 'A'\ntests = []\nmutants = []",
        "[[promise]]\nid = 'a'\nwhere = 'issue'\ntext = 'A'\ntests = ['tests/whole']",
        2 * "[[promise]]\nid = 'a'\nwhere = 'issue'\ntext = 'A'\ntests = []\n",
    ],
)
def test_a_book_that_means_nothing_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "promises.toml"
    path.write_text(text)
    with pytest.raises(BrokenBook):
        read_book(path)


@pytest.mark.parametrize(
    ("named", "mode", "workers", "code"),
    [
        ("test_story.py::test_arrives", "strict", "1", 0),
        ("test_story.py::test_renamed", "strict", "1", 1),
        ("test_story.py::test_renamed", "strict", "0", 1),
        ("test_story.py::test_renamed", "report", "0", 0),
    ],
)
def test_a_run_fails_with_its_promises(
    tmp_path: Path, named: str, mode: str, workers: str, code: int
) -> None:
    (tmp_path / "test_story.py").write_text("def test_arrives():\n    pass\n")
    (tmp_path / "tests").mkdir()
    (tmp_path / BOOK).write_text(
        f"[[promise]]\nid = 'once'\nwhere = 'issue'\ntext = 'Once'\ntests = ['{named}']\n"
    )
    run = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-p", "tests.promises", "-n", workers, "-q"),
            *("--rootdir", str(tmp_path), f"--promises={mode}", "test_story.py"),
        ],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == code, run.stdout + run.stderr
    kept = "1 of 1" if named.endswith("arrives") else "0 of 1"
    assert f"{kept} promises kept" in run.stdout
