"""Icons: line SVG from the bundled set, drawn in a token's colour at the screen's own pixels.

Strokes are 1.75 at 20 px and above, 2 below, so that lines look equally heavy.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

ASSETS = Path(__file__).parent / "assets"


@lru_cache(maxsize=128)
def _source(name: str) -> str:
    return (ASSETS / "icons" / f"{name}.svg").read_text(encoding="utf-8")


@lru_cache(maxsize=512)
def pixmap(name: str, size: int, colour: str, ratio: float) -> QPixmap:
    """The icon ``name`` at ``size`` logical pixels; ``colour`` is a token's value."""
    stroke = "1.75" if size >= 20 else "2"
    text = _source(name).replace("currentColor", colour)
    text = text.replace('stroke-width="2"', f'stroke-width="{stroke}"')
    return _rendered(text, size, ratio)


@lru_cache(maxsize=16)
def mark(size: int, line: str, fill: str, ground: str, ratio: float) -> QPixmap:
    """The mark: outline, filled bubble, and the gap between them in the ground's colour."""
    text = (ASSETS / "aside-mark.svg").read_text(encoding="utf-8")
    text = text.replace("#FFFFFF", ground).replace("#15181E", line).replace("#2A54DB", fill)
    return _rendered(text, size, ratio)


def icon(name: str, size: int, colour: str, ratio: float, off: str | None = None) -> QIcon:
    """The same as a QIcon; ``off`` is the colour while disabled."""
    made = QIcon(pixmap(name, size, colour, ratio))
    if off is not None:
        made.addPixmap(pixmap(name, size, off, ratio), QIcon.Mode.Disabled)
    return made


def _rendered(text: str, size: int, ratio: float) -> QPixmap:
    image = QPixmap(round(size * ratio), round(size * ratio))
    image.fill(Qt.GlobalColor.transparent)
    with QPainter(image) as painter:
        QSvgRenderer(QByteArray(text.encode())).render(
            painter, QRectF(0, 0, image.width(), image.height())
        )
    image.setDevicePixelRatio(ratio)
    return image
