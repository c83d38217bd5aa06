"""The demo, told on a virtual screen; and told where it must not succeed."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import trio
from PySide6.QtGui import QImage

from desktop.demo import command, strings
from desktop.demo.person import NotSeen, Person
from desktop.demo.stage import Guest
from desktop.demo.story import LARGE
from desktop.demo.transcript import Transcript
from desktop.ui.strings import UNEXPECTED
from tests.windows.cast import screen

ROOT = Path(__file__).parents[2]
BLANK = ("-m", "tests.windows.program", "blank")
PICTURES = {
    "01-first-start-name-alice",
    "04-invite-alice",
    "05-conversation-light-alice",
    "05-conversation-dark-alice",
    "05-conversation-dark-small-alice",
    "07-unlock-bob",
    "09-keys-light-alice",
    "10-settings-light-alice",
    "11-locked-dark-alice",
    *(
        f"{name}-{look}-{who}"
        for look in ("light", "dark")
        for name, who in (
            ("12-room-link", "alice"),
            ("12-room-door", "bob"),
            ("13-stage", "alice"),
            ("14-people", "alice"),
            ("15-queue", "alice"),
            ("15-board", "bob"),
            ("16-removed", "alice"),
            ("17-request", "bob"),
            ("18-aside", "bob"),
            ("18-aside", "alice"),
        )
    ),
}
EVENING = (
    strings.ENTERED,
    strings.MODERATES,
    strings.QUEUED,
    strings.REMOVED,
    strings.TOGETHER,
    strings.ONE_ORDER,
)


def demo(out: Path, *options: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "desktop", "demo", "--out", str(out), *options],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )


def left_over(out: Path) -> list[str]:
    """Processes that carry this run's mark in their environment."""
    mark = f"ASIDE_TEST={out}".encode()
    found = list[str]()
    for entry in Path("/proc").iterdir():
        if not entry.name.isdecimal() or int(entry.name) == os.getpid():
            continue
        try:
            if mark in (entry / "environ").read_bytes().split(b"\0"):
                found.append((entry / "cmdline").read_bytes().decode(errors="replace"))
        except (PermissionError, FileNotFoundError, ProcessLookupError):
            continue  # somebody else's, or over meanwhile
    return found


@pytest.fixture
def temporary() -> Iterator[Path]:
    """An empty folder with a short name, as the system's is: sockets are made below it."""
    with tempfile.TemporaryDirectory(prefix="a") as folder:
        yield Path(folder)


def test_two_desktops_see_each_other_and_nothing_is_left(tmp_path: Path, temporary: Path) -> None:
    out = tmp_path / "out"
    run = demo(out, "--people", "5", TMPDIR=str(temporary), ASIDE_TEST=str(out))
    assert run.returncode == 0, run.stdout + run.stderr
    said = (out / "transcript.txt").read_text("utf-8")
    assert said == run.stdout
    for _, words in strings.TALK:
        assert strings.short(words) in said
    where = strings.RELAY_ADDED.format(name="(Alice|Bob)", place="(.*)")
    relays = dict[str, str](re.findall(where, said))
    assert relays.keys() == {"Alice", "Bob"}
    assert len(set(relays.values())) == 2, "each at a relay of their own"
    count = len(strings.TALK) + len(strings.WHILE_AWAY) + 2
    assert strings.DONE.format(count=count) in said
    for told in EVENING:
        assert told.split("}")[1].split("{")[0] in said, told
    made = {file.stem for file in out.glob("*.png")}
    assert made >= PICTURES
    large = QImage(str(out / "05-conversation-light-alice.png"))
    assert (large.width(), large.height()) == (1280, 800)
    assert list(temporary.iterdir()) == []
    assert left_over(out) == []


async def test_on_a_display_it_plays_by_itself_and_leaves_the_windows(tmp_path: Path) -> None:
    async with screen() as virtual:
        out = tmp_path / "out"
        given = {**virtual.environment, "ASIDE_TEST": str(out)}
        options = ("--seconds", "0", "--people", "0")
        run = await trio.to_thread.run_sync(lambda: demo(out, *options, **given))
        assert run.returncode == 0, run.stdout + run.stderr
        assert strings.YOURS in run.stdout
        assert left_over(out) == []


def test_asked_to_end_it_leaves_nothing_behind(tmp_path: Path, temporary: Path) -> None:
    out = tmp_path / "out"
    run = subprocess.Popen(
        [sys.executable, "-m", "desktop", "demo", "--out", str(out)],
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(temporary), "ASIDE_TEST": str(out)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert run.stdout is not None
    assert strings.ON_VIRTUAL in run.stdout.readline()
    run.terminate()
    rest, _ = run.communicate(timeout=60)
    assert run.returncode == 1
    assert "Every one of" not in rest
    assert list(temporary.iterdir()) == []
    assert left_over(out) == []


def test_mutant_windows_that_paint_no_words_make_it_fail(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(ROOT)
    code = command.run_demo(tmp_path, None, BLANK, patience_s=6)
    said = capsys.readouterr().out
    assert code == 1
    assert strings.A_MESSAGE.format(words=strings.short(strings.GREETING)) in said
    assert (tmp_path / "failed-bob.png").exists()


async def test_an_error_in_one_window_ends_the_demo_whoever_plays_with_the_other(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    given = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "XDG_RUNTIME_DIR": str(tmp_path)}
    tmp_path.chmod(0o700)
    alice, bob = (
        Person(name, "", tmp_path / name, ("-m", "tests.windows.program", engine))
        for name, engine in (("alice", "fake"), ("bob", "broken"))
    )
    transcript = Transcript(tmp_path / "transcript.txt", trio.current_time, lambda _: None)
    with trio.fail_after(60):
        async with alice.at_the_desk(given), bob.at_the_desk(given):
            await alice.look()
            with pytest.raises(NotSeen, match="bob's desktop ended with code 1"):
                await command.linger(Guest(given, watched=False), (alice, bob), None, transcript)
            assert not alice.here
    assert UNEXPECTED in capfd.readouterr().err


async def test_on_a_display_the_two_windows_stand_beside_each_other(tmp_path: Path) -> None:
    given = {**os.environ, "XDG_RUNTIME_DIR": str(tmp_path)}
    tmp_path.chmod(0o700)
    alice, bob = (
        Person(name, "", tmp_path / name, ("-m", "tests.windows.program", "fake"))
        for name in ("alice", "bob")
    )
    guest = Guest(given, watched=False)
    with trio.fail_after(60):
        async with alice.at_the_desk(given), bob.at_the_desk(given):
            for place, person in enumerate((alice, bob)):
                await person.look()
                await guest.arrange(person, place, *LARGE)
            left, right = (await alice.look()).at, (await bob.look()).at
    assert left.x + left.width < right.x
    assert (left.width, left.height) == (right.width, right.height)
    assert left.height == 800


def test_without_a_virtual_screen_it_says_what_to_install(tmp_path: Path) -> None:
    run = demo(tmp_path, PATH=str(tmp_path))
    assert run.returncode == 2
    assert "packaging/system-packages.sh" in run.stderr
    assert run.stderr.count("\n") == 1
