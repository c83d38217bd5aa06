"""The bridge card on top of a conversation: it scrolls with the messages and moves none of them."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from desktop.core.models import Message
from desktop.core.room_facade import RequestsChanged
from desktop.ui.context import Context
from desktop.ui.messages.pane import MessagePane
from desktop.ui.messages.when import local
from desktop.ui.requests.origin import Origin
from desktop.ui.theme import Theme
from protocol.ids import ConversationId, EntryId, RoomId
from tests.fakes.calls import DirectCalls
from tests.fakes.facade import FakeFacade
from tests.fakes.rooms import FakeRooms
from tests.screens.requests import GLAZES, NOW_MS, card, quoted
from tests.ui.messages.cast import Scribe

HERE = ConversationId(b"h" * 16)
THERE = ConversationId(b"t" * 16)


class Thread:
    """A pane with its origin."""

    def __init__(self, theme: Theme, rows: list[Message], *, older: bool) -> None:
        self.pane = MessagePane(theme, wonder_ms=0)
        self.pane.resize(896, 600)
        self.pane.model.reset(rows, older=older)
        self.rooms = FakeRooms(NOW_MS)
        self.rooms.cards[HERE] = card()
        ctx = Context(DirectCalls(), FakeFacade(), theme, QWidget(self.pane))
        self.rooms.listen(ctx.heard.emit)
        self.origin = Origin(ctx, self.rooms, self.pane, lambda: local(NOW_MS))


def made(theme: Theme, qtbot: QtBot, count: int = 60, *, older: bool = False) -> Thread:
    thread = Thread(theme, Scribe().lines(count), older=older)
    qtbot.addWidget(thread.pane)
    thread.pane.show()
    return thread


@pytest.fixture
def thread(theme: Theme, qtbot: QtBot) -> Thread:
    return made(theme, qtbot)


def test_it_stands_above_the_first_message_and_moves_none(thread: Thread) -> None:
    view = thread.pane.view
    view.verticalScrollBar().setValue(300)
    row = view.on_screen()[1]
    before = view.area(row)
    thread.origin.open(HERE)
    assert thread.origin.head is not None and view.strip.head > 200
    assert view.area(row) == before
    view.verticalScrollBar().setValue(0)
    assert thread.origin.head.isVisible()
    assert thread.origin.head.geometry().bottom() < view.area(0).bottom()
    assert "This conversation began as an aside. From Glazes" in view.accessibleDescription()
    view.verticalScrollBar().setValue(120)
    assert thread.origin.head.y() == -120


def test_it_stands_there_only_when_the_first_message_is_known(theme: Theme, qtbot: QtBot) -> None:
    thread = made(theme, qtbot, older=True)
    thread.origin.open(HERE)
    assert thread.pane.view.strip.head == 0 and thread.origin.head is not None
    assert not thread.origin.head.isVisible()
    thread.pane.model.older = False
    thread.pane.view.updateGeometries()
    assert thread.pane.view.strip.head > 200


def test_unfolding_it_keeps_its_beginning_where_it_is(thread: Thread) -> None:
    several = tuple(quoted("heron-3", "Mine too.", n) for n in range(3))
    thread.rooms.cards[HERE] = card(before=several)
    thread.origin.open(HERE)
    view = thread.pane.view
    view.verticalScrollBar().setValue(40)
    high = view.strip.head
    assert thread.origin.head is not None
    thread.origin.head.card.more.click()
    assert view.strip.head > high and view.verticalOffset() == 40


def test_it_is_read_again_and_goes_with_its_conversation(thread: Thread, qtbot: QtBot) -> None:
    moments: list[tuple[RoomId, EntryId]] = []

    def wanted(room: RoomId, entry: EntryId) -> None:
        moments.append((room, entry))

    thread.origin.moment_wanted.connect(wanted)
    thread.origin.open(HERE)
    assert thread.origin.head is not None
    thread.origin.head.card.show_moment.click()
    assert moments == [(GLAZES, card().quoted.entry_id)]
    thread.rooms.cards[HERE] = card(here=False, accepted_ms=NOW_MS)
    thread.rooms.emit(RequestsChanged())
    qtbot.waitUntil(
        lambda: thread.origin.head is not None and not thread.origin.head.card.card.here
    )
    assert not thread.origin.head.card.show_moment.isVisible()
    thread.origin.open(THERE)
    assert thread.pane.view.head is None
    assert thread.pane.view.strip.head == 0


def test_a_conversation_without_words_shows_it_instead_of_nothing(
    theme: Theme, qtbot: QtBot
) -> None:
    thread = made(theme, qtbot, 0)
    thread.origin.open(HERE)
    assert thread.pane.view.isVisible()
    thread.origin.close()
    assert not thread.pane.view.isVisible()
