"""How the window looks on this computer: theme, size, where it stood. Known before the unlocking.

Law: nothing here says anything about people or messages; those choices live in the vault.
"""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QByteArray, QSettings

from desktop.ui.theme import Mode
from desktop.ui.tokens import SCALES


class Prefs:
    """A small file beside the vault."""

    def __init__(self, file: Path) -> None:
        self._settings = QSettings(str(file), QSettings.Format.IniFormat)

    @property
    def mode(self) -> Mode:
        said = str(self._settings.value("theme", Mode.SYSTEM.value))
        return Mode(said) if said in {mode.value for mode in Mode} else Mode.SYSTEM

    @mode.setter
    def mode(self, mode: Mode) -> None:
        self._settings.setValue("theme", mode.value)
        self._settings.sync()

    @property
    def scale(self) -> int:
        said = str(self._settings.value("size", "100"))
        return int(said) if said.isdecimal() and int(said) in SCALES else 100

    @scale.setter
    def scale(self, scale: int) -> None:
        self._settings.setValue("size", str(scale))
        self._settings.sync()

    @property
    def geometry(self) -> QByteArray | None:
        said = self._settings.value("window")
        return said if isinstance(said, QByteArray) else None

    @geometry.setter
    def geometry(self, geometry: QByteArray | None) -> None:
        self._settings.setValue("window", geometry)
        self._settings.sync()
