"""An error while something paints leaves the window alive: no painter outlives its paintEvent.

Otherwise the error's traceback would hold the painter, and Qt would end the program, without a
word, at the next thing that is painted there.
"""

from __future__ import annotations

import ast
import importlib
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Protocol

import pytest
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from desktop.core.requests import Quoted
from desktop.ui.conversation.box import Box
from desktop.ui.invitations.qr import QrCode
from desktop.ui.messages.pill import Pill
from desktop.ui.messages.view import MessageView
from desktop.ui.requests.card import QuoteView
from desktop.ui.requests.words import FirstWords
from desktop.ui.rooms.face import RoomFace
from desktop.ui.rooms.stage_rows import StageRows
from desktop.ui.rooms.tabs import Tab
from desktop.ui.rooms.tags import StateTag
from desktop.ui.rooms.vote import VoteButton
from desktop.ui.theme import Theme
from desktop.ui.widgets.avatar import Avatar
from desktop.ui.widgets.buttons import RailButton
from desktop.ui.widgets.dialog import Dialog
from desktop.ui.widgets.fields import Field
from desktop.ui.widgets.menu import Menu
from desktop.ui.widgets.notes import Dot, Tag
from desktop.ui.widgets.plain import Picture, Plain
from desktop.ui.widgets.radio import Radio
from desktop.ui.widgets.strength import Strength
from desktop.ui.widgets.switch import Switch
from protocol.ids import EntryId, RoomId, SeatId

Made = Callable[[Theme, QWidget], QWidget]


def qr(theme: Theme, parent: QWidget) -> QWidget:
    made = QrCode(theme)
    made.show_text("aside://relay.example:7443/a#b")
    return made


def badge(theme: Theme, parent: QWidget) -> QWidget:
    made = RailButton(theme, "settings", "Settings")
    made.set_count(3)
    return made


def quoted(theme: Theme, parent: QWidget) -> QWidget:
    entry = Quoted(EntryId(b"e"), SeatId(b"s"), "heron-3", "Twice with the same mesh?", 0)
    return QuoteView(theme, entry)


def written(theme: Theme, parent: QWidget) -> QWidget:
    made = Box()
    made.setPlainText("明日")  # letters that it draws itself
    return made


def bars(theme: Theme, parent: QWidget) -> QWidget:
    return Strength(theme, Field(theme, "Passphrase"))


PAINTED: dict[str, Made] = {
    "messages.rows": lambda theme, parent: MessageView(theme),
    "messages.pill": Pill,
    "conversation.box": written,
    "invitations.qr": qr,
    "rooms.stage_rows": lambda theme, parent: StageRows(theme, datetime.now),
    "rooms.tags": lambda theme, parent: StateTag(theme, "LIVE", "live"),
    "rooms.vote": lambda theme, parent: VoteButton(theme),
    "rooms.tabs": lambda theme, parent: Tab(theme, "Questions"),
    "requests.card": quoted,
    "requests.words": lambda theme, parent: FirstWords(theme),
    "rooms.face": lambda theme, parent: RoomFace(theme, 36, "Glazes", RoomId(b"g")),
    "widgets.menu": Menu,
    "widgets.dialog": lambda theme, parent: Dialog(theme, parent, "Title"),
    "widgets.switch": lambda theme, parent: Switch(theme, "Switch"),
    "widgets.plain": lambda theme, parent: Plain(theme, "words"),
    "widgets.plain ": lambda theme, parent: Picture(theme, "settings"),
    "widgets.avatar": lambda theme, parent: Avatar(theme, 32, "Hana", b"h"),
    "widgets.buttons": badge,
    "widgets.notes": lambda theme, parent: Dot(theme),
    "widgets.notes ": lambda theme, parent: Tag(theme, "word"),
    "widgets.strength": bars,
    "widgets.radio": lambda theme, parent: Radio(theme, "This one", "or another"),
}


class Line(Protocol):
    message: str


class QtLog(Protocol):
    """What Qt said; pytest-qt's fixture has no type of its own."""

    records: list[Line]


class OnPurpose(Exception):
    """An error in the middle of painting."""


class Falls(QPainter):
    """Falls at the first thing it does."""

    def _fall(self, *_: object, **__: object) -> None:
        raise OnPurpose

    setRenderHint = setPen = fillRect = drawPixmap = save = setBrush = _fall  # noqa: N815


@pytest.mark.parametrize("name", PAINTED)
def test_an_error_in_a_paint_event_leaves_no_painter(
    qtbot: QtBot,
    qtlog: QtLog,
    theme: Theme,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    parent.resize(400, 300)
    widget = PAINTED[name](theme, parent)
    qtbot.addWidget(widget)
    module = importlib.import_module(f"desktop.ui.{name.strip()}")
    with qtbot.captureExceptions() as heard, monkeypatch.context() as patched:
        patched.setattr(module, "QPainter", Falls)
        parent.show()
        widget.show()
        QApplication.processEvents()
        assert {kind for kind, _, _ in heard} == {OnPurpose}, "it is told to the one exit"
    # While the tracebacks are still there; Qt would say that somebody still paints.
    said = [record.message for record in qtlog.records if "paint" in record.message]
    assert heard and not said
    widget.update()
    QApplication.processEvents()
    assert not widget.grab().isNull()


def bare(source: str) -> list[int]:
    """The lines where a painter begins that nothing ends."""
    tree = ast.parse(source)
    ended = {
        item.context_expr
        for node in ast.walk(tree)
        if isinstance(node, ast.With)
        for item in node.items
    }
    return [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "QPainter"
        and node not in ended
    ]


def test_every_painter_of_the_window_ends_with_its_block() -> None:
    assert bare("painter = QPainter(self)\nQPainter(self).fillRect(a, b)") == [1, 2]
    assert bare("with QPainter(self) as painter:\n    pass") == []
    paths = sorted(Path("desktop/ui").rglob("*.py"))
    sources = {path: path.read_text("utf-8") for path in paths}
    assert {str(path): bare(source) for path, source in sources.items() if bare(source)} == {}
    paint = {
        ".".join(path.relative_to("desktop/ui").with_suffix("").parts)
        for path, source in sources.items()
        if "def paintEvent(" in source and "QPainter(" in source
    }
    assert paint == {name.strip() for name in PAINTED}, "each is made to fall"
