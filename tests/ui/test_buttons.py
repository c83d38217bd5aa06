"""Buttons without a mouse."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from desktop.ui.theme import Theme
from desktop.ui.widgets.buttons import Button, IconButton, Pressable, RailButton, RowButton


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space])
@pytest.mark.parametrize("kind", ["words", "icon", "rail", "row"])
def test_enter_presses_a_button_as_space_does(qtbot: QtBot, kind: str, key: Qt.Key) -> None:
    theme, pressed = Theme(), list[str]()
    made: dict[str, Pressable] = {
        "words": Button(theme, "Add relay"),
        "icon": IconButton(theme, "search", "Find"),
        "rail": RailButton(theme, "settings", "Settings"),
        "row": RowButton(theme, "eye", "See", "More", clicked=lambda: None),
    }
    button = made[kind]
    qtbot.addWidget(button)
    button.clicked.connect(lambda: pressed.append(kind))
    button.show()
    QTest.keyClick(button, key)
    assert pressed == [kind]
