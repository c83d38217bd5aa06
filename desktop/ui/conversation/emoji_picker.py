"""Emoji to put into what is being written: a button, and a board of the usual ones.

Laws: every sign has its name for a screen reader; the board gives the keyboard back to the box it
writes into, also when nothing was chosen.
"""

from __future__ import annotations

import unicodedata
from functools import partial

from PySide6.QtCore import QPoint, QRectF, Qt, Signal
from PySide6.QtGui import QHideEvent, QKeyEvent, QPainterPath, QRegion, QResizeEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QPlainTextEdit, QWidget

from desktop.ui.conversation import strings
from desktop.ui.theme import Theme
from desktop.ui.widgets.buttons import IconButton, Pressable
from desktop.ui.widgets.plain import tip

ACROSS = 8
_STEPS = {
    Qt.Key.Key_Left: -1,
    Qt.Key.Key_Right: 1,
    Qt.Key.Key_Up: -ACROSS,
    Qt.Key.Key_Down: ACROSS,
}


def spoken(sign: str) -> str:
    """clapping hands sign"""
    return unicodedata.name(sign[0], sign).lower()


class Sign(Pressable):
    """One of them. The arrow keys are the board's: left alone, a button takes them for Tab."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in _STEPS:
            event.ignore()
        else:
            super().keyPressEvent(event)


class EmojiBoard(QFrame):
    """Closes when one was chosen, on Escape, and on a click beside it."""

    chosen = Signal(str)
    closed = Signal()

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup | Qt.WindowType.FramelessWindowHint)
        self._theme, px = theme, theme.px
        self.setProperty("card", "dialog")
        self.setAccessibleName(strings.EMOJI)
        self.signs: dict[str, Sign] = {}
        grid = QGridLayout(self)
        grid.setContentsMargins(px(8), px(8), px(8), px(8))
        grid.setSpacing(px(2))
        for place, sign in enumerate(strings.EMOJI_SIGNS):
            made = Sign()
            made.setText(sign)
            made.setProperty("kind", "emoji")
            made.setAccessibleName(spoken(sign))
            made.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            made.clicked.connect(partial(self._choose, sign))
            tip(made, spoken(sign))
            grid.addWidget(made, place // ACROSS, place % ACROSS)
            self.signs[sign] = made

    def open_above(self, button: QWidget) -> None:
        """Its lower right corner at the button's upper right one, within the screen."""
        self.adjustSize()
        at = button.mapToGlobal(QPoint(button.width() - self.width(), -self.height()))
        screen = button.screen().availableGeometry()
        at.setX(min(max(at.x(), screen.left()), screen.right() - self.width()))
        self.move(at.x(), max(at.y() - self._theme.px(4), screen.top()))
        self.show()
        next(iter(self.signs.values())).setFocus(Qt.FocusReason.PopupFocusReason)

    # Qt asks

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = _STEPS.get(Qt.Key(event.key()))
        every = list(self.signs.values())
        here = next((n for n, one in enumerate(every) if one.hasFocus()), 0)
        if step is not None and 0 <= here + step < len(every):
            every[here + step].setFocus(Qt.FocusReason.TabFocusReason)
        elif event.key() == Qt.Key.Key_Escape:
            self.hide()
        event.accept()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Where nothing blends windows, the corners beside the round ones would be black."""
        super().resizeEvent(event)
        path, round_ = QPainterPath(), self._theme.px(12)
        path.addRoundedRect(QRectF(self.rect()), round_, round_)
        self.setMask(QRegion(path.toFillPolygon().toPolygon()))

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.closed.emit()

    # inside

    def _choose(self, sign: str) -> None:
        self.hide()
        self.chosen.emit(sign)


class EmojiButton(IconButton):
    """Writes into ``box``."""

    def __init__(self, theme: Theme, box: QPlainTextEdit) -> None:
        super().__init__(theme, "smile", strings.EMOJI, clicked=self.open_board)
        self.setProperty("bar", True)
        self._box = box
        self.board: EmojiBoard | None = None

    def open_board(self) -> None:
        if self.board is None:
            self.board = EmojiBoard(self._theme, self)
            self.board.chosen.connect(self._box.insertPlainText)
            self.board.closed.connect(self._back)
        self.board.open_above(self)

    # inside

    def _back(self) -> None:
        self._box.setFocus(Qt.FocusReason.OtherFocusReason)
