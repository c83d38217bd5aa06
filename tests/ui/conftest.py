"""A window over a fake engine: what tests of pages begin with."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop.ui.prefs import Prefs
from desktop.ui.theme import Mode, Theme
from desktop.ui.window import Window
from tests.fakes.calls import DirectCalls
from tests.fakes.facade import FakeFacade
from tests.screens.scenes import Stage

Begin = Callable[[FakeFacade], Stage]


@pytest.fixture
def theme(qapp: QApplication) -> Iterator[Theme]:
    made = Theme(Mode.LIGHT)
    yield made
    qapp.setStyleSheet("")


@pytest.fixture
def begin(qtbot: QtBot, theme: Theme, tmp_path: Path) -> Begin:
    """Open a window over an engine; its calls run at once unless ``stage.calls.hold``."""

    def open_window(engine: FakeFacade) -> Stage:
        window = Window(theme, Prefs(tmp_path / "window.ini"))
        qtbot.addWidget(window)
        window.show()
        window.activateWindow()
        qtbot.waitUntil(window.isActiveWindow)
        stage = Stage(window, DirectCalls())
        stage.begin(engine)
        return stage

    return open_window
