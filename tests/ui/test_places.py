"""Where the app cannot begin: one sentence, exit 2, and no traceback."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop import places
from desktop.__main__ import main
from desktop.demo import strings as demo_strings
from desktop.demo.command import open_stage, where
from desktop.strings import NO_SCREEN, SECONDS_WANTED, no_folder
from desktop.ui.start.last_words import LastWords
from desktop.ui.widgets.plain import Plain

NOBODY = ":4711"


@pytest.fixture
def no_file(tmp_path: Path) -> Path:
    """Something that is no folder."""
    path = tmp_path / "a file"
    path.write_text("of somebody's")
    return path


@pytest.fixture
def dead_display(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISPLAY", NOBODY)
    monkeypatch.delenv("QT_QPA_PLATFORM", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)


@pytest.mark.parametrize("before", [["--profile"], ["rpc", "--profile"], ["demo", "--out"]])
@pytest.mark.parametrize("below", ["", "deeper"])
def test_a_place_that_is_no_folder_is_one_sentence(
    no_file: Path,
    before: list[str],
    below: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(places, "is_at_terminal", lambda: True)
    place = no_file / below
    assert main([*before, str(place)]) == 2
    said = capsys.readouterr()
    assert (said.out, said.err) == ("", no_folder(place) + "\n")
    assert no_file.read_text() == "of somebody's"


@pytest.mark.skipif(sys.platform != "linux", reason="/proc is Linux's")
@pytest.mark.parametrize("before", [["--profile"], ["rpc", "--profile"], ["demo", "--out"]])
def test_a_place_where_nothing_can_be_made_is_one_sentence(
    before: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(places, "is_at_terminal", lambda: True)
    for place in ("/proc/nope", "/proc"):
        assert main([*before, place]) == 2
        assert capsys.readouterr().err == no_folder(Path(place)) + "\n"


def test_from_an_icon_it_is_said_in_a_window(
    no_file: Path, qtbot: QtBot, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(places, "is_at_terminal", lambda: False)
    read = list[str]()

    def look() -> None:
        for window in QApplication.topLevelWidgets():
            if isinstance(window, LastWords) and window.isVisible():
                read.extend(plain.text() for plain in window.findChildren(Plain))
                window.close()

    QTimer.singleShot(200, look)
    assert main(["--profile", str(no_file)]) == 2
    assert no_folder(no_file) in read
    assert capsys.readouterr().err == no_folder(no_file) + "\n"


@pytest.mark.parametrize("seconds", ["nan", "-1", "foo", "inf", "1e999", ""])
def test_a_time_that_is_none_is_refused_at_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], seconds: str
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["demo", "--out", str(tmp_path / "out"), "--seconds", seconds])
    assert ended.value.code == 2
    said = capsys.readouterr().err
    assert SECONDS_WANTED in said
    assert len(said.splitlines()) == 1
    assert not (tmp_path / "out").exists()


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there is always a screen")
@pytest.mark.parametrize("display", [NOBODY, "", "nonsense"])
def test_without_a_screen_it_is_said_before_qt_aborts(tmp_path: Path, display: str) -> None:
    others = ("QT_QPA_PLATFORM", "WAYLAND_DISPLAY")
    ended = subprocess.run(
        [sys.executable, "-m", "desktop", "--profile", str(tmp_path / "alice")],
        env={k: v for k, v in os.environ.items() if k not in others} | {"DISPLAY": display},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (2, "", NO_SCREEN + "\n")


@pytest.mark.parametrize(
    "chosen", [{"QT_QPA_PLATFORM": "offscreen"}, {"WAYLAND_DISPLAY": "wayland-0"}]
)
def test_a_screen_that_is_not_of_x_is_left_to_qt(chosen: dict[str, str]) -> None:
    assert places.has_screen(chosen | {"DISPLAY": NOBODY})


@pytest.mark.skipif(sys.platform != "linux", reason="the demo's screen is an X server")
@pytest.mark.usefixtures("dead_display")
async def test_the_demo_takes_its_own_screen_where_the_given_one_is_dead(tmp_path: Path) -> None:
    async with open_stage(tmp_path, watched=False) as stage:
        assert stage.alone
        assert where(stage) == demo_strings.INSTEAD_OF_GIVEN
        assert places.has_screen(stage.environment)
