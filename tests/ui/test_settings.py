"""Settings: each switch does at once what its line says."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QCursor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop.core import errors
from desktop.core.models import ProfileState, RelayState, Trouble
from desktop.ui import strings
from desktop.ui.conversation.contact import RenameDialog
from desktop.ui.settings import strings as settings_words
from desktop.ui.settings.lock import Lock
from desktop.ui.settings.parts import together
from desktop.ui.settings.relays import Relays
from desktop.ui.settings.sections import Appearance, Notifications, Others
from desktop.ui.theme import Mode
from desktop.ui.tokens import DARK, LIGHT
from desktop.ui.widgets import strings as widgets_words
from desktop.ui.widgets.plain import Plain
from tests.fakes.facade import FakeFacade
from tests.screens.cast import lively
from tests.ui.conftest import Begin


def test_the_theme_changes_at_once_and_is_remembered(begin: Begin) -> None:
    stage = begin(FakeFacade())
    stage.shell.show_settings(strings.SET_APPEARANCE)
    page = stage.shell.settings.findChild(Appearance)
    assert isinstance(page, Appearance)
    theme = page.theme
    before = stage.window.grab().toImage()
    page.modes[Mode.DARK].click()
    stage.settle()
    assert theme.tokens == DARK
    assert stage.window.grab().toImage() != before
    page.modes[Mode.LIGHT].click()
    assert {theme.tokens.dark} == {LIGHT.dark}


def test_the_system_is_followed_when_it_is_asked_for(begin: Begin) -> None:
    stage = begin(FakeFacade())
    assert stage.window.ctx is not None
    theme = stage.window.ctx.theme
    theme.set_mode(Mode.SYSTEM)
    theme.set_system_dark(True)
    assert theme.tokens == DARK
    theme.set_system_dark(False)
    assert {theme.tokens.dark} == {False}
    theme.set_mode(Mode.LIGHT)
    theme.set_system_dark(True)
    assert {theme.tokens.dark} == {False}


def test_read_receipts_and_notifications_are_kept_in_the_vault(begin: Begin) -> None:
    alice = FakeFacade()
    stage = begin(alice)
    stage.shell.show_settings(strings.SET_OTHERS)
    others = stage.shell.settings.findChild(Others)
    assert isinstance(others, Others)
    others.switch.click()
    assert not alice.kept_settings.read_receipts
    stage.shell.show_settings(settings_words.SET_NOTIFICATIONS)
    notifications = stage.shell.settings.findChild(Notifications)
    assert isinstance(notifications, Notifications)
    notifications.switch.click()
    assert not alice.kept_settings.notifications
    assert not alice.kept_settings.read_receipts  # one switch does not undo the other


def test_the_passphrase_is_changed_with_the_old_one(qtbot: QtBot, begin: Begin) -> None:
    alice = FakeFacade(passphrase="four kilns")
    stage = begin(alice)
    stage.shell.show_settings(settings_words.SET_LOCK)
    page = stage.shell.settings.findChild(Lock)
    assert isinstance(page, Lock)
    page.old.setText("five kilns")
    page.new.setText("a slow river")
    page.again.setText("a slow river")
    page.change.setFocus()
    page.change.click()
    wrong = strings.sentence(errors.WrongPassphrase())
    qtbot.waitUntil(lambda: page.old_problem.text() == wrong)
    assert alice.passphrase == "four kilns"
    assert QApplication.focusWidget() is page.old
    QTest.keyClicks(page.old, "four kilns")  # over what was wrong: it is selected
    QTest.keyClick(page.old, Qt.Key.Key_Return)
    assert {alice.passphrase} == {"a slow river"}
    assert QApplication.focusWidget() is page.old
    assert page.old.text() == page.new.text() == page.again.text() == ""


def test_a_new_passphrase_anybody_would_guess_is_not_taken(qtbot: QtBot, begin: Begin) -> None:
    alice = FakeFacade(passphrase="four kilns")
    stage = begin(alice)
    stage.shell.show_settings(settings_words.SET_LOCK)
    page = stage.shell.settings.findChild(Lock)
    assert isinstance(page, Lock)
    for field, text in ((page.old, "four kilns"), (page.new, "aa"), (page.again, "aa")):
        field.setText(text)
    page.change.click()
    qtbot.waitUntil(lambda: bool(page.new.property("wrong")), timeout=5000)
    assert page.strength.said == " ".join(widgets_words.STRENGTH_REFUSED)
    stage.window.resize(600, 700)
    stage.settle()
    [said] = page.strength.findChildren(Plain)
    assert said.height() >= said.heightForWidth(said.width())
    assert QApplication.focusWidget() is page.new
    assert alice.passphrase == "four kilns"


def test_of_what_excludes_each_other_a_screen_reader_says_which_is_on(begin: Begin) -> None:
    stage = begin(lively()[0])
    stage.shell.show_settings(strings.SET_APPEARANCE)
    page = stage.shell.settings.findChild(Appearance)
    assert isinstance(page, Appearance)
    shell = stage.shell
    page.modes[Mode.LIGHT].click()
    for on, off in (
        (page.modes[Mode.LIGHT], page.modes[Mode.DARK]),
        (page.scales[100], page.scales[150]),
        (shell.list.all, shell.list.unread),
        (shell.rail.settings, shell.rail.conversations),
    ):
        faces = [QAccessible.queryAccessibleInterface(one) for one in (on, off)]
        assert {face.role() for face in faces} == {QAccessible.Role.RadioButton}
        assert [bool(face.state().checked) for face in faces] == [True, False]


def test_lock_now_locks(begin: Begin) -> None:
    alice = FakeFacade()
    stage = begin(alice)
    stage.shell.show_settings(settings_words.SET_LOCK)
    page = stage.shell.settings.findChild(Lock)
    assert isinstance(page, Lock)
    page.lock.click()
    assert alice.state is ProfileState.LOCKED


def test_settings_can_be_searched(begin: Begin) -> None:
    stage = begin(FakeFacade())
    stage.shell.show_settings()
    column = stage.shell.settings.column
    column.search.setText("dark")
    shown = [button.text().strip() for button in column.buttons if button.isVisible()]
    assert shown == [strings.SET_APPEARANCE]
    column.search.setText("zzz")
    assert not any(button.isVisible() for button in column.buttons)


def test_a_relay_that_is_away_says_why_and_can_be_tried(begin: Begin) -> None:
    alice = FakeFacade()
    alice.set_relay("one.example")
    alice.set_relay("two.example", RelayState.OFFLINE, Trouble.UNREACHABLE)
    stage = begin(alice)
    stage.shell.show_settings(strings.SET_RELAYS)
    page = stage.shell.settings.findChild(Relays)
    assert isinstance(page, Relays)
    assert not page.relays[0].again.isVisible()
    page.relays[1].again.click()
    assert alice.heard[-1] == "nudge"


def test_a_contact_is_renamed_on_this_side(qtbot: QtBot, begin: Begin) -> None:
    clara, hana = lively()
    stage = begin(clara)
    stage.shell.open_conversation(hana.conversation_id)
    stage.shell.page.header.rename_wanted.emit()
    dialog = stage.window.findChild(RenameDialog)
    assert isinstance(dialog, RenameDialog)
    dialog.field.setText("   ")
    dialog.save.click()
    assert dialog.problem.text() == strings.sentence(errors.NameMissing())
    dialog.field.selectAll()
    QTest.keyClicks(dialog.field, "Hana, kiln")
    dialog.save.click()
    qtbot.waitUntil(lambda: stage.shell.page.header.name.text() == "Hana, kiln")


def test_enter_in_the_search_goes_nowhere_that_a_second_enter_would_lock(begin: Begin) -> None:
    stage = begin(lively()[0])
    stage.shell.show_settings(strings.SET_YOU)
    column = stage.shell.settings.column
    column.search.setFocus()
    column.search.setText(settings_words.SET_LOCK)
    QTest.keyClick(column.search, Qt.Key.Key_Return)
    now = QApplication.focusWidget()
    assert now is not None
    QTest.keyClick(now, Qt.Key.Key_Return)
    stage.settle()
    assert stage.shell.isVisible()


def test_a_section_that_moved_away_from_the_pointer_is_not_lit(begin: Begin) -> None:
    stage = begin(lively()[0])
    stage.shell.show_settings(strings.SET_YOU)
    column = stage.shell.settings.column
    button = next(one for one in column.buttons if one.accessibleName() == settings_words.SET_ABOUT)
    place = button.mapToGlobal(button.rect().center())
    QCursor.setPos(place)
    button.setAttribute(Qt.WidgetAttribute.WA_UnderMouse)
    column.search.setText(settings_words.ABOUT_LICENCES)
    stage.settle()
    assert button.isVisible()
    assert not button.underMouse()


def test_folded_a_section_has_a_way_back_to_the_others(begin: Begin) -> None:
    stage = begin(lively()[0])
    stage.window.resize(640, 700)
    stage.shell.show_settings(settings_words.SET_ABOUT)
    stage.settle()
    settings = stage.shell.settings
    assert settings.back.isVisible()
    assert not settings.column.isVisible()
    settings.back.click()
    stage.settle()
    assert settings.column.isVisible()
    stage.window.resize(1280, 800)
    stage.settle()
    assert not settings.back.isVisible()


def test_no_last_word_stands_alone() -> None:
    text = "Each line says what another person learns from you, and what not."
    assert together(text).endswith(", and\u00a0what\u00a0not.")
    assert together(text).replace("\u00a0", " ") == text
    assert together("Only you.") == "Only you."
