"""Every page that is looked at can be drawn: in light and dark, at both sizes, and not blank. Of
these and further ones every control has a name."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QColor, QImage, QPixmap
from PySide6.QtWidgets import QApplication, QLineEdit, QPlainTextEdit, QWidget
from pytestqt.qtbot import QtBot

from desktop.ui.prefs import Prefs
from desktop.ui.theme import Mode, Theme
from desktop.ui.window import Window
from tests.fakes.calls import DirectCalls
from tests.screens import requests, rooms, rooms_list, scenes
from tests.screens.__main__ import SCENES, SIZES
from tests.screens.scenes import Stage

FURTHER = scenes.FURTHER | rooms.FURTHER | requests.FURTHER | rooms_list.FURTHER
SMALL = 160  # what is counted is a picture of this width: letters are specks, but they are there


def looks(picture: QPixmap) -> tuple[int, float]:
    """The lightness of its commonest colour, and how much of it has another one."""
    small = picture.toImage().scaledToWidth(SMALL).convertToFormat(QImage.Format.Format_RGB32)
    counted = Counter(memoryview(small.constBits()).cast("B").cast("I"))
    [(ground, count)] = counted.most_common(1)
    return QColor(ground).lightness(), 1 - count / counted.total()


def has_no_nameless_control(window: Window) -> bool:
    """What a screen reader says: nothing that takes the focus is nameless."""
    found = [
        child
        for child in window.findChildren(QWidget)
        if child.isVisible() and child.focusPolicy() & Qt.FocusPolicy.TabFocus
    ]
    for child in found:
        interface = QAccessible.queryAccessibleInterface(child)
        assert interface.text(QAccessible.Text.Name).strip(), child
        if isinstance(child, QLineEdit | QPlainTextEdit):
            assert child.accessibleName(), child
    return bool(found)


def is_drawn(window: Window, theme: Theme) -> None:
    for mode in (Mode.LIGHT, Mode.DARK):
        theme.set_mode(mode)
        for size in (SIZES[""], SIZES["-small"]):
            window.resize(*size)
            QApplication.processEvents()
            picture = window.grab()
            assert (picture.width(), picture.height()) == size
            lightness, drawn = looks(picture)
            assert (lightness > 128) is (mode is Mode.LIGHT)
            assert drawn > 0.002, "nothing but its ground"


@pytest.mark.parametrize("name", sorted(SCENES))
def test_every_scene_is_drawn_in_light_and_dark_at_both_sizes_and_has_names(
    qtbot: QtBot, theme: Theme, tmp_path: Path, name: str
) -> None:
    """A window is dear, so all that is asked of a scene is asked of one."""
    window = Window(theme, Prefs(tmp_path / "look.ini"))
    qtbot.addWidget(window)
    window.show()
    stage = Stage(window, DirectCalls())
    SCENES[name](stage)
    stage.settle()
    assert has_no_nameless_control(window) or name == "02-cover"
    if name not in FURTHER:
        is_drawn(window, theme)


def test_a_blank_picture_is_seen(qapp: QApplication) -> None:
    blank = QPixmap(*SIZES[""])
    blank.fill(QColor("white"))
    assert looks(blank) == (255, 0.0)
