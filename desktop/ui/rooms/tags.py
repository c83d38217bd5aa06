"""Small words in pills: LIVE, who somebody is, how far a question has come. Drawn and as widgets.

Law: a tag's word says what its colour says.
"""

from __future__ import annotations

from typing import NamedTuple

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from desktop.ui.theme import Theme


class Look(NamedTuple):
    """Roles of a tag: its ground and its line may be none."""

    ground: str
    tone: str
    line: str = ""


LOOKS = {
    "live": Look("live", "on_live"),
    "accent": Look("selected", "accent"),
    "outline": Look("", "text_2", "control"),
    "neutral": Look("hover", "text_2"),
    "ok": Look("ok_soft", "ok"),
    "warn": Look("warn_soft", "warn"),
    "danger": Look("danger_soft", "danger"),
    "raised": Look("bg", "accent", "accent"),  # the accent on a selected ground
}
_HIGH, _PAD = 20, 8


def tag_font(theme: Theme, look: str) -> QFont:
    font = theme.font("caption-strong")
    if look == "live":
        font = QFont(font)
        font.setWeight(QFont.Weight.Bold)
        font.setLetterSpacing(QFont.SpacingType.AbsoluteSpacing, theme.px(3) / 10)
    return font


def tag_width(theme: Theme, text: str, look: str, icon: str = "") -> float:
    words = QFontMetricsF(tag_font(theme, look)).horizontalAdvance(text)
    beside = {"": 0, "dot": 10}.get(icon, 18)
    return words + 2 * theme.px(_PAD) + theme.px(beside)


def draw_tag(
    painter: QPainter, theme: Theme, at: QPointF, text: str, look: str, icon: str = ""
) -> float:
    """A tag with its top left corner there; answers how wide it is."""
    ground, tone, line = LOOKS[look]
    font = tag_font(theme, look)
    width, high = tag_width(theme, text, look, icon), theme.px(_HIGH)
    pill = QRectF(at.x(), at.y(), width, high)
    painter.setBrush(theme.colour(ground) if ground else Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(theme.colour(line), 1) if line else Qt.PenStyle.NoPen)
    body = pill.adjusted(0.5, 0.5, -0.5, -0.5) if line else pill
    painter.drawRoundedRect(body, body.height() / 2, body.height() / 2)
    left = pill.left() + theme.px(_PAD)
    if icon == "dot":
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour(tone))
        side = theme.px(6)
        painter.drawEllipse(QRectF(left, pill.center().y() - side / 2, side, side))
        left += theme.px(10)
    elif icon:
        drawn = theme.pixmap(icon, 14, tone)
        side = theme.px(14)
        where = QRectF(left, pill.center().y() - side / 2, side, side)
        painter.drawPixmap(where, drawn, QRectF(drawn.rect()))
        left += theme.px(18)
    painter.setFont(font)
    painter.setPen(theme.colour(tone))
    metrics = QFontMetricsF(font)
    painter.drawText(QPointF(left, pill.center().y() + metrics.capHeight() / 2), text)
    return width


class StateTag(QWidget):
    """The same as a widget."""

    def __init__(self, theme: Theme, text: str = "", look: str = "neutral", icon: str = "") -> None:
        super().__init__()
        self._theme = theme
        self._text, self._look, self._icon = text, look, icon
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(text)
        theme.changed.connect(self.update)

    @property
    def text(self) -> str:
        return self._text

    def say(self, text: str, look: str, icon: str = "") -> None:
        if (text, look, icon) != (self._text, self._look, self._icon):
            self._text, self._look, self._icon = text, look, icon
            self.setAccessibleName(text)
            self.updateGeometry()
            self.update()

    def sizeHint(self) -> QSize:
        width = tag_width(self._theme, self._text, self._look, self._icon)
        return QSize(round(width + 0.5), self._theme.px(_HIGH))

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            if self._text:
                draw_tag(painter, self._theme, QPointF(), self._text, self._look, self._icon)
