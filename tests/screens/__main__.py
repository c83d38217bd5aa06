"""``python -m tests.screens OUT``: every page and state, light and dark, at every size, as PNG."""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen:configfile=tests/fakes/screen.json")

from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication

from desktop.ui.prefs import Prefs
from desktop.ui.theme import Mode, Theme
from desktop.ui.window import Window
from tests.fakes.calls import DirectCalls
from tests.screens import requests, rooms, rooms_list, scenes
from tests.screens.scenes import Stage

SCENES = {**scenes.SCENES, **rooms.SCENES, **requests.SCENES, **rooms_list.SCENES}
SIZES = {"": (1280, 800), "-small": (900, 600), "-folded": (640, 700)}


def main(out: Path, only: str = "") -> None:
    app = QApplication([])
    out.mkdir(parents=True, exist_ok=True)
    theme = Theme(Mode.LIGHT)
    for name, scene in {**SCENES, **rooms_list.LOOKED_AT}.items():
        if only and not name.startswith(only):
            continue
        for mode in (Mode.LIGHT, Mode.DARK):
            theme.set_mode(mode)
            for suffix, size in SIZES.items():
                picture(app, theme, scene, size, out / f"{name}-{mode.value}{suffix}.png")
    app.processEvents()


def picture(
    app: QApplication,
    theme: Theme,
    scene: Callable[[Stage], None],
    size: tuple[int, int],
    file: Path,
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        window = Window(theme, Prefs(Path(folder) / "look.ini"))
        window.resize(*size)
        window.show()
        app.processEvents()
        window.activateWindow()
        stage = Stage(window, DirectCalls())
        scene(stage)
        stage.settle(0.3)
        window.grab().save(str(file))
        window.close()
        window.deleteLater()
        app.sendPostedEvents(None, QEvent.Type.DeferredDelete)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.screens", description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("only", nargs="?", default="", help="the beginning of a screen's name")
    asked = parser.parse_args()
    main(asked.out, asked.only)
