"""Counts: how much is new. Drawn, since lists draw their rows and the rail its tiles."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPen

from desktop.ui.theme import Theme


def badge_text(count: int, *, small: bool = False) -> str:
    """A small one has room for two digits."""
    most = 99 if small else 999
    return str(count) if count <= most else f"{most}+"


def badge_width(theme: Theme, count: int, *, small: bool = False) -> float:
    metrics = QFontMetricsF(theme.font("caption-strong"))
    pad, least = (theme.px(4), theme.px(16)) if small else (theme.px(6), theme.px(20))
    return max(metrics.horizontalAdvance(badge_text(count, small=small)) + 2 * pad, least)


def draw_badge(
    painter: QPainter,
    theme: Theme,
    inside: QRectF,
    count: int,
    *,
    ring: str | None = None,
    small: bool = False,
) -> None:
    """A count at the top right of ``inside``; ``ring`` is the ground's role it stands out from."""
    height = theme.px(16 if small else 20)
    width = badge_width(theme, count, small=small)
    pill = QRectF(inside.right() - width, inside.top(), width, height)
    if ring is not None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour(ring))
        painter.drawRoundedRect(pill.adjusted(-2, -2, 2, 2), height / 2 + 2, height / 2 + 2)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.colour("accent"))
    painter.drawRoundedRect(pill, height / 2, height / 2)
    font = theme.font("caption-strong")
    painter.setFont(font)
    painter.setPen(QPen(theme.colour("on_accent")))
    metrics = QFontMetricsF(font)
    text = badge_text(count, small=small)
    left = pill.center().x() - metrics.horizontalAdvance(text) / 2
    painter.drawText(QPointF(left, pill.center().y() + metrics.capHeight() / 2), text)
