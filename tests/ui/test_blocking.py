"""Blocking somebody from their conversation, and unblocking them."""

from __future__ import annotations

from PySide6.QtWidgets import QApplication

from desktop.ui import strings
from desktop.ui.conversation import strings as conversation_words
from desktop.ui.widgets.dialog import Ask
from tests.screens.cast import lively
from tests.screens.scenes import Stage
from tests.ui.conftest import Begin


def offered(stage: Stage) -> list[str]:
    """What the contact's menu says when it is opened."""
    menu = stage.shell.page.header.more.menu()
    menu.aboutToShow.emit()
    return [action.text() for action in menu.actions() if action.text()]


def test_block_asks_first_and_takes_the_composers_place_until_unblocked(begin: Begin) -> None:
    clara, hana = lively()
    stage = begin(clara)
    stage.shell.open_conversation(hana.conversation_id)
    page = stage.shell.page
    assert offered(stage)[-2:] == [conversation_words.BLOCK, strings.REMOVE]
    assert conversation_words.UNBLOCK not in offered(stage)
    page.header.block_wanted.emit()
    question = stage.window.findChild(Ask)
    assert isinstance(question, Ask)
    assert QApplication.focusWidget() is question.cancel
    assert not clara.contacts[hana.contact_id].blocked
    question.action.click()
    assert clara.contacts[hana.contact_id].blocked
    stage.settle()
    assert page.blocked.isVisible()
    assert not page.composer.isVisible()
    assert page.header.state.text() == strings.BLOCKED
    assert conversation_words.UNBLOCK in offered(stage)
    assert page.blocked.accessibleName().startswith(f"You have blocked {hana.name}.")
    other = next(one for one in stage.shell.list.conversations if one.name != hana.name)
    stage.shell.open_conversation(other.conversation_id)
    assert page.composer.isVisible()
    assert QApplication.focusWidget() is page.composer.box
    stage.shell.open_conversation(hana.conversation_id)
    assert QApplication.focusWidget() is page.blocked.unblock
    page.blocked.unblock.click()
    assert not clara.contacts[hana.contact_id].blocked
    stage.settle()
    assert page.composer.isVisible()
    assert not page.blocked.isVisible()
    assert QApplication.focusWidget() is page.composer.box
    assert page.header.state.text() == conversation_words.VERIFIED
