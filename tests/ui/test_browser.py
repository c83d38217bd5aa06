"""Links in messages: opened in silence, and said in the window where nothing opens them."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, QUrl
from pytestqt.qtbot import QtBot

from desktop.core.models import ProfileState
from desktop.ui.conversation import strings as conversation_words
from desktop.ui.system import browser
from desktop.ui.system.browser import Browser
from tests.fakes.facade import FakeFacade
from tests.ui.conftest import Begin

LINK = "https://lindenhof.example/shed/plan?floor=1#north"
TIMEOUT_MS = 10_000


def opener(folder: Path, code: int) -> tuple[str, ...]:
    """A program that notes what it is given, talks about it, and ends with ``code``."""
    program = folder / "opener.py"
    program.write_text(
        "import pathlib, sys\n"
        f"pathlib.Path({str(folder / 'taken')!r}).write_text(sys.argv[1])\n"
        "print(sys.argv[1])\n"
        "print(sys.argv[1], file=sys.stderr)\n"
        f"sys.exit({code})\n"
    )
    return (sys.executable, str(program))


@pytest.mark.parametrize("words", [("nobody-has-this-program",), None])
def test_a_link_that_nothing_opens_is_said_so_and_by_nobody_else(
    tmp_path: Path, qtbot: QtBot, capfd: pytest.CaptureFixture[str], words: tuple[str, ...] | None
) -> None:
    owner = QObject()
    links = Browser(owner, opener(tmp_path, 4) if words is None else words)
    with qtbot.waitSignal(links.failed, timeout=TIMEOUT_MS):
        links.open(QUrl(LINK))
    assert capfd.readouterr() == ("", "")


def test_a_link_is_given_whole_and_in_silence(
    tmp_path: Path, qtbot: QtBot, capfd: pytest.CaptureFixture[str]
) -> None:
    owner = QObject()
    links = Browser(owner, opener(tmp_path, 0))
    with qtbot.assertNotEmitted(links.failed, wait=300):
        links.open(QUrl(LINK))
        qtbot.waitUntil((tmp_path / "taken").exists, timeout=TIMEOUT_MS)
    assert (tmp_path / "taken").read_text() == LINK
    assert capfd.readouterr() == ("", "")


def test_only_links_to_the_web_are_given_away(tmp_path: Path, qtbot: QtBot) -> None:
    owner = QObject()
    links = Browser(owner, opener(tmp_path, 1))
    with qtbot.assertNotEmitted(links.failed, wait=300):
        for link in ("file:///etc/passwd", "javascript:1", "mailto:bob@example.org", "--help"):
            links.open(QUrl(link))
    assert not (tmp_path / "taken").exists()


def test_the_member_is_told_in_the_window(
    tmp_path: Path, qtbot: QtBot, begin: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Browser.__init__, "__defaults__", (opener(tmp_path, 3),))
    stage = begin(FakeFacade(ProfileState.UNLOCKED))
    told = list[str]()
    assert stage.window.ctx is not None
    stage.window.ctx.told.connect(told.append)
    stage.shell.page.pane.link_activated.emit(LINK)
    qtbot.waitUntil(lambda: told == [conversation_words.LINK_NOT_OPENED], timeout=TIMEOUT_MS)
    assert browser.OPENER == ("xdg-open",)
