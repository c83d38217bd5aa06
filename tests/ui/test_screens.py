"""Every page that is looked at can be drawn: in light and dark, at both sizes, and not blank."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from PySide6.QtGui import QColor, QImage, QPixmap
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop.ui.prefs import Prefs
from desktop.ui.theme import Mode, Theme
from desktop.ui.window import Window
from tests.fakes.calls import DirectCalls
from tests.screens.__main__ import SIZES
from tests.screens.scenes import FURTHER, SCENES, Stage

SMALL = 160  # what is counted is a picture of this width: letters are specks, but they are there


def looks(picture: QPixmap) -> tuple[int, float]:
    """The lightness of its commonest colour, and how much of it has another one."""
    small = picture.toImage().scaledToWidth(SMALL).convertToFormat(QImage.Format.Format_RGB32)
    counted = Counter(memoryview(small.constBits()).cast("B").cast("I"))
    [(ground, count)] = counted.most_common(1)
    return QColor(ground).lightness(), 1 - count / counted.total()


@pytest.mark.parametrize("name", sorted(SCENES.keys() - FURTHER))
def test_every_scene_is_drawn_in_light_and_dark_at_both_sizes(
    qtbot: QtBot, qapp: QApplication, theme: Theme, tmp_path: Path, name: str
) -> None:
    window = Window(theme, Prefs(tmp_path / "look.ini"))
    qtbot.addWidget(window)
    window.show()
    stage = Stage(window, DirectCalls())
    SCENES[name](stage)
    stage.settle()
    for mode in (Mode.LIGHT, Mode.DARK):
        theme.set_mode(mode)
        for size in (SIZES[""], SIZES["-small"]):
            window.resize(*size)
            qapp.processEvents()
            picture = window.grab()
            assert (picture.width(), picture.height()) == size
            lightness, drawn = looks(picture)
            assert (lightness > 128) is (mode is Mode.LIGHT)
            assert drawn > 0.002, "nothing but its ground"


def test_a_blank_picture_is_seen(qapp: QApplication) -> None:
    blank = QPixmap(*SIZES[""])
    blank.fill(QColor("white"))
    assert looks(blank) == (255, 0.0)
