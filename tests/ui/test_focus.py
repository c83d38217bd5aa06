"""Where the keyboard is: it waits while the engine works, and comes back to where it was."""

from __future__ import annotations

from itertools import pairwise

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QWidget
from pytestqt.qtbot import QtBot

from desktop.core import errors
from desktop.core.models import ProfileState, RelayState, Trouble
from desktop.ui import strings
from desktop.ui.invitations.cards import PersonCard, RelayCard
from desktop.ui.invitations.enter import EnterDialog
from desktop.ui.invitations.invite import InviteDialog
from desktop.ui.keys import KeysDialog
from desktop.ui.settings import strings as settings_words
from desktop.ui.settings.lock import Lock
from desktop.ui.settings.relays import Relays
from desktop.ui.widgets.dialog import Ask
from desktop.ui.widgets.scrolled import Scrolled
from tests.fakes.facade import FakeFacade
from tests.screens.cast import PERSON_LINK, RELAY_LINK, fresh, lively
from tests.screens.scenes import Stage
from tests.ui.conftest import Begin

CTRL = Qt.KeyboardModifier.ControlModifier
NONE = Qt.KeyboardModifier.NoModifier


def focus() -> QWidget:
    now = QApplication.focusWidget()
    assert now is not None
    return now


def press(key: Qt.Key, modifier: Qt.KeyboardModifier = NONE) -> None:
    QTest.keyClick(focus(), key, modifier)


def card_of(stage: Stage, link: str) -> PersonCard | RelayCard:
    QTest.keyClicks(stage.shell.hello.link.field, link)
    press(Qt.Key.Key_Return)
    card = stage.shell.hello.link.card
    assert isinstance(card, PersonCard | RelayCard)
    return card


def a_section(stage: Stage, name: str, kind: type[QWidget]) -> QWidget:
    stage.shell.show_settings(name)
    found = stage.shell.settings.findChild(kind)
    assert isinstance(found, kind)
    return found


# while the engine works


def test_a_refused_invitation_gives_the_focus_back(begin: Begin) -> None:
    clara = fresh()
    clara.failures["contact_accept"] = errors.RelayUnavailable()
    stage = begin(clara)
    card = card_of(stage, PERSON_LINK)
    assert isinstance(card, PersonCard)
    assert focus() is card.greeting
    stage.calls.hold_only = "contact_accept"
    press(Qt.Key.Key_Tab)
    press(Qt.Key.Key_Tab)
    assert focus() is card.go
    press(Qt.Key.Key_Return)
    assert focus() is card
    stage.calls.let_go()
    assert focus() is card.go


def test_whoever_went_elsewhere_meanwhile_stays_there(begin: Begin) -> None:
    clara = fresh()
    clara.failures["relay_add"] = errors.RelayUnavailable()
    stage = begin(clara)
    card = card_of(stage, RELAY_LINK)
    stage.calls.hold_only = "relay_add"
    card.go.click()
    search = stage.shell.list.search
    search.setFocus()
    stage.calls.let_go()
    assert focus() is search


def test_a_link_that_says_nothing_is_ready_to_be_mended(begin: Begin) -> None:
    link = begin(fresh()).shell.hello.link
    QTest.keyClicks(link.field, "aside://nothing")
    press(Qt.Key.Key_Tab)
    assert focus() is link.go
    press(Qt.Key.Key_Return)
    assert focus() is link.field


def test_after_a_relay_was_added_the_field_waits_for_the_next_link(begin: Begin) -> None:
    stage = begin(fresh())
    card_of(stage, RELAY_LINK)
    press(Qt.Key.Key_Return)
    assert focus() is stage.shell.hello.link.field


