"""A theme, a view and a pane of a known size on a screen that nobody sees."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from desktop.ui.messages.pane import MessagePane
from desktop.ui.messages.view import MessageView
from desktop.ui.theme import Mode, Theme
from tests.ui.messages.cast import NAMES, now


@pytest.fixture
def theme(qtbot: QtBot) -> Theme:
    return Theme(Mode.LIGHT)


@pytest.fixture
def view(theme: Theme, qtbot: QtBot) -> MessageView:
    made = MessageView(theme, now=now, look_ms=0)
    qtbot.addWidget(made)
    made.resize(896, 600)
    made.messages.set_names(NAMES)
    with qtbot.waitActive(made):
        made.show()
        made.activateWindow()
    return made


@pytest.fixture
def pane(theme: Theme, qtbot: QtBot) -> MessagePane:
    made = MessagePane(theme, now=now, wonder_ms=0)
    qtbot.addWidget(made)
    made.resize(896, 600)
    made.model.set_names(NAMES)
    with qtbot.waitActive(made):
        made.show()
        made.activateWindow()
    return made
