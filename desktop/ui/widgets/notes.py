"""Cards that say something: a note with an icon, an empty state, a dot with a word."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QWidget

from desktop.ui.theme import Theme
from desktop.ui.widgets.buttons import Button
from desktop.ui.widgets.layout import column, row
from desktop.ui.widgets.plain import Picture, Plain


class Note(QFrame):
    """A soft card with an icon, first words in semibold and the rest."""

    def __init__(self, theme: Theme, icon: str, lead: str, text: str, kind: str = "warn") -> None:
        super().__init__()
        px = theme.px
        self.setProperty("card", kind)
        tone = {"warn": "warn", "danger": "danger", "ok": "ok"}.get(kind, "text_2")
        self.words = Plain(theme, text, "small", wrap=True, lead=lead)
        picture = column(Picture(theme, icon, 20, tone), None)
        inner = row(picture, px(12), self.words, margins=(px(16), px(12), px(16), px(12)))
        inner.setStretch(2, 1)
        self.setLayout(inner)


class Empty(QWidget):
    """What a list shows when it has nothing: why, and what can be done."""

    def __init__(
        self,
        theme: Theme,
        icon: str,
        title: str,
        text: str = "",
        *,
        action: str = "",
        clicked: Callable[[], object] | None = None,
    ) -> None:
        super().__init__()
        px = theme.px
        self.picture = Picture(theme, icon, 24)
        self.title = Plain(theme, title, "control-strong", align="center", wrap=True)
        self.text = Plain(theme, text, "small", "text_2", align="center", wrap=True)
        if not text:  # never shown before it has a place: it would be a window of its own
            self.text.hide()
        layout = column(
            None,
            row(None, self.picture, None),
            px(12),
            self.title,
            px(4),
            self.text,
            margins=(px(40), 0, px(40), 0),
        )
        if clicked is not None:
            layout.addSpacing(px(16))
            self.action = Button(theme, action, "tinted", clicked=clicked)
            layout.addLayout(row(None, self.action, None))
        layout.addStretch(1)
        self.setLayout(layout)


class Dot(QWidget):
    """A spot of colour beside words that say the same; hollow when there is nothing to report."""

    def __init__(self, theme: Theme, tone: str = "ok", *, hollow: bool = False) -> None:
        super().__init__()
        self._theme = theme
        self._tone = tone
        self._hollow = hollow
        self.setFixedSize(theme.px(8), theme.px(8))
        theme.changed.connect(self.update)

    @property
    def hollow(self) -> bool:
        """Whether only its line is drawn."""
        return self._hollow

    def show_tone(self, tone: str, *, hollow: bool = False) -> None:
        self._tone, self._hollow = tone, hollow
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            colour = self._theme.colour(self._tone)
            if self._hollow:
                painter.setPen(QPen(colour, 2))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawEllipse(QRectF(self.rect()).adjusted(1, 1, -1, -1))
            else:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(colour)
                painter.drawEllipse(QRectF(self.rect()))


class Tag(QWidget):
    """One word in a small pill."""

    def __init__(self, theme: Theme, text: str, *, tone: str = "") -> None:
        super().__init__()
        self._theme = theme
        self._ground = f"{tone}_soft" if tone else "hover"
        px = theme.px
        self.words = Plain(theme, "", "caption-strong", tone or "text_2")
        self.say(text)
        self.setLayout(row(self.words, margins=(px(8), 0, px(8), 0)))
        self.setFixedHeight(px(20))
        theme.changed.connect(self.update)

    def say(self, text: str) -> None:
        self.words.say(text)
        self.words.setMinimumWidth(self.words.sizeHint().width())

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._theme.colour(self._ground))
            painter.drawRoundedRect(QRectF(self.rect()), self.height() / 2, self.height() / 2)
