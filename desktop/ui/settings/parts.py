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
                Plain(theme, together(text), "body", "text_2", wrap=True),
                px(20),
                self.cards,
                None,
            )
        )

    def add(self, widget: QWidget) -> None:
        if self.cards.count():
            self.cards.addSpacing(self.theme.px(12))
        self.cards.addWidget(widget)


def choice(theme: Theme, title: str, text: str, control: QWidget | None = None) -> QFrame:
    """A card of one line: what it is, what follows from it in one line, and its control."""
    px = theme.px
    line = row(_words(theme, title, text), margins=(px(16), px(12), px(16), px(12)))
    line.setStretch(0, 1)
    if control is not None:
        line.addSpacing(px(16))
        line.addWidget(control)
    return card(line)


def choices(theme: Theme, title: str, text: str, *controls: QWidget) -> QFrame:
    """A card with several controls, of which one is on. They stand below the words."""
    px = theme.px
    line = row()
    for control in controls:
        line.addWidget(control)
        line.addSpacing(px(4))
    line.addStretch(1)
    return card(
        column(_words(theme, title, text), px(12), line, margins=(px(16), px(12), px(16), px(14)))
    )


def _words(theme: Theme, title: str, text: str) -> QVBoxLayout:
    return column(
        Plain(theme, title, "control-medium"),
        theme.px(1),
        Plain(theme, together(text), "small", "text_2", wrap=True),
    )


def together(text: str) -> str:
    """No last word stands alone on a line: the last three go there together."""
    *before, last = text.rsplit(" ", 2) if text.count(" ") > 6 else [text]
    return "\u00a0".join((" ".join(before[:1]), *before[1:], last)) if before else last
