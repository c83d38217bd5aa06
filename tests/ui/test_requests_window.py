"""Requests in the window: counted from the start; one key leads into the conversation."""

from __future__ import annotations

from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop.core.requests import RequestId
from desktop.core.room_facade import RequestsChanged
from desktop.ui.requests.card import BridgeCardView
from tests.fakes.facade import FakeFacade
from tests.screens.requests import GLAZES, card, some
from tests.ui.conftest import Begin


def press(key: Qt.Key) -> None:
    now = QApplication.focusWidget()
    assert now is not None
    QTest.keyClick(now, key)


def clara() -> FakeFacade:
    """Two ask; whoever is accepted first is Marta, whose conversation is in the list then."""
    engine = FakeFacade(name="Clara")
    engine.set_relay("relay.example")
    marta = engine.befriend("Marta Kessler")
    first, second = some()
    wanted = replace(first, request_id=RequestId(marta.conversation_id))
    engine.wanted = [wanted, second]
    engine.cards[marta.conversation_id] = card()
    return engine


def test_the_rail_and_a_banner_count_from_the_start_and_lead_there_and_back(
    begin: Begin, qtbot: QtBot
) -> None:
    engine = clara()
    stage = begin(engine)
    shell = stage.shell
    qtbot.waitUntil(lambda: shell.rail.requests.accessibleName() == "Requests, 2 unread")
    assert shell.list.requests.accessibleName() == "2 people want to write to you"
    engine.wanted.pop()
    engine.emit(RequestsChanged())
    banner = shell.list.requests
    qtbot.waitUntil(lambda: banner.accessibleName() == "1 person wants to write to you")
    assert banner.isVisible()
    before = QApplication.focusWidget()
    shell.list.requests.click()
    stage.settle()
    assert shell.requests.shown and shell.rail.requests.isChecked()
    assert shell.requests.page.column.isVisible() and not shell.list.isVisible()
    shell.list.reload()  # what comes meanwhile takes nobody away
    stage.settle()
    assert shell.requests.shown
    press(Qt.Key.Key_Escape)
    assert shell.contents.shows_conversations and shell.list.isVisible()
    assert QApplication.focusWidget() is before
    engine.wanted.clear()
    engine.emit(RequestsChanged())
    qtbot.waitUntil(lambda: not shell.list.requests.isVisible())


def test_accept_leads_into_the_conversation_with_its_card(begin: Begin, qtbot: QtBot) -> None:
    engine = clara()
    stage = begin(engine)
    shell = stage.shell
    shell.rail.requests.click()
    stage.settle()
    press(Qt.Key.Key_A)
    qtbot.waitUntil(lambda: shell.contents.shows_page)
    assert shell.rail.conversations.isChecked() and shell.list.isVisible()
    qtbot.waitUntil(lambda: QApplication.focusWidget() is shell.page.composer.box)
    qtbot.waitUntil(lambda: shell.page.origin.head is not None)
    head = shell.page.origin.head
    assert head is not None and head.isVisible()
    assert shell.page.pane.view.isVisible()  # nothing is written yet, but the card


def test_the_moment_is_shown_in_its_room_however_far_above(begin: Begin, qtbot: QtBot) -> None:
    engine = clara()
    room = engine.host("Glazes without fear")
    assert room.room_id == GLAZES
    rows = [engine.come(room, "heron-3", f"Word {n}", quiet=True) for n in range(400)]
    quoted = replace(card().quoted, entry_id=rows[140].entry_id)
    engine.wanted = [replace(some()[0], card=card(quoted=quoted))]
    stage = begin(engine)
    stage.window.resize(1280, 800)
    shell = stage.shell
    shell.requests.show()
    stage.settle()
    shown = shell.requests.page.view.card
    assert isinstance(shown, BridgeCardView)
    shown.show_moment.click()
    page = shell.contents.rooms.room
    assert page is not None

    def there() -> bool:
        entry = page.stage.view.lit_entry()
        return entry is not None and entry.entry_id == rows[140].entry_id

    qtbot.waitUntil(there)
    assert shell.contents.rooms.shows_room and page.stage.view.entries.newer


def test_by_tab_what_it_is_about_comes_before_what_follows_from_it(begin: Begin) -> None:
    stage = begin(clara())
    shell = stage.shell
    shell.requests.show()
    stage.settle()
    page = shell.requests.page
    page.column.take_focus()
    for _ in range(2):
        shown, view = page.view.card, page.view
        assert isinstance(shown, BridgeCardView)
        wanted = [shown.more, shown.show_moment, view.accept, view.decline, view.block]
        for one in (each for each in wanted if each.isVisible()):
            press(Qt.Key.Key_Tab)
            assert one.hasFocus(), one.accessibleName()
        page.column.take_focus()
        press(Qt.Key.Key_Down)
        stage.settle()  # its card is made later than the answers


def test_where_there_is_room_for_one_a_row_leads_to_the_request_and_back(begin: Begin) -> None:
    stage = begin(clara())
    stage.window.resize(640, 700)
    shell = stage.shell
    shell.rail.requests.click()
    stage.settle()
    column, view = shell.requests.page.column, shell.requests.page.view
    assert column.isVisible() and not view.isVisible()
    list(column.rows.values())[1].click()
    stage.settle()
    assert view.isVisible() and not column.isVisible() and view.back.isVisible()
    view.back.click()
    assert column.isVisible() and not view.isVisible()
