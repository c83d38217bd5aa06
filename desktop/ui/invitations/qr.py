"""A link as a picture to scan: squares, sharp at every size, dark on light in both themes."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from desktop.ui.invitations import strings as words
from desktop.ui.theme import Theme

_QUIET = 4  # modules of empty ground around it, as scanners want
_DARK, _LIGHT = "#15181E", "#FFFFFF"


class QrCode(QWidget):
    """Scanners want dark on light, whatever the theme."""

    def __init__(self, theme: Theme, size: int = 200) -> None:
        super().__init__()
        self._theme = theme
        self._rows: list[bytes] = []
        self.setFixedSize(theme.px(size), theme.px(size))
        self.setAccessibleName(words.INVITE_QR)

    def show_text(self, text: str) -> None:
        import segno  # noqa: PLC0415 - 45 ms that only this dialog needs

        self._rows = [bytes(row) for row in segno.make(text, error="l", micro=False).matrix]
        self.update()

    def clear(self) -> None:
        self._rows = []
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(_LIGHT))
            painter.drawRoundedRect(QRectF(self.rect()), self._theme.px(8), self._theme.px(8))
            if not self._rows:
                return
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
            count = len(self._rows) + 2 * _QUIET
            side = (
                max(1, int(self.width() * self.devicePixelRatio() / count))
                / self.devicePixelRatio()
            )
            begin = (self.width() - side * len(self._rows)) / 2
            painter.setBrush(QColor(_DARK))
            for y, cells in enumerate(self._rows):
                for x, dark in enumerate(cells):
                    if dark:
                        painter.drawRect(QRectF(begin + x * side, begin + y * side, side, side))
