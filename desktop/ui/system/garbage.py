"""Where circles of objects are thrown away: on the window's thread, and nowhere else.

Law: Python's collector runs on whichever thread happens to make the object that is one too many.
A widget in a circle would then be destroyed beside its own thread, which Qt forbids, or wait there
for work that waits for it. So it is off while there is a window, and asked from here.
"""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimer

_EACH_MS = 1_000


def collect_due() -> None:
    """Collect each generation that is full by Python's own measure."""
    for generation, (count, full) in enumerate(
        zip(gc.get_count(), gc.get_threshold(), strict=True)
    ):
        if count <= full:
            return
        gc.collect(generation)


class Garbage(QObject):
    """Looks now and then, from the moment it is made until it goes."""

    def __init__(self, each_ms: int = _EACH_MS) -> None:
        super().__init__()
        gc.disable()
        # What has been loaded stays: the collector need not look at it again and again.
        gc.freeze()
        self._timer = QTimer(self)
        self._timer.timeout.connect(collect_due)
        self._timer.start(each_ms)
