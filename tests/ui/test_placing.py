"""The window is on the screen, whole: its size, its place, and two of them beside each other."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QMargins, QRect, QSize

from desktop.ui.placing import SIZE, brought_in, side_by_side
from tests.conftest import SCREEN

FRAME = QMargins(2, 30, 2, 2)
LEAST, STEP = 800, 64

OPENED = """
import sys
from pathlib import Path
from PySide6.QtWidgets import QApplication
from desktop.ui.prefs import Prefs
from desktop.ui.theme import Mode, Theme
from desktop.ui.window import Window

app = QApplication([])
window = Window(Theme(Mode.LIGHT), Prefs(Path(sys.argv[1])))
window.painted.connect(app.quit)
window.show()
app.exec()
app.processEvents()
frame, free = window.frameGeometry(), window.screen().availableGeometry()
print(free.contains(frame), window.width(), window.height())
"""

screens = st.builds(
    QRect, st.integers(-2000, 2000), st.integers(-200, 200), st.integers(500, 4000),
    st.integers(500, 3000),
)  # fmt: skip
windows = st.builds(
    QRect, st.integers(-5000, 5000), st.integers(-5000, 5000), st.integers(480, 5000),
    st.integers(400, 5000),
)  # fmt: skip


def opened(folder: Path, width: int, height: int) -> tuple[bool, int, int]:
    """Whether it is on a screen of this size whole, and its size."""
    described = json.loads(SCREEN.read_text("utf-8"))
    described["screens"][0] |= {"width": width, "height": height}
    screen = folder / "screen.json"
    screen.write_text(json.dumps(described), "utf-8")
    said = subprocess.run(
        [sys.executable, "-c", OPENED, str(folder / "window.ini")],
        env=os.environ | {"QT_QPA_PLATFORM": f"offscreen:configfile={screen}"},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    ).stdout.split()
    return said[0] == "True", int(said[1]), int(said[2])


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (1366, 768), (1024, 600)])
def test_on_a_small_screen_the_window_opens_whole(tmp_path: Path, width: int, height: int) -> None:
    whole, wide, high = opened(tmp_path, width, height)
    assert whole
    assert wide >= min(1280, width - 4)
    assert high >= height - 44


def test_on_a_large_screen_it_has_the_size_it_likes(tmp_path: Path) -> None:
    assert opened(tmp_path, 1920, 1080) == (True, SIZE.width(), SIZE.height())


@given(window=windows, free=screens)
def test_whatever_was_saved_it_stands_on_the_screen(window: QRect, free: QRect) -> None:
    stands = brought_in(window, free, FRAME)
    assert free.contains(stands.marginsAdded(FRAME))
    if free.contains(window.marginsAdded(FRAME)):
        assert stands == window


@given(free=screens)
def test_two_windows_never_stand_exactly_on_top_of_each_other(free: QRect) -> None:
    first, second = (side_by_side(place, free, FRAME, LEAST, STEP) for place in (0, 1))
    assert first.topLeft() != second.topLeft()
    for one in (first, second):
        assert free.contains(one.marginsAdded(FRAME))


def test_on_a_wide_screen_two_windows_stand_side_by_side() -> None:
    free = QRect(0, 28, 1920, 1052)
    first, second = (side_by_side(place, free, FRAME, LEAST, STEP) for place in (0, 1))
    assert not first.marginsAdded(FRAME).intersects(second.marginsAdded(FRAME))
    assert first.size() == QSize(956, 800)
