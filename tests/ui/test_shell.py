"""The shell: list, search, keys, locking, banners, folding, and what is told to whom."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QWidget
from pytestqt.qtbot import QtBot

from desktop.core import errors
from desktop.core.models import ProfileState, RelayState, State, Trouble
from desktop.core.rooms import RoomRow
from desktop.ui import strings
from desktop.ui.conversations import strings as conversations_words
from desktop.ui.conversations.rows import Heading, Row, RowModel
from desktop.ui.invitations.invite import InviteDialog
from desktop.ui.keys import KeysDialog
from desktop.ui.shell.shell import Shell
from desktop.ui.theme import Theme
from desktop.ui.widgets.buttons import Button
from desktop.ui.widgets.dialog import Ask, Dialog
from desktop.ui.widgets.plain import Plain
from tests.screens.cast import lively
from tests.screens.scenes import Stage
from tests.ui.conftest import Begin

CTRL = Qt.KeyboardModifier.ControlModifier


def names(stage: Stage) -> list[str]:
    model = stage.shell.list.list.model()
    assert isinstance(model, RowModel)
    rows = [model.row(number) for number in range(model.rowCount())]
    return [_name(row) for row in rows]


def _name(row: Row) -> str:
    match row:
        case Heading():
            return row.text
        case RoomRow():
            return row.title
        case _:
            return row.name


def press(stage: Stage, key: Qt.Key, modifier: Qt.KeyboardModifier = CTRL) -> None:
    QTest.keyClick(QApplication.focusWidget() or stage.window, key, modifier)


def test_the_list_is_newest_first_and_counts_what_is_unread(begin: Begin) -> None:
    clara, _ = lively()
    stage = begin(clara)
    assert names(stage)[:3] == ["Hana Okafor", "نور الدين", "陈小雨"]
    assert stage.window.windowTitle() == "(3) Aside"
    stage.shell.list.unread.click()
    assert names(stage) == ["نور الدين", "陈小雨"]


def test_search_finds_people_and_messages_and_enter_goes_there(qtbot: QtBot, begin: Begin) -> None:
    clara, hana = lively()
    stage = begin(clara)
    press(stage, Qt.Key.Key_K)
    search = stage.shell.list.search
    assert QApplication.focusWidget() is search
    QTest.keyClicks(search, "shelves")
    qtbot.waitUntil(lambda: names(stage) == [conversations_words.MESSAGES, "Hana Okafor"])
    QTest.keyClick(search, Qt.Key.Key_Return)
    assert stage.shell.page.conversation_id == hana.conversation_id
    assert search.text() == ""
    press(stage, Qt.Key.Key_K)
    QTest.keyClicks(search, "ruth")
    assert names(stage)[:2] == [conversations_words.PEOPLE, "Ruth Abrams"]


def test_numbers_and_arrows_go_through_the_list(qtbot: QtBot, begin: Begin) -> None:
    clara, _ = lively()
    stage = begin(clara)
    ids = [one.conversation_id for one in stage.shell.list.conversations]
    press(stage, Qt.Key.Key_2)
    assert stage.shell.page.conversation_id == ids[1]
    press(stage, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    assert stage.shell.page.conversation_id == ids[2]
    press(stage, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    assert stage.shell.page.conversation_id == ids[1]


def test_the_keys_of_the_shell(qtbot: QtBot, begin: Begin) -> None:
    stage = begin(lively()[0])
    press(stage, Qt.Key.Key_Comma)
    assert stage.shell.settings.isVisible()
    press(stage, Qt.Key.Key_Slash)
    keys = stage.window.findChild(KeysDialog)
    assert isinstance(keys, KeysDialog)
    press(stage, Qt.Key.Key_N)  # a dialog has keys of its own
    assert stage.window.findChild(InviteDialog) is None
    QTest.keyClick(QApplication.focusWidget() or keys, Qt.Key.Key_Escape)
    assert keys.isHidden()
    press(stage, Qt.Key.Key_N)
    assert stage.window.findChild(InviteDialog) is not None


def test_f6_goes_round_and_back(qtbot: QtBot, begin: Begin) -> None:
    clara, hana = lively()
    stage = begin(clara)
    stage.shell.open_conversation(hana.conversation_id)
    stage.settle()
    shell = stage.shell
    panes: list[QWidget] = [
        shell.rail.conversations,
        shell.list.search,
        shell.page.header.find_button,
        shell.page.pane.view,
        shell.page.composer.box,
    ]
    seen: list[QWidget | None] = []
    for _ in panes:
        press(stage, Qt.Key.Key_F6, Qt.KeyboardModifier.NoModifier)
        seen.append(QApplication.focusWidget())
    assert seen == panes
    press(stage, Qt.Key.Key_F6, Qt.KeyboardModifier.ShiftModifier)
    assert QApplication.focusWidget() is shell.page.pane.view
    press(stage, Qt.Key.Key_Escape, Qt.KeyboardModifier.NoModifier)
    assert QApplication.focusWidget() is shell.page.composer.box


def test_tab_runs_from_the_list_to_the_send_button(qtbot: QtBot, begin: Begin) -> None:
    clara, hana = lively()
    stage = begin(clara)
    stage.shell.open_conversation(hana.conversation_id)
    stage.shell.page.composer.box.setPlainText("x")
    stage.settle()
    shell = stage.shell
    shell.rail.conversations.setFocus()
    order: list[QWidget | None] = []
    for _ in range(14):
        press(stage, Qt.Key.Key_Tab, Qt.KeyboardModifier.NoModifier)
        order.append(QApplication.focusWidget())
    wanted: list[QWidget] = [
        shell.list.search,
        shell.list.list,
        shell.page.header.find_button,
        shell.page.pane.view,
        shell.page.composer.box,
        shell.page.composer.button,
    ]
    places = [order.index(widget) for widget in wanted]
    assert places == sorted(places)


def test_lock_empties_the_view_and_saves_the_draft_first(qtbot: QtBot, begin: Begin) -> None:
    clara, hana = lively()
    stage = begin(clara)
    stage.shell.open_conversation(hana.conversation_id)
    QTest.keyClicks(stage.shell.page.composer.box, "half")
    press(stage, Qt.Key.Key_L)
    assert clara.state is ProfileState.LOCKED
    assert clara.drafts[hana.conversation_id] == "half"
    assert clara.heard.index("draft_save") < clara.heard.index("profile_lock")
    assert stage.window.windowTitle() == "Aside"
    stage.settle()
    assert stage.window.findChild(Shell) is None
    assert QApplication.focusWidget() is stage.unlock.passphrase
    said = " ".join(label.text() for label in stage.window.findChildren(Plain))
    assert "Hana" not in said
    assert "shelves" not in said


def test_lock_covers_before_the_engine_has_answered(begin: Begin) -> None:
    clara, hana = lively()
    stage = begin(clara)
    stage.shell.open_conversation(hana.conversation_id)
    stage.calls.hold_only = "profile_lock"
    press(stage, Qt.Key.Key_L)
    assert clara.state is ProfileState.UNLOCKED
    assert stage.window.pages.currentWidget() is stage.window.cover


def test_relays_are_told_in_words(qtbot: QtBot, begin: Begin) -> None:
    clara, _ = lively()
    stage = begin(clara)
    footer = stage.shell.list.footer.words
    assert footer.text() == "Connected"
    clara.set_relay("post.example", RelayState.CONNECTING)
    qtbot.waitUntil(lambda: footer.text() == "One of two relays connected")
    clara.set_relay("post.example")
    qtbot.waitUntil(lambda: footer.text() == "Connected to both relays")


def test_offline_is_a_banner_after_a_while_and_goes_by_itself(
    qtbot: QtBot, begin: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("desktop.ui.shell.banners._PATIENCE_MS", 30)
    clara, _ = lively()
    stage = begin(clara)
    clara.set_relay("relay.lindenhof.example", RelayState.OFFLINE, Trouble.UNREACHABLE)
    qtbot.waitUntil(stage.shell.banners.offline.isVisible)
    assert stage.shell.banners.offline.action is not None
    stage.shell.banners.offline.action.click()
    assert clara.heard[-1] == "nudge"
    clara.set_relay("relay.lindenhof.example")
    qtbot.waitUntil(stage.shell.banners.offline.isHidden)


def test_a_wrong_clock_is_said_and_unsaid(begin: Begin) -> None:
    clara, _ = lively()
    stage = begin(clara)
    clara.clock_is_off(-5 * 365 * 86_400_000)
    assert "behind" in stage.shell.banners.clock.words.text()
    clara.clock_is_off(0)
    assert stage.shell.banners.clock.isHidden()


def test_a_message_nobody_sees_is_told_without_name_or_words(begin: Begin) -> None:
    clara, hana = lively()
    ruth = next(one for one in clara.contacts.values() if one.name == "Ruth Abrams")
    stage = begin(clara)
    stage.shell.open_conversation(hana.conversation_id)
    told: list[object] = []
    stage.shell.arrived.connect(told.append)
    clara.arrive(hana, "seen at once")
    assert told == []
    clara.arrive(ruth, "elsewhere")
    assert len(told) == 1
    assert strings.NEW_MESSAGE == "New message"


def test_below_760_there_is_the_list_or_the_content(begin: Begin) -> None:
    clara, hana = lively()
    stage = begin(clara)
    stage.window.resize(640, 700)
    stage.settle()
    assert stage.shell.list.isVisible()
    assert not stage.shell.page.isVisible()
    stage.shell.open_conversation(hana.conversation_id)
    stage.settle()
    assert not stage.shell.list.isVisible()
    assert stage.shell.page.header.back.isVisible()
    stage.shell.page.header.back.click()
    assert stage.shell.list.isVisible()
    stage.window.resize(1280, 800)
    stage.settle()
    assert stage.shell.list.isVisible()
    assert stage.shell.page.isVisible()


def test_a_list_that_cannot_be_read_says_so_and_comes_back(begin: Begin) -> None:
    clara, _ = lively()
    clara.failures["conversation_list"] = errors.VaultDamaged()
    stage = begin(clara)

    def failed() -> list[QAbstractButton]:
        buttons = stage.shell.list.findChildren(QAbstractButton)
        return [one for one in buttons if one.text() == strings.TRY_AGAIN and one.isVisible()]

    stage.until(lambda: len(failed()) == 1)
    clara.failures.clear()
    failed()[0].click()
    stage.until(lambda: names(stage)[:1] == ["Hana Okafor"])


def test_size_and_theme_change_at_run_time(begin: Begin) -> None:
    clara, hana = lively()
    stage = begin(clara)
    stage.shell.open_conversation(hana.conversation_id)
    small = stage.shell.rail.width()
    stage.shell.show_settings(strings.SET_APPEARANCE)
    theme = stage.window.ctx.theme if stage.window.ctx else None
    assert theme is not None
    theme.set_scale(150)
    stage.settle()
    assert stage.shell.rail.width() == small * 3 // 2
    assert stage.shell.page.conversation_id == hana.conversation_id
    stage.settle()
    assert len(stage.window.findChildren(Shell)) == 1


@pytest.mark.parametrize("late", [False, True], ids=["at-once", "late"])
def test_whoever_chooses_a_size_stays_at_the_sizes(begin: Begin, late: bool) -> None:
    clara, hana = lively()
    stage = begin(clara)
    stage.shell.open_conversation(hana.conversation_id)
    stage.shell.show_settings(strings.SET_APPEARANCE)
    stage.settle()
    stage.calls.hold = late
    (chosen,) = [one for one in stage.shell.settings.findChildren(Button) if one.text() == "90 %"]
    QTest.keyClick(chosen, Qt.Key.Key_Space)
    stage.settle()
    stage.calls.let_go()
    stage.settle()
    assert stage.shell.contents.shows_settings
    assert stage.shell.page.conversation_id == hana.conversation_id
    here = QApplication.focusWidget()
    assert isinstance(here, Button)
    assert (here.text(), here.isChecked()) == ("90 %", True)
    stage.shell.show_conversations()
    clara.arrive(hana, "And the shelves?")
    stage.settle()
    assert stage.shell.contents.shows_page


def test_nothing_shows_a_window_of_its_own(begin: Begin) -> None:
    clara, hana = lively()
    stage = begin(clara)
    stage.shell.open_conversation(hana.conversation_id)
    for section in range(8):
        stage.shell.settings.show_section(section)
    stage.settle()
    shown = [one for one in QApplication.topLevelWidgets() if one.isVisible()]
    assert shown == [stage.window]


def test_dialogs_keep_the_focus_and_give_it_back(qtbot: QtBot, begin: Begin) -> None:
    clara, hana = lively()
    stage = begin(clara)
    stage.shell.open_conversation(hana.conversation_id)
    stage.settle()
    box = stage.shell.page.composer.box
    stage.shell.page.header.rename_wanted.emit()
    dialog = stage.window.findChild(Dialog)
    assert isinstance(dialog, Dialog)
    for _ in range(8):
        press(stage, Qt.Key.Key_Tab, Qt.KeyboardModifier.NoModifier)
        focus = QApplication.focusWidget()
        assert focus is not None
        assert dialog.isAncestorOf(focus)
    QTest.keyClick(QApplication.focusWidget() or dialog, Qt.Key.Key_Escape)
    assert QApplication.focusWidget() is box


def test_a_failed_message_is_marked_in_the_list(begin: Begin) -> None:
    clara, hana = lively()
    clara.advance(clara.messages[hana.conversation_id][-1], State.FAILED)
    stage = begin(clara)
    assert names(stage)[0] == "Hana Okafor"


def test_a_list_that_is_being_read_says_so(begin: Begin) -> None:
    clara, hana = lively()
    clara.state = ProfileState.LOCKED
    stage = begin(clara)
    stage.unlock.passphrase.setText(clara.passphrase)
    stage.calls.hold_only = "conversation_list"
    stage.unlock.go.click()
    stage.settle()
    assert any(
        label.text() == conversations_words.LOADING and label.isVisible()
        for label in stage.shell.list.findChildren(Plain)
    )
    stage.calls.let_go()
    stage.settle()
    assert hana.name in names(stage)


def test_a_long_title_of_a_dialog_is_wrapped_not_cut(begin: Begin, theme: Theme) -> None:
    clara, _ = lively()
    stage = begin(clara)
    who = "Remove Ayşe Yılmaz-Kowalczyk von der Lindenhofstraße?"
    dialog = Ask(theme, stage.window, who, "Why.", "Remove", lambda: None)
    dialog.open_dialog()
    stage.settle()
    title = dialog.title
    assert title.height() >= title.heightForWidth(title.width()) == 2 * 28
