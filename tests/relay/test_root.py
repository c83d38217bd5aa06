"""Root in a folder of somebody else's: it works there as that user, and takes and leaves nothing.

Whoever owns the folder decides what its names lead to, so each story is tried on a process of its
own, which may let go of being root.
"""

from __future__ import annotations

import importlib
import os
import pkgutil
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

import relay
from relay.__main__ import main
from relay.commands import owner
from tests.relay.processes import ROOT, Operator, mistake

pytestmark = [
    pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else"),
    # Nothing but one command happens in the child, and nothing is held when it begins.
    pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning"),
]

SOMEBODY = 54321


@pytest.fixture
def theirs(operator: Operator) -> Iterator[Path]:
    """A stopped relay that belongs to somebody, in a place that anybody may pass through.

    All of the program is read before, since these tests may lie where somebody may not.
    """
    for module in pkgutil.walk_packages(relay.__path__, "relay."):
        importlib.import_module(module.name)
    with tempfile.TemporaryDirectory() as place:
        Path(place).chmod(0o755)
        home = Path(place, "home")
        operator("init", home / "relay", "--listen", "127.0.0.1:7443", "--open")
        _give(home)
        yield home / "relay"


def _stay(user: int, group: int) -> None:
    """What the mutants do instead."""


def _give(folder: Path) -> None:
    for path in (folder, *folder.rglob("*")):
        os.chown(path, SOMEBODY, SOMEBODY)


def by_root(*arguments: object) -> int:
    """The exit code of a command that root gives."""
    child = os.fork()
    if not child:
        os._exit(main([str(each) for each in arguments]))
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def _owners(folder: Path) -> set[int]:
    return {path.lstat().st_uid for path in folder.rglob("*")}


def leaves_nothing(theirs: Path) -> None:
    backup = theirs.parent / "kept"
    assert by_root("invite", theirs) == 0
    assert by_root("drain", theirs) == 0
    assert by_root("rotate", theirs, "--sealing") == 0
    assert by_root("move", theirs, "--undo") == 0
    assert by_root("backup", theirs, backup) == 0
    assert by_root("restore", backup, theirs) == 0
    assert by_root("init", theirs.parent / "another", "--listen", "127.0.0.1:7443") == 0
    assert {"relay.sealing", "draining", "lock", "store.db"} <= {p.name for p in theirs.iterdir()}
    assert _owners(theirs.parent) == {SOMEBODY}


def test_root_leaves_nothing_of_its_own_in_a_folder_of_somebody_else(theirs: Path) -> None:
    leaves_nothing(theirs)


def test_mutant_that_stays_root(theirs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(owner, "_become", _stay)
    with pytest.raises(AssertionError):
        leaves_nothing(theirs)


def takes_nothing(theirs: Path) -> None:
    """Its owner lets names of the folder lead to what is root's."""
    roots = theirs.parent.parent / "root's"
    roots.mkdir()
    (roots / "secret").write_text("not the relay's")
    (theirs / "files").symlink_to(roots)
    for name in ("draining", "lock"):
        (theirs / name).unlink(missing_ok=True)
        (theirs / name).symlink_to(roots / f"new {name}")
    for command in (("drain",), ("invite",), ("status",), ("rotate", "--sealing")):
        by_root(command[0], theirs, *command[1:])
    # The folder itself is one of its names, and one that is not there yet may be.
    theirs.with_name("elsewhere").symlink_to(roots)
    os.chown(theirs.with_name("elsewhere"), SOMEBODY, SOMEBODY, follow_symlinks=False)
    by_root("init", theirs.with_name("elsewhere"))
    assert [path.name for path in roots.iterdir()] == ["secret"]
    assert _owners(roots) == {0}


def test_root_takes_nothing_of_its_own_into_a_folder_of_somebody_else(theirs: Path) -> None:
    takes_nothing(theirs)


def test_mutant_that_opens_as_root(theirs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(owner, "_become", _stay)
    with pytest.raises(AssertionError):
        takes_nothing(theirs)


def test_root_does_not_serve_there(theirs: Path, operator: Operator) -> None:
    assert f"sudo -u #{SOMEBODY}" in operator.mistake("serve", theirs)


def test_what_that_user_may_not_reach_is_one_sentence(
    theirs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    roots = theirs.parent.parent / "root's"
    said = theirs.parent / "said"
    said.touch()
    os.chown(said, SOMEBODY, SOMEBODY)
    monkeypatch.setattr("relay.__main__._complain", said.write_text)
    roots.mkdir(mode=0o700)
    assert by_root("backup", theirs, roots / "kept") == 2
    assert "may this user write there" in said.read_text()
    assert by_root("backup", theirs, theirs.parent / "kept") == 0
    shutil.move(theirs.parent / "kept", roots / "kept")
    assert by_root("restore", roots / "kept", theirs) == 2
    assert "chown -R" in said.read_text()


def test_a_program_that_its_user_may_not_read_is_one_sentence(theirs: Path) -> None:
    roots = theirs.parent.parent / "root's"
    roots.mkdir(mode=0o700)
    for name in ("relay", "protocol"):
        (roots / name).symlink_to(ROOT / name)
    command = [sys.executable, "-m", "relay", "invite", str(theirs)]
    done = subprocess.run(
        command, cwd=roots, capture_output=True, text=True, timeout=60, check=False
    )
    assert f"#{SOMEBODY}, to whom the folder belongs, may not read the program" in mistake(done)


def test_whether_it_runs_is_not_guessed_by_who_may_not_look(
    theirs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its folder is open to all, the lock in it to root only."""
    said = theirs.parent / "said"
    said.touch()
    os.chown(said, SOMEBODY, SOMEBODY)
    monkeypatch.setattr("relay.__main__._complain", said.write_text)
    assert by_root("drain", theirs) == 0
    assert by_root("status", theirs) == 0
    os.chown(theirs / "lock", 0, 0)
    (theirs / "lock").chmod(0o600)
    for command in ("status", "drain", "passes"):
        said.write_text("")
        code = by_root(command, theirs)
        assert code == (0 if command == "passes" else 2), "passes need no lock"
        assert ("may not read" in said.read_text()) is (code == 2)
