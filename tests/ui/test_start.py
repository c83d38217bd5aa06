"""First start and unlock: two steps, one field, one sentence for what is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop.core import errors
from desktop.core.models import ProfileState
from desktop.ui import strings
from desktop.ui.prefs import Prefs
from desktop.ui.start import strings as start_words
from desktop.ui.start.cover import Trouble
from desktop.ui.theme import Theme
from desktop.ui.widgets import strings as widgets_words
from desktop.ui.widgets.notes import Note
from desktop.ui.window import Window
from tests.fakes.calls import DirectCalls
from tests.fakes.facade import FakeFacade
from tests.screens.cast import fresh
from tests.screens.scenes import Stage
from tests.ui.conftest import Begin


def test_first_start_makes_a_profile(qtbot: QtBot, begin: Begin) -> None:
    alice = FakeFacade(ProfileState.NONE)
    stage = begin(alice)
    page = stage.first_start
    assert not page.name_step.go.isEnabled()
    QTest.keyClicks(page.name_step.name, "Alice Moreau")
    QTest.keyClick(page.name_step.name, Qt.Key.Key_Return)
    step = page.passphrase_step
    QTest.keyClicks(step.passphrase, "four kilns and a slow river")
    assert not step.go.isEnabled()
    QTest.keyClicks(step.again, "four kilns and a slow river")
    assert step.go.isEnabled()
    QTest.keyClick(step.again, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: alice.state is ProfileState.UNLOCKED)
    assert alice.me.name == "Alice Moreau"
    assert alice.passphrase == "four kilns and a slow river"
    assert stage.shell.hello.title.text() == "Hello Alice Moreau"


def test_two_passphrases_that_differ_are_not_taken(begin: Begin) -> None:
    alice = FakeFacade(ProfileState.NONE)
    page = begin(alice).first_start
    page.name_step.name.setText("Alice")
    page.name_step.go.click()
    page.passphrase_step.passphrase.setText("four kilns")
    page.passphrase_step.again.setText("four kiln")
    QTest.keyClick(page.passphrase_step.again, Qt.Key.Key_Return)
    assert page.passphrase_step.problem.text() == strings.NOT_THE_SAME
    assert alice.state is ProfileState.NONE


def test_passphrases_that_differ_are_said_on_leaving_the_second(begin: Begin) -> None:
    page = begin(FakeFacade(ProfileState.NONE)).first_start
    page.name_step.name.setText("Alice")
    page.name_step.go.click()
    step = page.passphrase_step
    QTest.keyClicks(step.passphrase, "four kilns")
    step.again.setFocus()
    QTest.keyClicks(step.again, "four kiln")
    assert step.problem.isHidden()
    QTest.keyClick(step.again, Qt.Key.Key_Backtab)
    assert step.problem.text() == strings.NOT_THE_SAME
    assert step.problem.isVisible()
    step.passphrase.setText("four kiln")
    assert step.problem.isHidden()


def test_a_passphrase_anybody_would_guess_is_not_taken(qtbot: QtBot, begin: Begin) -> None:
    alice = FakeFacade(ProfileState.NONE)
    page = begin(alice).first_start
    page.name_step.name.setText("Alice")
    page.name_step.go.click()
    step = page.passphrase_step
    for _ in range(2):
        QTest.keyClicks(QApplication.focusWidget() or page, "abc")
        QTest.keyClick(QApplication.focusWidget() or page, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: bool(step.passphrase.property("wrong")), timeout=5000)
    assert step.strength.said == " ".join(widgets_words.STRENGTH_REFUSED)
    assert QApplication.focusWidget() is step.passphrase
    assert alice.state is ProfileState.NONE
    step.passphrase.selectAll()
    QTest.keyClicks(step.passphrase, "four kilns")
    assert not step.passphrase.property("wrong")
    step.again.setText("four kilns")
    step.go.click()
    qtbot.waitUntil(lambda: alice.state is ProfileState.UNLOCKED)


def test_a_name_that_is_too_long_is_said_and_kept_as_typed(begin: Begin) -> None:
    step = begin(FakeFacade(ProfileState.NONE)).first_start.name_step
    QTest.keyClicks(step.name, "a" * 65)
    assert step.problem.text() == strings.sentence(errors.NameTooLong())
    assert step.problem.isVisible()
    assert len(step.name.text()) == 65
    assert not step.go.isEnabled()
    QTest.keyClick(step.name, Qt.Key.Key_Return)
    assert step.isVisible()
    QTest.keyClick(step.name, Qt.Key.Key_Backspace)
    assert step.problem.isHidden()
    assert step.go.isEnabled()


def test_it_is_said_that_a_lost_passphrase_cannot_be_reset(begin: Begin) -> None:
    page = begin(FakeFacade(ProfileState.NONE)).first_start
    page.name_step.name.setText("Alice")
    page.name_step.go.click()
    notes = page.passphrase_step.findChildren(Note)
    [said] = [note.words.text() for note in notes if note.isVisible()]
    assert "passphrase cannot be reset" in said


def test_strength_is_said_in_words(qtbot: QtBot, begin: Begin) -> None:
    page = begin(FakeFacade(ProfileState.NONE)).first_start
    page.name_step.name.setText("Alice")
    page.name_step.go.click()
    strength = page.passphrase_step.strength
    page.passphrase_step.passphrase.setText("password")
    qtbot.waitUntil(lambda: strength.said.startswith(widgets_words.STRENGTH[0][0]), timeout=5000)
    page.passphrase_step.passphrase.setText("four kilns and a slow river " * 20)
    qtbot.waitUntil(
        lambda: not strength.said.startswith(widgets_words.STRENGTH[0][0]), timeout=5000
    )


def test_a_wrong_passphrase_gets_one_sentence_and_no_hint(begin: Begin) -> None:
    alice = FakeFacade(ProfileState.LOCKED, passphrase="four kilns")
    stage = begin(alice)
    unlock = stage.unlock
    QTest.keyClicks(unlock.passphrase, "five kilns")
    QTest.keyClick(unlock.passphrase, Qt.Key.Key_Return)
    assert unlock.problem.text() == strings.sentence(errors.WrongPassphrase())
    assert {alice.state} == {ProfileState.LOCKED}
    assert unlock.passphrase.isEnabled()
    unlock.passphrase.clear()
    QTest.keyClicks(unlock.passphrase, "four kilns")
    QTest.keyClick(unlock.passphrase, Qt.Key.Key_Return)
    assert alice.state is ProfileState.UNLOCKED
    assert stage.shell.isVisible()


def test_while_the_key_is_derived_nothing_can_be_asked_twice(begin: Begin) -> None:
    alice = FakeFacade(ProfileState.LOCKED)
    stage = begin(alice)
    stage.calls.hold = True
    stage.unlock.passphrase.setText("four kilns")
    stage.unlock.go.click()
    assert not stage.unlock.go.isEnabled()
    assert stage.unlock.go.text() == start_words.UNLOCKING
    stage.calls.let_go()
    assert alice.heard.count("profile_unlock") == 1


def test_every_reason_not_to_open_is_said(begin: Begin) -> None:
    for error in (errors.VaultInUse(), errors.VaultFull()):
        alice = FakeFacade(ProfileState.LOCKED)
        alice.failures["profile_unlock"] = error
        stage = begin(alice)
        stage.unlock.passphrase.setText("four kilns")
        stage.unlock.go.click()
        assert stage.unlock.problem.text() == strings.sentence(error)


@pytest.mark.parametrize("error", [errors.VaultNewer(), errors.VaultDamaged()])
def test_what_no_passphrase_opens_is_not_said_of_the_passphrase(
    begin: Begin, error: errors.AsideError
) -> None:
    alice = FakeFacade(ProfileState.LOCKED)
    alice.failures["profile_unlock"] = error
    stage = begin(alice)
    stage.unlock.passphrase.setText("four kilns")
    stage.unlock.go.click()
    stage.settle()
    trouble = stage.window.cover.findChild(Trouble)
    assert isinstance(trouble, Trouble)
    assert trouble.empty.text.text() == strings.sentence(error)
    assert QApplication.focusWidget() is trouble.empty.action
    alice.failures.clear()  # the newer version was installed, or the copy put in its place
    QTest.keyClick(trouble.empty.action, Qt.Key.Key_Return)
    stage.settle()
    assert QApplication.focusWidget() is stage.unlock.passphrase
    assert stage.unlock.passphrase.text() == ""


def waiting(theme: Theme, tmp_path: Path, qtbot: QtBot) -> Window:
    """Painted, and the engine is not there yet."""
    window = Window(theme, Prefs(tmp_path / "window.ini"))
    qtbot.addWidget(window)
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    return window


def test_what_is_typed_before_there_is_a_field_is_not_lost(
    theme: Theme, tmp_path: Path, qtbot: QtBot
) -> None:
    window = waiting(theme, tmp_path, qtbot)
    QTest.keyClicks(window, "four kilns!")
    QTest.keyClick(window, Qt.Key.Key_Backspace)
    stage = Stage(window, DirectCalls())
    stage.begin(fresh(ProfileState.LOCKED))
    QTest.keyClicks(stage.unlock.passphrase, " and")
    assert stage.unlock.passphrase.text() == "four kilns and"


def test_entered_before_there_is_a_field_it_unlocks(
    theme: Theme, tmp_path: Path, qtbot: QtBot
) -> None:
    window = waiting(theme, tmp_path, qtbot)
    clara = fresh(ProfileState.LOCKED)
    QTest.keyClicks(window, clara.passphrase)
    QTest.keyClick(window, Qt.Key.Key_Return)
    stage = Stage(window, DirectCalls())
    stage.begin(clara)
    assert stage.shell.isVisible()


def test_a_name_entered_before_there_was_a_field_is_followed_by_the_passphrase(
    theme: Theme, tmp_path: Path, qtbot: QtBot
) -> None:
    window = waiting(theme, tmp_path, qtbot)
    QTest.keyClicks(window, "Clara")
    QTest.keyClick(window, Qt.Key.Key_Return)
    QTest.keyClicks(window, "four")  # meant for a field that nobody has seen yet
    stage = Stage(window, DirectCalls())
    stage.begin(fresh(ProfileState.NONE))
    first = stage.first_start
    assert first.name_step.name.text() == "Clara"
    assert first.passphrase_step.isVisible()
    assert first.passphrase_step.passphrase.text() == ""


def test_a_names_end_is_counted_when_it_comes_near(begin: Begin) -> None:
    step = begin(fresh(ProfileState.NONE)).first_start.name_step
    step.name.setText("a" * 40)
    assert step.room.text() == ""
    step.name.setText("a" * 60)
    assert step.room.text() == "60 of 64"


def test_the_fields_of_the_first_pages_are_44_high(begin: Begin) -> None:
    stage = begin(fresh(ProfileState.NONE))
    first = stage.first_start
    assert first.name_step.name.height() == 44
    first.name_step.name.setText("Clara")
    first.name_step.go.click()
    stage.settle()
    assert first.passphrase_step.passphrase.height() == 44
    assert first.passphrase_step.again.height() == 44


def test_a_profile_that_lost_its_header_is_not_offered_to_be_made_anew(begin: Begin) -> None:
    alice = fresh(ProfileState.NONE)
    alice.failures["profile_state"] = errors.VaultDamaged()
    stage = begin(alice)
    trouble = stage.window.cover.findChild(Trouble)
    assert isinstance(trouble, Trouble)
    assert trouble.empty.text.text() == strings.sentence(errors.VaultDamaged())
    assert stage.window.pages.currentWidget() is stage.window.cover
