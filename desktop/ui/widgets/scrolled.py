"""A page that scrolls only when it does not fit."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget


class Scrolled(QScrollArea):
    """Shows one widget, up and down."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__()
        widget.setProperty("scrolled", True)
        self.setWidget(widget)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.viewport().setAutoFillBackground(False)

    def read_with_keys(self, name: str) -> None:
        """Nothing in it takes the focus, so it does itself: the arrow keys move what it shows."""
        self.setAccessibleName(name)
        self.setProperty("read", True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
