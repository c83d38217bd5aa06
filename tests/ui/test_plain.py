"""What a person or a stranger typed is text: a canary that would open a file opens none."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from desktop.core.models import PersonInvitation
from desktop.ui.theme import Theme
from desktop.ui.widgets.plain import Plain, tip
from protocol.ids import MemberId
from tests.fakes.facade import FakeFacade
from tests.screens.cast import PERSON_LINK
from tests.ui.conftest import Begin

RED = '<table bgcolor="#FF0000" width="400"><tr><td height="200">&nbsp;</td></tr></table>'


def canary(folder: Path) -> str:
    return f'<img src="{(folder / "canary.png").as_uri()}">{RED}'


def has_red(widget: QWidget) -> bool:
    """A stretch of a few pixels."""
    image = widget.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    return b"\x00\x00\xff\xff" * 8 in bytes(image.constBits())


def test_the_canary_sings_in_a_label_that_guesses(qtbot: QtBot, tmp_path: Path) -> None:
    guessing = QLabel(canary(tmp_path))
    qtbot.addWidget(guessing)
    assert has_red(guessing)


def test_a_plain_label_shows_it_as_text(qtbot: QtBot, theme: Theme, tmp_path: Path) -> None:
    plain = Plain(theme, canary(tmp_path), wrap=True)
    qtbot.addWidget(plain)
    assert plain.textFormat() is Qt.TextFormat.PlainText
    assert not has_red(plain)


def test_a_tip_is_escaped(qtbot: QtBot, tmp_path: Path) -> None:
    widget = QWidget()
    qtbot.addWidget(widget)
    tip(widget, canary(tmp_path))
    assert "<img" not in widget.toolTip()
    assert "&lt;img" in widget.toolTip()


def test_no_page_takes_what_somebody_typed_for_markup(begin: Begin, tmp_path: Path) -> None:
    bad = canary(tmp_path)
    alice = FakeFacade(name=bad)
    alice.set_relay(bad)
    bob = alice.befriend(bad)
    alice.arrive(bob, bad, quiet=True)
    alice.drafts[bob.conversation_id] = bad
    alice.invitations[PERSON_LINK] = PersonInvitation(
        bad, MemberId(b"b" * 32), bad, alice.now_ms, brings_relay=True, known_as=None
    )
    stage = begin(alice)
    shell = stage.shell
    shell.open_conversation(bob.conversation_id)
    stage.settle()
    assert not has_red(stage.window)
    shell.page.header.safety_wanted.emit()
    stage.settle()
    assert not has_red(stage.window)
    shell.doors.enter_invitation()
    stage.window.toast.tell(bad)
    stage.settle()
    assert not has_red(stage.window)
    for section in range(8):
        shell.settings.show_section(section)
        shell.show_settings(shell.settings.names[section][1])
        stage.settle(0.05)
        assert not has_red(stage.window)
    for label in stage.window.findChildren(QLabel):
        assert label.textFormat() is Qt.TextFormat.PlainText or not label.text(), label
    for widget in stage.window.findChildren(QWidget):
        assert "<img" not in widget.toolTip()
