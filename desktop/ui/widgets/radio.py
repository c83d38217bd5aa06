"""A choice of which one is taken: a ring, what it is, and what it means in one line.

The arrow keys go from one to the next, and take it; Tab goes past all of them.
"""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QButtonGroup, QFrame

from desktop.ui.theme import Theme
from desktop.ui.widgets.layout import card, column, row, rule
from desktop.ui.widgets.plain import Plain


class Radio(QAbstractButton):
    """One of several."""

    def __init__(self, theme: Theme, title: str, text: str) -> None:
        super().__init__()
        px = theme.px
        self._theme = theme
        self.setCheckable(True)
        self.setAutoExclusive(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.title = Plain(theme, title, "control-medium", wrap=True)
        self.text_line = Plain(theme, text, "small", "text_2", wrap=True)
        lines = column(self.title, self.text_line)
        inner = row(px(30), lines, margins=(px(12), px(9), px(12), px(9)))
        inner.setStretch(1, 1)
        self._inner = inner
        self.setLayout(inner)
        self.tell(title, text)
        for one in (self.title, self.text_line):
            one.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        theme.changed.connect(self.update)

    def tell(self, title: str, text: str) -> None:
        """What it is, and what it means, as far as that is known now."""
        self.title.say(title)
        self.text_line.say(text)
        self.setAccessibleName(f"{title}. {text}")

    def sizeHint(self) -> QSize:
        return self._inner.sizeHint()

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return self._inner.totalHeightForWidth(width)

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            colour, px = self._theme.colour, self._theme.px
            side = px(18)
            ring = QRectF(px(12), px(10), side, side)
            if self.isChecked():
                thick = px(5)
                painter.setPen(QPen(colour("accent"), thick))
                painter.drawEllipse(ring.adjusted(thick / 2, thick / 2, -thick / 2, -thick / 2))
            else:
                painter.setPen(QPen(colour("control"), 1))
                painter.drawEllipse(ring.adjusted(0.5, 0.5, -0.5, -0.5))
            if self.hasFocus():
                painter.setPen(QPen(colour("accent"), 2))
                inside = QRectF(self.rect()).adjusted(2, 2, -2, -2)
                painter.drawRoundedRect(inside, px(8), px(8))


def choice(theme: Theme, *radios: Radio) -> QFrame:
    """A frame of some of them, of which the first is taken."""
    inner = column(margins=(1, 1, 1, 1))
    made = card(inner, "choice")
    group = QButtonGroup(made)
    for one in radios:
        if one is not radios[0]:
            inner.addWidget(rule())
        group.addButton(one)
        inner.addWidget(one)
    radios[0].setChecked(True)
    return made
