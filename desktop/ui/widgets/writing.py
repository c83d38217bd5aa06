"""A field of several lines. What is longer than it may be is kept, and said to be too long."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QPlainTextEdit

from desktop.ui.theme import Theme
from desktop.ui.widgets.plain import Plain


class Writing(QPlainTextEdit):
    """``lines`` high, and Tab goes on to the next field."""

    def __init__(
        self, theme: Theme, name: str, *, lines: int = 2, most: int = 1000, text: str = ""
    ) -> None:
        super().__init__()
        px = theme.px
        self._most = most
        self.setProperty("field", True)
        self.setAccessibleName(name)
        self.setTabChangesFocus(True)
        self.setFixedHeight(px(20 + 20 * lines))
        self.document().setDocumentMargin(px(9))
        self.setPlainText(text)

    @property
    def fits(self) -> bool:
        """Whether it is no longer than it may be."""
        return len(self.toPlainText()) <= self._most

    @property
    def over(self) -> int:
        """How many letters it is too long by."""
        return max(0, len(self.toPlainText()) - self._most)


class WritingProblem(Plain):
    """Below a writing: by how much it is too long. Nothing while it fits."""

    def __init__(self, theme: Theme, writing: Writing, said: Callable[[int], str]) -> None:
        super().__init__(theme, "", "small", "danger", wrap=True)
        self._writing, self._said = writing, said
        writing.textChanged.connect(self._look)
        self.hide()

    def _look(self) -> None:
        over = self._writing.over
        self.say(self._said(over) if over else "")
        self._writing.setAccessibleDescription(self.text())
        self.setVisible(bool(over))
