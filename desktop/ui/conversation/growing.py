"""The frame around a box that grows with what is written, from one line to six; its emoji.

Law: it is as high as its text and no higher; the line around it that says where the keyboard is
moves nothing.
"""

from __future__ import annotations

from math import ceil

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame

from desktop.ui.conversation.box import Box
from desktop.ui.conversation.emoji_picker import EmojiButton
from desktop.ui.theme import Theme
from desktop.ui.widgets.layout import column, row

_LINES = 6
_Bar = Qt.ScrollBarPolicy


class GrowingBox(QFrame):
    """Whoever owns it listens to :attr:`box`."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._px = theme.px
        self.setProperty("composer", True)
        self.box = Box()
        self.box.setFont(theme.font("body"))
        self.box.setTabChangesFocus(True)
        self.box.setVerticalScrollBarPolicy(_Bar.ScrollBarAlwaysOff)
        self.box.setHorizontalScrollBarPolicy(_Bar.ScrollBarAlwaysOff)
        self.box.document().setDocumentMargin(0)
        self.box.focused.connect(self._focused)
        px = theme.px
        self.emoji = EmojiButton(theme, self.box)
        inside = row(
            column(px(8), self.box, px(8)),
            px(4),
            column(None, self.emoji, px(3)),
            margins=(px(10), 0, px(3), 0),
        )
        inside.setStretch(0, 1)
        self.setLayout(inside)
        self.box.textChanged.connect(self.fit)
        self.fit()

    def fit(self) -> None:
        """As high as the text."""
        first = self.box.document().firstBlock().layout()
        line = first.lineAt(0).height() if first.lineCount() else self.box.fontMetrics().height()
        lines = max(1, round(self.box.document().size().height()))
        high = max(self._px(22), ceil(min(lines, _LINES) * line) + 1)
        bar = _Bar.ScrollBarAsNeeded if lines > _LINES else _Bar.ScrollBarAlwaysOff
        self.box.setVerticalScrollBarPolicy(bar)
        if self.box.height() != high or self._framed(high) != self.height():
            self.box.setFixedHeight(high)
            self.setFixedHeight(self._framed(high))

    # Qt asks

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.fit()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest:
            self.fit()
        return super().event(event)

    # inside

    def _framed(self, high: int) -> int:
        return max(self._px(40), high + self._px(18))

    def _focused(self, focused: bool) -> None:
        self.setProperty("active", focused)
        self.style().unpolish(self)
        self.style().polish(self)
