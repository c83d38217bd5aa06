"""Buttons. One filled one per surface; tinted ones where an action repeats in a list.

A click does not take the focus away from where the member writes; Tab reaches every button.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QCursor, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QPushButton, QWidget

from desktop.ui.theme import Theme
from desktop.ui.widgets.badge import draw_badge
from desktop.ui.widgets.layout import column, restyle, row
from desktop.ui.widgets.plain import Picture, Plain, tip

Kind = Literal[
    "filled",
    "tinted",
    "outline",
    "quiet",
    "danger",
    "quiet-danger",
    "link",
    "chip",
    "nav",
    "segment",
    "inverse",
]
_TONES = {
    "filled": "on_accent",
    "tinted": "accent",
    "outline": "text",
    "quiet": "text_2",
    "danger": "danger",
    "quiet-danger": "danger",
    "link": "link",
    "nav": "text_2",
    "chip": "text_2",
    "segment": "text_2",
    "inverse": "inverse_link",
}


def leave_if_moved(button: QWidget) -> None:
    """A button that went away from under the pointer; Qt would tell it at the next movement."""
    here = button.rect().contains(button.mapFromGlobal(QCursor.pos())) and button.isVisible()
    if button.testAttribute(Qt.WidgetAttribute.WA_UnderMouse) and not here:
        button.setAttribute(Qt.WidgetAttribute.WA_UnderMouse, False)
        QApplication.sendEvent(button, QEvent(QEvent.Type.Leave))
        button.update()


class Pressable(QPushButton):
    """Whoever tabbed to a button presses it with Enter as well as with Space."""

    def __init__(self) -> None:
        super().__init__()
        self.setAutoDefault(False)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)


class Button(Pressable):
    """A button with words."""

    def __init__(
        self,
        theme: Theme,
        text: str,
        kind: Kind = "outline",
        *,
        icon: str = "",
        compact: bool = False,
        tall: bool = False,
        checkable: bool = False,
        clicked: Callable[[], object] | None = None,
    ) -> None:
        super().__init__()
        self._theme = theme
        self._kind = kind
        self._icon = icon
        self.say(text)
        self.setProperty("kind", kind)
        self.setProperty("compact", compact)
        self.setProperty("tall", tall)
        self.setCheckable(checkable)
        self.setAutoExclusive(checkable)  # of several only one: a screen reader says so
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        if icon:
            side = theme.px(20 if kind == "nav" else 16)
            self.setIconSize(QSize(side, side))
            theme.changed.connect(self._dress)
            self.toggled.connect(self._dress)
            self._dress()
        if clicked is not None:
            self.clicked.connect(clicked)

    def look(self, kind: Kind) -> None:
        self._kind = kind
        restyle(self, "kind", kind)
        if self._icon:
            self._dress()

    def say(self, text: str) -> None:
        gap = ("   " if self._kind == "nav" else " ") if self._icon else ""  # Qt leaves 4 px
        self.setText(gap + text.replace("&", "&&"))
        self.setAccessibleName(text)

    def _dress(self) -> None:
        tone = "accent" if self.isCheckable() and self.isChecked() else _TONES[self._kind]
        size = 20 if self._kind == "nav" else 16
        self.setIcon(self._theme.icon(self._icon, size, tone, off="text_2"))


class IconButton(Pressable):
    """A button that is an icon; its name is its tip and what a screen reader says."""

    def __init__(
        self,
        theme: Theme,
        icon: str,
        name: str,
        *,
        keys: str = "",
        kind: Literal["icon", "send"] = "icon",
        tone: str = "text_2",
        size: int = 20,
        off: str = "text_2",
        clicked: Callable[[], object] | None = None,
    ) -> None:
        super().__init__()
        self._theme = theme
        self._icon = icon
        self._tone = tone
        self._off = off
        self._size = size
        self.setProperty("kind", kind)
        self.setIconSize(QSize(theme.px(size), theme.px(size)))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.rename(name, keys)
        theme.changed.connect(self._dress)
        self._dress()
        if clicked is not None:
            self.clicked.connect(clicked)

    def rename(self, name: str, keys: str = "") -> None:
        self.setAccessibleName(name)
        tip(self, name, keys)

    def show_icon(self, icon: str, tone: str | None = None) -> None:
        self._icon = icon
        self._tone = tone or self._tone
        self._dress()

    def _dress(self) -> None:
        self.setIcon(self._theme.icon(self._icon, self._size, self._tone, off=self._off))


class RailButton(Pressable):
    """A tile of the rail: a place of the app, with a count of what is new there."""

    def __init__(self, theme: Theme, icon: str, name: str, keys: str = "") -> None:
        super().__init__()
        self._theme = theme
        self._icon = icon
        self._name = name
        self._count = 0
        self.setProperty("kind", "rail")
        self.setCheckable(True)
        self.setAutoExclusive(True)
        self.setIconSize(QSize(theme.px(20), theme.px(20)))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName(name)
        tip(self, name, keys)
        self.toggled.connect(self._dress)
        theme.changed.connect(self._dress)
        self._dress()

    def set_count(self, count: int) -> None:
        if count != self._count:
            self._count = count
            self.setAccessibleName(f"{self._name}, {count} unread" if count else self._name)
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self._count:
            with QPainter(self) as painter:
                painter.setRenderHint(QPainter.RenderHint.Antialiasing)
                top_right = QRectF(0, self._theme.px(4), self.width() - self._theme.px(2), 0)
                ground = "selected" if self.isChecked() else "surface"
                draw_badge(painter, self._theme, top_right, self._count, ring=ground, small=True)

    def _dress(self) -> None:
        tone = "accent" if self.isChecked() else "text_2"
        self.setIcon(self._theme.icon(self._icon, 20, tone))


class RowButton(Pressable):
    """A whole row that leads somewhere: icon, title, one line under it, and where it goes."""

    def __init__(
        self,
        theme: Theme,
        icon: str,
        title: str,
        text: str,
        *,
        clicked: Callable[[], object],
    ) -> None:
        super().__init__()
        self.setProperty("kind", "row")
        self.setAccessibleName(f"{title}. {text}")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.title = Plain(theme, title, "control-medium")
        self.text_line = Plain(theme, text, "small", "text_2")
        self._end = row()
        px = theme.px
        inner = row(
            Picture(theme, icon, 20),
            px(16),
            column(None, self.title, self.text_line, None),
            self._end,
            px(12),
            Picture(theme, "chevron-right", 16),
            margins=(px(16), 0, px(16), 0),
        )
        inner.setStretch(2, 1)
        self.setLayout(inner)
        for child in self.findChildren(Plain):
            child.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.clicked.connect(clicked)

    def end_with(self, widget: QWidget) -> None:
        self._end.addWidget(widget)
