"""Whether anything is drawn on a stretch of pixels."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from PySide6.QtCore import QRect
from PySide6.QtGui import QImage

from desktop.demo.sight import Box

LEAST_INK = 0.01


def inked(pixels: Sequence[int]) -> bool:
    """Not one colour alone: letters cover more than a hundredth of where they stand."""
    if not pixels:
        return False
    _, ground = Counter(pixels).most_common(1)[0]
    return len(pixels) - ground > LEAST_INK * len(pixels)


def inked_at(image: QImage, where: Box) -> bool:
    """The same for a part of a picture, in its own pixels; False when it is not all inside."""
    part = QRect(where.x, where.y, where.width, where.height)
    if not image.rect().contains(part):
        return False
    cut = image.copy(part).convertToFormat(QImage.Format.Format_RGB32)
    return inked(memoryview(cut.constBits()).cast("B").cast("I").tolist())
