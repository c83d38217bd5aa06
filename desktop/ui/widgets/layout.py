"""Rows and columns in one line each: widgets, layouts, a number for a gap, None for the rest."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QBoxLayout, QFrame, QHBoxLayout, QLayout, QVBoxLayout, QWidget

Item = QWidget | QLayout | int | None
Margins = tuple[int, int, int, int]
NONE: Margins = (0, 0, 0, 0)


def column(*items: Item, margins: Margins = NONE) -> QVBoxLayout:
    box = QVBoxLayout()
    _fill(box, items, margins)
    return box


def row(*items: Item, margins: Margins = NONE) -> QHBoxLayout:
    box = QHBoxLayout()
    _fill(box, items, margins)
    return box


def _fill(box: QBoxLayout, items: tuple[Item, ...], margins: Margins) -> None:
    box.setContentsMargins(*margins)
    box.setSpacing(0)
    for item in items:
        match item:
            case None:
                box.addStretch(1)
            case int():
                box.addSpacing(item)
            case QLayout():
                box.addLayout(item)
            case _:
                box.addWidget(item)


def area(layout: QLayout, *, ground: str = "", line: str = "") -> QWidget:
    """A plain surface: ``ground`` is a tone, ``line`` the side that has a divider."""
    made = QWidget()
    made.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
    if ground:
        made.setProperty("ground", ground)
    if line:
        made.setProperty("line", line)
    made.setLayout(layout)
    return made


def card(layout: QLayout, kind: str = "plain") -> QFrame:
    """A surface with round corners; ``kind`` as in the style sheet."""
    made = QFrame()
    made.setProperty("card", kind)
    made.setLayout(layout)
    return made


def restyle(widget: QWidget, name: str, value: str) -> None:
    """Give what is drawn by the style sheet another look of those that it knows."""
    if widget.property(name) != value:
        widget.setProperty(name, value)
        widget.style().unpolish(widget)
        widget.style().polish(widget)


def rule() -> QFrame:
    """A line of one pixel from side to side."""
    made = QFrame()
    made.setProperty("card", "rule")
    made.setFixedHeight(1)
    return made
