"""People's signs: a round ground from a stable hash, a white letter centred by its cap height."""

from __future__ import annotations

import unicodedata

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from desktop.ui.theme import Theme
from desktop.ui.tokens import AVATARS, ON_AVATAR, hash_of

_LEAST_LETTER = 11


def initial(name: str) -> str:
    """The first letter or digit of a name in its own script; whatever comes first if none."""
    for letter in unicodedata.normalize("NFC", name):
        if letter.isalnum():
            return letter.upper() if len(letter.upper()) == 1 else letter
    return name.strip()[:1] or "?"


def draw_avatar(painter: QPainter, theme: Theme, where: QRectF, name: str, who: bytes) -> None:
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(AVATARS[hash_of(who)]))
    painter.drawEllipse(where)
    letter = initial(name)
    font = QFont(theme.font("title"))
    font.setPixelSize(max(_LEAST_LETTER, round(where.height() * 0.4)))
    metrics = QFontMetricsF(font)
    tight = metrics.tightBoundingRect(letter)
    # Capitals stand on one line and are centred by their common height; other scripts by their ink.
    base = metrics.capHeight() / 2 if letter.isupper() else -tight.center().y()
    painter.setFont(font)
    painter.setPen(QColor(ON_AVATAR))
    painter.drawText(
        QPointF(where.center().x() - tight.center().x(), where.center().y() + base), letter
    )


def draw_online(painter: QPainter, theme: Theme, face: QRectF, ground: QColor) -> None:
    """A dot at the foot of a person's sign, apart from it by a ring of the ground."""
    side, ring = theme.px(10), theme.px(2)
    dot = QRectF(face.right() - side, face.bottom() - side, side, side)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(ground)
    painter.drawEllipse(dot.adjusted(-ring, -ring, ring, ring))
    painter.setBrush(theme.colour("ok"))
    painter.drawEllipse(dot)


class Avatar(QWidget):
    """One person's sign."""

    def __init__(self, theme: Theme, size: int, name: str = "", who: bytes = b"") -> None:
        super().__init__()
        self._theme = theme
        self._name = name
        self._who = who
        self._online = False
        self.setFixedSize(theme.px(size), theme.px(size))

    def show_person(self, name: str, who: bytes) -> None:
        self._name, self._who = name, who
        self.update()

    def show_online(self, online: bool) -> None:
        """On the ground of a page; who draws it says so in words beside it."""
        self._online = online
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._name:
            with QPainter(self) as painter:
                draw_avatar(painter, self._theme, QRectF(self.rect()), self._name, self._who)
                if self._online:
                    draw_online(painter, self._theme, QRectF(self.rect()), self._theme.colour("bg"))
