"""The app as a process: it ends through one exit, cleans up, and is there once a profile."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Generator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from desktop.__main__ import main
from desktop.ui import strings
from desktop.ui.system.only_one import OnlyOne

TIMEOUT_S = 30


@pytest.fixture
def run_dir(monkeypatch: pytest.MonkeyPatch) -> Generator[Path]:
    """Short, as a real one is: a socket's path has 103 bytes, a test's folder nearly as many."""
    with tempfile.TemporaryDirectory(prefix="run-") as name:
        monkeypatch.setenv("XDG_RUNTIME_DIR", name)
        monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS", raising=False)
        yield Path(name)


def start(folder: Path, wish: str = "") -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.ui.app_main", str(folder), wish],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"QT_QPA_PLATFORM": "offscreen"},
    )


def wait_for(process: subprocess.Popen[str], line: str) -> None:
    assert process.stdout is not None
    for said in process.stdout:
        if said.strip() == line:
            return
    raise AssertionError(f"never said {line!r}")


@pytest.mark.usefixtures("run_dir")
def test_closing_the_window_waits_for_the_engine(tmp_path: Path) -> None:
    process = start(tmp_path / "alice", "close")
    said, wrong = process.communicate(timeout=TIMEOUT_S)
    assert process.returncode == 0, wrong
    assert said.splitlines()[-1] == "engine closed"


@pytest.mark.usefixtures("run_dir")
def test_the_collector_rests_during_the_start_alone(tmp_path: Path) -> None:
    process = start(tmp_path / "alice", "settle")
    said, wrong = process.communicate(timeout=TIMEOUT_S)
    assert process.returncode == 0, wrong
    assert "the collector is asked" in said


@pytest.mark.usefixtures("run_dir")
def test_sigterm_ends_it_cleanly(tmp_path: Path) -> None:
    process = start(tmp_path / "alice")
    wait_for(process, "page")
    process.send_signal(signal.SIGTERM)
    said, wrong = process.communicate(timeout=TIMEOUT_S)
    assert process.returncode == 0, wrong
    assert "engine closed" in said


@pytest.mark.usefixtures("run_dir")
@pytest.mark.parametrize(
    ("wish", "kind"),
    [
        ("crash-slot", "RuntimeError"),
        ("crash-engine", "RuntimeError"),
        ("crash-paint", "AttributeError"),
    ],
)
def test_an_error_nobody_handled_ends_the_program_with_a_sentence(
    tmp_path: Path, wish: str, kind: str
) -> None:
    process = start(tmp_path / "alice", wish)
    said, wrong = process.communicate(timeout=TIMEOUT_S)
    assert process.returncode == 1, wrong
    assert strings.UNEXPECTED in wrong
    assert kind in wrong
    assert "QBackingStore" not in wrong, "no painter is left"
    assert "what somebody wrote" not in wrong
    assert "engine closed" in said
    read = [line for line in said.splitlines() if line.startswith("read:")]
    assert read == [f"read: {strings.UNEXPECTED}"]


@pytest.mark.usefixtures("run_dir")
def test_a_profile_that_cannot_be_opened_is_said_in_the_window(tmp_path: Path) -> None:
    process = start(tmp_path / "alice", "cannot-open")
    wait_for(process, "shown")
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(2)
    process.send_signal(signal.SIGTERM)
    _, wrong = process.communicate(timeout=TIMEOUT_S)
    assert process.returncode == 0
    assert wrong == ""


@pytest.mark.usefixtures("run_dir")
def test_a_second_start_leaves_at_once_and_the_first_goes_on(tmp_path: Path) -> None:
    first = start(tmp_path / "alice")
    wait_for(first, "page")
    second = start(tmp_path / "alice")
    said, wrong = second.communicate(timeout=TIMEOUT_S)
    assert (second.returncode, said) == (0, ""), wrong
    assert first.poll() is None
    other = start(tmp_path / "bob", "close")
    said, _ = other.communicate(timeout=TIMEOUT_S)
    assert "shown" in said
    first.send_signal(signal.SIGTERM)
    first.communicate(timeout=TIMEOUT_S)
    assert first.returncode == 0


def test_a_killed_first_one_is_replaced(tmp_path: Path, run_dir: Path) -> None:
    first = start(tmp_path / "alice")
    wait_for(first, "page")
    first.kill()
    first.communicate(timeout=TIMEOUT_S)
    assert list(run_dir.iterdir())  # the socket it left behind
    second = start(tmp_path / "alice", "close")
    said, wrong = second.communicate(timeout=TIMEOUT_S)
    assert second.returncode == 0, wrong
    assert "shown" in said


@pytest.mark.parametrize("name", ["run", "a folder that is " + "very " * 30 + "deep"])
def test_a_second_start_is_noticed_wherever_sockets_lie(
    tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    run, temporary = tmp_path / name, Path(tempfile.mkdtemp())
    run.mkdir(mode=0o700)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(run))
    monkeypatch.setenv("TMPDIR", str(temporary))
    first = OnlyOne(tmp_path / "alice")
    assert not first.is_second()
    assert first.listen()
    with qtbot.waitSignal(first.asked_forward):
        assert OnlyOne(tmp_path / "alice").is_second()
    assert not OnlyOne(tmp_path / "bob").is_second()
    shutil.rmtree(temporary)


def test_a_folder_of_somebody_elses_is_no_place_for_a_socket(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    run, temporary = tmp_path / ("very " * 30), Path(tempfile.mkdtemp())
    run.mkdir(mode=0o700)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(run))
    monkeypatch.setenv("TMPDIR", str(temporary))
    (temporary / f"aside-{os.getuid()}").mkdir(mode=0o777)
    (temporary / f"aside-{os.getuid()}").chmod(0o777)
    alice = OnlyOne(tmp_path / "alice")
    assert not alice.is_second()
    assert not alice.listen()
    assert "later starts will not find this one" in caplog.text
    shutil.rmtree(temporary)


@pytest.mark.parametrize(
    "words", [["--nonsense"], ["--profile"], ["rpc"], ["rpc", "--profile", "x", "y"], ["dance"]]
)
def test_wrong_use_is_one_sentence_and_two(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert ended.value.code == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert len(said.err.splitlines()) == 1


def test_rpc_loads_no_qt() -> None:
    code = (
        "import sys, desktop.__main__, desktop.rpc.stdio, desktop.engine.engine;"
        "sys.exit(any(name.startswith('PySide6') for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
