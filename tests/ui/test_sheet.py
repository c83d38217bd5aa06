"""The style sheet at every size a member can choose."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from desktop.ui.theme import Mode, Theme
from desktop.ui.tokens import SCALES
from desktop.ui.widgets.badge import badge_text
from desktop.ui.widgets.buttons import Button, IconButton, Kind, RailButton
from desktop.ui.widgets.fields import Field

KINDS: tuple[Kind, ...] = (
    "filled",
    "tinted",
    "outline",
    "quiet",
    "danger",
    "quiet-danger",
    "chip",
    "segment",
    "nav",
)


@pytest.fixture(params=SCALES)
def theme(qtbot: QtBot, request: pytest.FixtureRequest) -> Iterator[Theme]:
    yield Theme(Mode.LIGHT, request.param)
    Theme(Mode.LIGHT)  # the sheet belongs to the application


def made(theme: Theme) -> dict[str, QWidget]:
    buttons: dict[str, QWidget] = {kind: Button(theme, "Add relay", kind) for kind in KINDS}
    compact: dict[str, QWidget] = {
        f"{kind}, compact": Button(theme, "Add relay", kind, compact=True) for kind in KINDS[:6]
    }
    return {
        **buttons,
        **compact,
        "icon": IconButton(theme, "search", "Find"),
        "send": IconButton(theme, "search", "Find", kind="send"),
        "rail": RailButton(theme, "settings", "Settings"),
        "field": Field(theme, "Name"),
        "tall field": Field(theme, "Name", tall=True),
    }


def test_nothing_moves_when_the_focus_comes(qtbot: QtBot, theme: Theme) -> None:
    moved: list[str] = []
    for name, widget in made(theme).items():
        qtbot.addWidget(widget)
        widget.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        widget.show()
        widget.activateWindow()
        before = widget.sizeHint()
        widget.setFocus()
        qtbot.waitUntil(widget.hasFocus)
        if widget.sizeHint() != before:
            moved.append(f"{name}: {before} {widget.sizeHint()}")
        widget.hide()
    assert moved == []


def test_a_chosen_chip_is_round(qtbot: QtBot, theme: Theme) -> None:
    chip = Button(theme, "All", "chip", checkable=True)
    qtbot.addWidget(chip)
    chip.setChecked(True)
    chip.resize(chip.sizeHint())
    image = chip.grab().toImage()
    ground = theme.colour("selected")
    assert image.pixelColor(image.width() // 2, 1) == ground
    assert image.pixelColor(1, 1) != ground


def test_the_rail_has_room_for_two_digits() -> None:
    assert [badge_text(count, small=True) for count in (99, 100)] == ["99", "99+"]
    assert [badge_text(count) for count in (999, 1000)] == ["999", "999+"]
