"""A room's sign: a square with round corners, where people have round ones."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from desktop.core.texts import harmless_name
from desktop.ui.theme import Theme
from desktop.ui.tokens import AVATARS, ON_AVATAR, hash_of
from desktop.ui.widgets.avatar import initial
from protocol.ids import RoomId

_LEAST_LETTER = 11
_SMALL = 36


class RoomFace(QWidget):
    """Radius 12, and 8 where it is small."""

    def __init__(
        self, theme: Theme, size: int, title: str = "", room: RoomId | None = None
    ) -> None:
        super().__init__()
        self._theme = theme
        self._size = size
        self._title, self._room = title, room
        self.setFixedSize(theme.px(size), theme.px(size))

    def show_room(self, title: str, room: RoomId) -> None:
        self._title, self._room = title, room
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            if self._room is not None:
                where = QRectF(self.rect())
                small = self._size <= _SMALL
                draw_room(painter, self._theme, where, self._title, self._room, small=small)


def draw_room(
    painter: QPainter, theme: Theme, where: QRectF, title: str, room: RoomId, *, small: bool = False
) -> None:
    """A room's sign, in a list that draws its own rows."""
    radius = theme.px(8 if small else 12)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(AVATARS[hash_of(room)]))
    painter.drawRoundedRect(where, radius, radius)
    letter = initial(harmless_name(title))
    font = QFont(theme.font("title"))
    font.setPixelSize(max(_LEAST_LETTER, round(where.height() * 0.4)))
    metrics = QFontMetricsF(font)
    tight = metrics.tightBoundingRect(letter)
    base = metrics.capHeight() / 2 if letter.isupper() else -tight.center().y()
    painter.setFont(font)
    painter.setPen(QColor(ON_AVATAR))
    middle = where.center()
    painter.drawText(QPointF(middle.x() - tight.center().x(), middle.y() + base), letter)
