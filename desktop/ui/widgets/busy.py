"""While the engine works: what must not be asked twice rests, and the focus waits.

Law: the keyboard comes back to where it was, or to what was wrong, unless the member has taken it
somewhere else meanwhile. Left alone, Qt would pass it on to whatever comes next.
"""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget
from shiboken6 import isValid


class Busy:
    """``place`` holds the focus while ``resting`` cannot; it is a page, a card or a form."""

    def __init__(self, place: QWidget, *resting: QWidget) -> None:
        self._place = place
        self._resting = resting
        self._before: QWidget | None = None

    def begin(self) -> None:
        self._before = None
        if any(holds_focus(one) for one in self._resting):
            self._before = QApplication.focusWidget()
            self._place.setFocus(Qt.FocusReason.OtherFocusReason)
        for one in self._resting:
            one.setEnabled(False)

    def end(self, wrong: QWidget | None = None) -> None:
        """``wrong`` is what has to be mended; it takes the focus if that waited here."""
        for one in self._resting:
            one.setEnabled(True)
        if wrong is None:
            wrong = self._before if self._place.hasFocus() else None
        if QApplication.focusWidget() is None or holds_focus(self._place):
            give_focus(wrong)


def holds_focus(place: QWidget) -> bool:
    """Whether the keyboard speaks to this widget or to something in it."""
    now = QApplication.focusWidget()
    return now is not None and (now is place or place.isAncestorOf(now))


def give_focus(widget: QWidget | None) -> bool:
    """Whether it is still there to take the focus, and took it."""
    if widget is None or not isValid(widget) or not widget.isVisible() or not widget.isEnabled():
        return False
    widget.setFocus(Qt.FocusReason.OtherFocusReason)
    return True


def stops(inside: QWidget) -> list[QWidget]:
    """Where Tab stops inside a shown widget, in the order it was made."""
    return [
        child
        for child in inside.findChildren(QWidget)
        if child.focusPolicy() & Qt.FocusPolicy.TabFocus
        and child.isEnabled()
        and child.isVisibleTo(inside)
    ]
