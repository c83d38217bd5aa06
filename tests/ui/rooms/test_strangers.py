"""Every text of a stranger in rooms and requests at once, as bad as it can be: it is shown as text.

No markup is drawn, no picture fetched, nothing opened that nobody clicked, and neither labels nor
tips nor what a screen reader is told hold anything that cannot be seen or turns text around.
"""

from __future__ import annotations

from collections.abc import MutableMapping, MutableSequence
from pathlib import Path
from typing import TypeVar, cast

import pytest
from msgspec import Struct
from msgspec.structs import asdict, replace
from PySide6.QtCore import Qt, QUrl
from PySide6.QtWidgets import QLabel, QWidget

from desktop.ui.rooms import stage_words
from desktop.ui.system.browser import Browser
from tests.fakes.facade import FakeFacade
from tests.fakes.rooms import FakeRooms
from tests.screens.requests import card, some
from tests.screens.rooms import board, crowd, evening, odd, ordered, waiting
from tests.screens.rooms_list import CLOSED_DOOR, OPEN_DOOR, entering, some_rooms
from tests.ui.conftest import Begin
from tests.ui.rooms.hands import Open, settle
from tests.ui.test_plain import canary, has_red

T = TypeVar("T")
UNSEEN = "\u202e\u2066\x00\x07"  # a gap of no width may stand in a text, and in no name
# What names are compared by, and where a page looks for a card of its own.
KEPT = {"my_name", "relay_host"}


def spoil(value: T, bad: str) -> T:
    """The same model with every text in it replaced."""
    if isinstance(value, str):
        return cast("T", bad if value else value)
    if isinstance(value, Struct):
        fields = asdict(value).items()
        changed = {name: spoil(one, bad) for name, one in fields if name not in KEPT}
        return cast("T", replace(value, **changed))
    if isinstance(value, tuple):
        return cast("T", tuple(spoil(one, bad) for one in cast("tuple[object, ...]", value)))
    return value


def spoil_all(rooms: FakeRooms, bad: str) -> None:
    """Whatever it knows."""
    for held in (rooms.rows, rooms.wanted):
        _in_place(cast("MutableSequence[object]", held), bad)
    for kept in (rooms.room, rooms.doors, rooms.cards):
        known = cast("MutableMapping[object, object]", kept)
        for key, value in known.items():
            known[key] = spoil(value, bad)
    for lists in (rooms.entries, rooms.waiting, rooms.board, rooms.seats, rooms.waits):
        for each in lists.values():
            _in_place(cast("MutableSequence[object]", each), bad)


def _in_place(held: MutableSequence[object], bad: str) -> None:
    held[:] = [spoil(one, bad) for one in held]


@pytest.fixture
def bad(tmp_path: Path) -> str:
    return f"{canary(tmp_path)}\u202e\x07\u2066\u200b\x00 https://evil.example/ file:///etc/passwd"


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was given to the system's browser."""
    found: list[str] = []

    def open_it(_: Browser, url: QUrl) -> None:
        found.append(url.toString())

    monkeypatch.setattr(Browser, "open", open_it)
    return found


def is_plain(window: QWidget) -> bool:
    """Law: what it shows, hints and says aloud is text that can be seen."""
    assert not has_red(window)
    for label in window.findChildren(QLabel):
        assert label.textFormat() is Qt.TextFormat.PlainText or not label.text(), label
        assert not label.openExternalLinks()
        assert not set(UNSEEN) & set(label.text()), (label, ascii(label.text()))
    for widget in (window, *window.findChildren(QWidget)):
        assert "<img" not in widget.toolTip()
        said = widget.accessibleName() + widget.accessibleDescription() + widget.toolTip()
        assert not set(UNSEEN) & set(said), (widget, ascii(said))
    return True


def test_a_room_full_of_them(open_room: Open, bad: str, opened: list[str]) -> None:
    rooms, room = evening(hosting=True)
    for fill in (board, crowd, ordered, odd, waiting):
        fill(rooms, room)
    spoil_all(rooms, bad)
    page = open_room(rooms, rooms.room[room.room_id])
    assert is_plain(page.window())
    entries = page.stage.view.entries
    for number in range(entries.rowCount()):
        assert not set(UNSEEN) & set(stage_words.spoken(entries.entry(number)))
    page.header.panel.setChecked(True)
    for show in (page.panel.show_people, page.panel.show_desk):
        show()
        settle(page)
        assert is_plain(page.window())
    page.header.about_wanted.emit()
    assert is_plain(page.window())
    page.header.watch_wanted.emit()
    assert opened == [], "nobody's file is opened"


def test_the_list_the_doors_the_requests_and_a_card(
    begin: Begin, bad: str, opened: list[str]
) -> None:
    clara: FakeFacade = some_rooms()
    marta = clara.befriend("Marta Kessler")
    clara.wanted = list(some())
    clara.cards[marta.conversation_id] = card(accepted_ms=1)
    spoil_all(clara, bad)
    stage = begin(clara)
    stage.shell.rooms.show_list()
    stage.settle()
    assert is_plain(stage.window)
    for link in (OPEN_DOOR, CLOSED_DOOR):
        dialog = entering(stage, clara, link)
        assert is_plain(stage.window)
        dialog.close()
    stage.shell.requests.show()
    stage.settle()
    stage.shell.requests.page.column.take_focus()
    stage.settle()
    assert is_plain(stage.window)
    stage.shell.open_conversation(marta.conversation_id)
    stage.settle()
    assert is_plain(stage.window)
    assert opened == []
