"""Where the window may stand: on the screen, whole, whatever size it would like to have.

Law: nothing of the window is beyond the screen. Its foot holds the sentence that says why a text
was not sent.
"""

from __future__ import annotations

from PySide6.QtCore import QMargins, QRect, QSize

SIZE = QSize(1280, 800)
# Before a window is shown nobody knows how high its title bar will be.
ASSUMED_FRAME = QMargins(0, 40, 0, 0)


def largest(wanted: QSize, free: QRect, frame: QMargins) -> QSize:
    """As much of the wanted size as fits with its frame."""
    return wanted.boundedTo(free.size().shrunkBy(frame))


def brought_in(window: QRect, free: QRect, frame: QMargins) -> QRect:
    """A window, measured without its frame, that stands inside the free part of the screen."""
    inner = free.marginsRemoved(frame)
    size = largest(window.size(), free, frame)
    left = max(inner.left(), min(window.left(), inner.left() + inner.width() - size.width()))
    top = max(inner.top(), min(window.top(), inner.top() + inner.height() - size.height()))
    return QRect(left, top, size.width(), size.height())


def side_by_side(place: int, free: QRect, frame: QMargins, least: int, step: int) -> QRect:
    """Where the first (0) or second (1) of two windows stands.

    Beside each other where each can be ``least`` wide, else one over the other and ``step`` away,
    so that both can be seen to be there.
    """
    half = QRect(free.left() + place * (free.width() // 2), free.top(), free.width() // 2, 0)
    half.setHeight(free.height())
    if half.marginsRemoved(frame).width() >= least:
        return brought_in(QRect(half.marginsRemoved(frame).topLeft(), SIZE), half, frame)
    room = free.size() - QSize(step, step)
    size = largest(SIZE, QRect(free.topLeft(), room), frame)
    corner = free.marginsRemoved(frame).topLeft()
    return QRect(corner.x() + place * step, corner.y() + place * step, size.width(), size.height())
