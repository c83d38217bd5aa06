"""A page that scrolls only when it does not fit."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QBoxLayout, QFrame, QScrollArea, QWidget

from desktop.ui.widgets.layout import area


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


class Tall(Scrolled):
    """In a dialog of a known width: as high as its content, and scrolls where that is too high."""

    def __init__(self, content: QBoxLayout, width: int) -> None:
        super().__init__(area(content))
        self._content, self._width = content, width

    def sizeHint(self) -> QSize:
        content = self._content
        if content.hasHeightForWidth():
            return QSize(self._width, content.totalHeightForWidth(self._width))
        return QSize(self._width, content.totalSizeHint().height())