def test_a_refused_profile_leaves_the_focus_in_the_passphrase(qtbot: QtBot, begin: Begin) -> None:
    alice = FakeFacade(ProfileState.NONE)
    alice.failures["profile_create"] = errors.VaultFull()
    page = begin(alice).first_start
    QTest.keyClicks(page.name_step.name, "Alice")
    press(Qt.Key.Key_Return)
    step = page.passphrase_step
    for _ in range(2):
        QTest.keyClicks(focus(), "four kilns")
        press(Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: step.problem.text() == strings.sentence(errors.VaultFull()))
    assert focus() is step.again


def test_a_relay_that_could_not_be_added_leaves_the_focus_in_its_link(begin: Begin) -> None:
    stage = begin(fresh())
    relays = a_section(stage, strings.SET_RELAYS, Relays)
    assert isinstance(relays, Relays)
    assert focus() is relays.link
    stage.calls.hold_only = "relay_add"
    QTest.keyClicks(relays.link, PERSON_LINK)
    press(Qt.Key.Key_Tab)
    press(Qt.Key.Key_Return)
    assert not relays.go.isEnabled()
    assert focus() is relays
    stage.calls.let_go()
    assert focus() is relays.link


def test_a_relays_state_takes_no_focus_from_its_card(qtbot: QtBot, begin: Begin) -> None:
    alice = FakeFacade()
    alice.set_relay("one.example", RelayState.OFFLINE, Trouble.UNREACHABLE)
    stage = begin(alice)
    relays = a_section(stage, strings.SET_RELAYS, Relays)
    assert isinstance(relays, Relays)
    stage.settle()
    again = relays.relays[0].again
    again.setFocus()
    alice.set_relay("one.example", RelayState.CONNECTING)
    stage.settle()
    assert focus() is again
    alice.set_relay("one.example")
    qtbot.waitUntil(again.isHidden)
    assert relays.relays[0].isAncestorOf(focus())


def test_a_dialog_closes_though_what_had_the_focus_is_gone(begin: Begin) -> None:
    alice = FakeFacade()
    alice.set_relay("one.example")
    stage = begin(alice)
    relays = a_section(stage, strings.SET_RELAYS, Relays)
    assert isinstance(relays, Relays)
    stage.settle()
    more = next(
        button
        for button in relays.relays[0].findChildren(QAbstractButton)
        if button.accessibleName() == settings_words.MORE
    )
    more.setFocus()
    relays.relays[0].remove_wanted.emit(alice.relays[relays.relays[0].relay_id])
    alice.set_relay("two.example")  # the cards are made anew
    stage.settle()
    press(Qt.Key.Key_Escape)
    stage.settle()
    press(Qt.Key.Key_Comma, CTRL)  # nothing broke


def test_another_link_does_not_move_the_focus(begin: Begin) -> None:
    stage = begin(lively()[0])
    stage.shell.doors.invite()
    dialog = stage.window.findChild(InviteDialog)
    assert isinstance(dialog, InviteDialog)
    assert focus() is dialog.copy
    dialog.another.setFocus()
    stage.calls.hold_only = "contact_invite"
    press(Qt.Key.Key_Return)
    assert not dialog.copy.isEnabled()
    stage.calls.let_go()
    assert focus() is dialog.another


# a card


def test_esc_on_a_card_goes_back_to_the_field(begin: Begin) -> None:
    stage = begin(fresh())
    card_of(stage, PERSON_LINK)
    press(Qt.Key.Key_Escape)
    link = stage.shell.hello.link
    assert link.card is None
    assert focus() is link.field
    assert link.field.text() == PERSON_LINK


def test_in_a_dialog_esc_leaves_the_card_first(begin: Begin) -> None:
    stage = begin(lively()[0])
    press(Qt.Key.Key_N, CTRL | Qt.KeyboardModifier.ShiftModifier)
    dialog = stage.window.findChild(EnterDialog)
    assert isinstance(dialog, EnterDialog)
    QTest.keyClicks(focus(), PERSON_LINK)
    press(Qt.Key.Key_Return)
    press(Qt.Key.Key_Escape)
    assert dialog.isVisible()
    assert focus() is dialog.link.field
    press(Qt.Key.Key_Escape)
    assert dialog.isHidden()


