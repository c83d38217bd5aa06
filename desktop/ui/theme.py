"""Tokens onto the screen: palette, the one style sheet, fonts, icons, and the switch at run time.

Law: a widget asks the theme for a colour, a font or a size, and redraws when ``changed`` comes.
"""

from __future__ import annotations

from enum import Enum
from functools import cache

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase, QGuiApplication, QIcon, QPalette, QPixmap
from PySide6.QtWidgets import QApplication

from desktop.ui import icons
from desktop.ui.sheet import sheet
from desktop.ui.tokens import DARK, LIGHT, TYPE, Tokens

FAMILIES = ["Inter", "Noto Sans", "Noto Color Emoji"]
_FACES = ("Regular", "Medium", "SemiBold")


class Mode(Enum):
    """The member's choice."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


class Theme(QObject):
    """What the window looks like at this moment."""

    changed = Signal()  # colours
    resized = Signal()  # sizes: pages are built anew

    def __init__(self, mode: Mode = Mode.SYSTEM, scale: int = 100) -> None:
        super().__init__()
        self.mode = mode
        self.scale = scale
        self._system_dark = _hinted_dark()
        self._fonts: dict[str, QFont] = {}
        _bring_inter()
        self.tokens = self._wanted()
        self._apply()

    # choices

    def set_mode(self, mode: Mode) -> None:
        self.mode = mode
        self._refresh()

    def set_system_dark(self, dark: bool) -> None:
        """What the system wants, whoever said it."""
        self._system_dark = dark
        self._refresh()

    def set_scale(self, scale: int) -> None:
        if scale == self.scale:
            return
        self.scale = scale
        self._fonts.clear()
        self._apply()
        self.resized.emit()

    # answers

    def px(self, size: int) -> int:
        """A size of the design at the member's scale."""
        return round(size * self.scale / 100)

    def colour(self, role: str) -> QColor:
        return QColor(self.value(role))

    def value(self, role: str) -> str:
        """A token as ``#RRGGBB``; ``name-N`` is a person's name as :func:`name_tone` says."""
        if role.startswith("name-"):
            return self.tokens.avatar_names[int(role[5:])]
        value = getattr(self.tokens, role)
        if not isinstance(value, str):
            raise TypeError(role)
        return value

    def font(self, role: str) -> QFont:
        """The font of a type role; digits are tabular, so that times and counts stand still."""
        if role not in self._fonts:
            size, _, weight = TYPE[role]
            font = QFont(FAMILIES)
            font.setPixelSize(self.px(size))
            font.setWeight(QFont.Weight(weight))
            font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
            if role == "hero":
                font.setLetterSpacing(QFont.SpacingType.AbsoluteSpacing, -self.px(5) / 10)
            if role.startswith("caption"):
                font.setFeature(QFont.Tag("tnum"), 1)
            self._fonts[role] = font
        return self._fonts[role]

    def line(self, role: str) -> int:
        """The line height of a type role."""
        return self.px(TYPE[role].line)

    def icon(self, name: str, size: int, role: str = "text_2", off: str | None = None) -> QIcon:
        return icons.icon(
            name, self.px(size), self.value(role), _ratio(), self.value(off) if off else None
        )

    def pixmap(self, name: str, size: int, role: str = "text_2") -> QPixmap:
        return icons.pixmap(name, self.px(size), self.value(role), _ratio())

    def mark(self, size: int, ground: str = "bg") -> QPixmap:
        return icons.mark(
            self.px(size), self.value("text"), self.value("accent"), self.value(ground), _ratio()
        )

    # inside

    def _wanted(self) -> Tokens:
        if self.mode is Mode.SYSTEM:
            return DARK if self._system_dark else LIGHT
        return DARK if self.mode is Mode.DARK else LIGHT

    def _refresh(self) -> None:
        wanted = self._wanted()
        if wanted is self.tokens:
            return
        self.tokens = wanted
        self._apply()
        self.changed.emit()

    def _apply(self) -> None:
        app = QApplication.instance()
        if not isinstance(app, QApplication):
            raise TypeError("a theme needs an application with windows")
        app.setStyle("Fusion")
        app.setFont(self.font("control"))
        app.setPalette(palette(self.tokens))
        app.setStyleSheet(sheet(self.tokens, self.scale))


@cache
def _bring_inter() -> None:
    """Once in a process: each time, Qt would look for every font anew."""
    for face in _FACES:
        QFontDatabase.addApplicationFont(str(icons.ASSETS / "fonts" / f"Inter-{face}.ttf"))


def palette(tokens: Tokens) -> QPalette:
    """The tokens for everything that asks Qt instead of the style sheet."""
    role = QPalette.ColorRole
    made = QPalette()
    for where, value in (
        (role.Window, tokens.bg),
        (role.Base, tokens.bg),
        (role.AlternateBase, tokens.surface),
        (role.Button, tokens.raised),
        (role.ToolTipBase, tokens.inverse),
        (role.ToolTipText, tokens.on_inverse),
        (role.WindowText, tokens.text),
        (role.Text, tokens.text),
        (role.ButtonText, tokens.text),
        (role.PlaceholderText, tokens.text_2),
        (role.Highlight, tokens.accent),
        (role.HighlightedText, tokens.on_accent),
        (role.Link, tokens.link),
        (role.LinkVisited, tokens.link),
        (role.Mid, tokens.divider),
        (role.Accent, tokens.accent),
    ):
        made.setColor(where, QColor(value))
    made.setColor(QPalette.ColorGroup.Disabled, role.Text, QColor(tokens.text_2))
    made.setColor(QPalette.ColorGroup.Disabled, role.ButtonText, QColor(tokens.text_2))
    return made


def _hinted_dark() -> bool:
    return QGuiApplication.styleHints().colorScheme() is Qt.ColorScheme.Dark


def _ratio() -> float:
    app = QGuiApplication.instance()
    return app.devicePixelRatio() if isinstance(app, QGuiApplication) else 1.0
