"""What is typed before there is a field: kept, and put into the first one that comes.

Law: nothing of it is shown, and nothing of it is kept once it was given.
"""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent

_COMMANDS = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.MetaModifier
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class Early:
    """Letters, and whether Enter followed them."""

    def __init__(self) -> None:
        self._text = ""
        self._entered = False

    def take(self, event: QKeyEvent) -> bool:
        """Whether the key is for a field that is not there yet."""
        if event.key() in _ENTER:
            self._entered = bool(self._text)
        elif event.key() == Qt.Key.Key_Backspace:
            self._text = self._text[:-1]
        elif event.text().isprintable() and event.text() and not event.modifiers() & _COMMANDS:
            self.add(event.text())
        else:
            return False
        return True

    def add(self, text: str) -> None:
        # What comes after Enter was not meant for this field.
        if not self._entered:
            self._text += text

    def give(self) -> tuple[str, bool]:
        """The text and whether it was entered; forgotten here."""
        given = self._text, self._entered
        self._text, self._entered = "", False
        return given
