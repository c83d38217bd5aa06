"""Menus of buttons: they say that they are menus, and the keyboard finds their first line."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu

from desktop.ui import strings
from desktop.ui.conversations import strings as conversations_words
from desktop.ui.invitations.enter import EnterDialog
from desktop.ui.settings.relays import Relays
from desktop.ui.widgets.menu import MenuButton
from tests.screens.cast import lively
from tests.screens.scenes import Stage
from tests.ui.conftest import Begin


def the_new_one(stage: Stage) -> MenuButton:
    return stage.shell.list.new


def of_the_contact(stage: Stage) -> MenuButton:
    stage.shell.open_conversation(stage.shell.list.conversations[0].conversation_id)
    stage.settle()
    return stage.shell.page.header.more


def of_a_relay(stage: Stage) -> MenuButton:
    stage.shell.show_settings(strings.SET_RELAYS)
    section = stage.shell.settings.findChild(Relays)
    assert isinstance(section, Relays)
    stage.settle()
    found = section.relays[0].findChild(MenuButton)
    assert isinstance(found, MenuButton)
    return found


def open_menu() -> QMenu:
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    return menu


@pytest.mark.parametrize("of", [the_new_one, of_the_contact, of_a_relay])
def test_a_menu_button_says_so_and_opens_at_its_first_line(
    begin: Begin, of: Callable[[Stage], MenuButton]
) -> None:
    button = of(begin(lively()[0]))
    face = QAccessible.queryAccessibleInterface(button)
    assert face.role() is QAccessible.Role.ButtonMenu
    assert face.state().hasPopup
    button.setFocus()
    QTest.keyClick(button, Qt.Key.Key_Return)
    menu = open_menu()
    assert menu.activeAction() is menu.actions()[0]
    right = menu.mapToGlobal(menu.rect().topRight()).x()
    assert right == button.mapToGlobal(button.rect().topRight()).x()
    QTest.keyClick(menu, Qt.Key.Key_Escape)
    assert menu.isHidden()
    assert QApplication.focusWidget() is button


def test_new_offers_both_ways_to_somebody(begin: Begin) -> None:
    stage = begin(lively()[0])
    button = stage.shell.list.new
    assert button.accessibleName() == conversations_words.NEW
    button.click()
    menu = open_menu()
    said = [action.text() for action in menu.actions()]
    QTest.keyClick(menu, Qt.Key.Key_Down)
    QTest.keyClick(menu, Qt.Key.Key_Return)
    rooms = [strings.ENTER_ROOM, strings.OPEN_ROOM]
    assert said == [strings.INVITE, strings.HAVE_INVITATION, "", *rooms]
    stage.settle()
    dialog = stage.window.findChild(EnterDialog)
    assert isinstance(dialog, EnterDialog)
    assert stage.window.focusWidget() is dialog.link.field


def test_no_pixel_of_a_menu_is_left_to_what_lies_behind(begin: Begin) -> None:
    menu = the_menu_of_the_contact(begin)
    image = menu.grab().toImage()
    mask = menu.mask()
    seen = [
        image.pixelColor(x, y)
        for x in range(image.width())
        for y in range(image.height())
        if mask.contains(QPoint(x, y))
    ]
    menu.close()
    assert {colour.alpha() for colour in seen} == {255}
    corners = [image.pixelColor(x, image.height() - 1) for x in range(16)]
    assert min(colour.lightness() for colour in corners) > 128


def test_what_removes_is_said_in_the_colour_of_danger(begin: Begin) -> None:
    menu = the_menu_of_the_contact(begin)
    image = menu.grab().toImage()
    remove = menu.actionGeometry(menu.actions()[-1])
    calm = menu.actionGeometry(menu.actions()[0])
    menu.close()

    def reddest(line: QRect) -> int:
        words = QRect(line.left() + 36, line.top(), line.width() - 36, line.height())
        colours = [
            image.pixelColor(x, y)
            for x in range(words.left(), words.right())
            for y in range(words.top(), words.bottom())
        ]
        return max(colour.red() - colour.green() for colour in colours)

    assert reddest(remove) > 100
    assert reddest(calm) < 40


def the_menu_of_the_contact(begin: Begin) -> QMenu:
    of_the_contact(begin(lively()[0])).click()
    return open_menu()
