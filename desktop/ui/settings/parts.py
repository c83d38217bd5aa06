"""What settings are made of: a section with its title, cards, and lines with one control each."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from desktop.ui.theme import Theme
from desktop.ui.widgets.layout import card, column, row
from desktop.ui.widgets.plain import Plain


class Section(QWidget):
    """A title, what it is about, and its cards. ``found_by`` are the words a search finds it by."""

    def __init__(self, theme: Theme, title: str, text: str, *found_by: str) -> None:
        super().__init__()
        self.theme = theme
        px = theme.px
        self.found_by = " ".join((title, text, *found_by)).casefold()
        self.setAccessibleName(title)
        self.cards: QVBoxLayout = column()
        self.setLayout(
            column(
                Plain(theme, title, "page"),
                px(4),
                Plain(theme, text, "body", "text_2", wrap=True),
                px(20),
                self.cards,
                None,
            )
        )

    def add(self, widget: QWidget) -> None:
        if self.cards.count():
            self.cards.addSpacing(self.theme.px(12))
        self.cards.addWidget(widget)


def choice(theme: Theme, title: str, text: str, *controls: QWidget) -> QFrame:
    """A card of one line: what it is, what follows from it in one line, and its control."""
    px = theme.px
    words = column(
        Plain(theme, title, "control-medium"),
        px(1),
        Plain(theme, text, "small", "text_2", wrap=True),
    )
    line = row(words, px(16), margins=(px(16), px(12), px(16), px(12)))
    line.setStretch(0, 1)
    for number, control in enumerate(controls):
        if number:
            line.addSpacing(px(4))
        line.addWidget(control)
    return card(line)