def test_a_card_comes_before_what_can_be_looked_at_and_f6_finds_it(begin: Begin) -> None:
    stage = begin(fresh())
    card = card_of(stage, PERSON_LINK)
    assert isinstance(card, PersonCard)
    hello = stage.shell.hello
    order: list[QWidget] = []
    for _ in range(4):
        order.append(focus())
        press(Qt.Key.Key_Tab)
    assert order == [card.greeting, card.cancel, card.go, hello.enter_room]
    stage.shell.rail.conversations.setFocus()
    press(Qt.Key.Key_F6)
    press(Qt.Key.Key_F6)
    assert focus() is card.greeting


# settings


def test_settings_take_the_focus_and_give_it_back(begin: Begin) -> None:
    clara, hana = lively()
    stage = begin(clara)
    stage.shell.open_conversation(hana.conversation_id)
    stage.settle()
    stage.shell.page.header.find_button.setFocus()
    press(Qt.Key.Key_Comma, CTRL)
    search = stage.shell.settings.column.search
    assert focus() is search
    QTest.keyClicks(search, "dark")
    press(Qt.Key.Key_Escape)
    assert search.text() == ""
    assert focus() is search
    press(Qt.Key.Key_Escape)
    assert focus() is stage.shell.page.header.find_button


def test_esc_leaves_settings_where_there_is_nobody_yet(begin: Begin) -> None:
    stage = begin(fresh())
    press(Qt.Key.Key_Comma, CTRL)
    press(Qt.Key.Key_Escape)
    assert stage.shell.hello.isVisible()
    assert focus() is stage.shell.hello.link.field


@pytest.mark.parametrize(
    "section", [strings.SET_RELAYS, settings_words.SET_LOCK, strings.SET_OTHERS]
)
def test_a_section_asked_for_by_name_takes_the_focus(begin: Begin, section: str) -> None:
    stage = begin(fresh())
    stage.shell.show_settings(section)
    assert stage.shell.settings.isAncestorOf(focus())


def test_f6_finds_the_card_of_settings_and_goes_round(begin: Begin) -> None:
    stage = begin(lively()[0])
    stage.shell.show_settings(settings_words.SET_LOCK)
    lock = stage.shell.settings.findChild(Lock)
    assert isinstance(lock, Lock)
    seen = list[QWidget]()
    for _ in range(3):
        press(Qt.Key.Key_F6)
        seen.append(focus())
    assert seen == [
        stage.shell.rail.conversations,
        stage.shell.settings.column.search,
        lock.lock,
    ]
    assert all(one is not after for one, after in pairwise(seen))


def test_after_somebody_was_removed_the_list_has_the_focus(begin: Begin) -> None:
    clara, hana = lively()
    stage = begin(clara)
    stage.shell.open_conversation(hana.conversation_id)
    stage.settle()
    stage.shell.page.header.remove_wanted.emit()
    question = stage.window.findChild(Ask)
    assert isinstance(question, Ask)
    question.action.click()
    stage.settle()
    assert focus() is stage.shell.list.list


def test_what_has_no_control_is_read_with_the_arrow_keys(begin: Begin) -> None:
    stage = begin(lively()[0])
    press(Qt.Key.Key_Slash, CTRL)
    keys = stage.window.findChild(KeysDialog)
    assert isinstance(keys, KeysDialog)
    assert focus() is keys.keys
    stage.settle()
    bar = keys.keys.verticalScrollBar()
    for _ in range(100):
        press(Qt.Key.Key_Down)
    assert bar.value() == bar.maximum() > 0
    press(Qt.Key.Key_Escape)
    press(Qt.Key.Key_Comma, CTRL)
    QTest.keyClicks(focus(), "newest message")
    press(Qt.Key.Key_Return)
    page = focus()
    assert isinstance(page, Scrolled)
    assert page.accessibleName() == settings_words.SET_KEYS
