"""What came from others stands beside its licence, and the licence lets it be passed on."""

from __future__ import annotations

import re
from importlib.resources import files as resources
from pathlib import Path

import pytest
from PySide6.QtGui import QFontDatabase

from tests.house.tree import ROOT, files, modules, name_of

ASSETS = ROOT / "desktop" / "ui" / "assets"
PERMISSIVE = re.compile(r"ISC License|SIL Open Font License|MIT License|Apache License", re.I)
OURS = {"aside-mark.svg"}


def licence_of(path: Path) -> str:
    """Of the folder it stands in."""
    found = sorted(path.parent.glob("LICENSE*"))
    return found[0].read_text("utf-8") if found else ""


@pytest.mark.parametrize("kind", ["*.svg", "*.ttf"])
def test_everything_of_others_has_a_permissive_licence_beside_it(kind: str) -> None:
    theirs = [path for path in ASSETS.rglob(kind) if path.name not in OURS]
    assert theirs
    assert not [name_of(path) for path in theirs if not PERMISSIVE.search(licence_of(path))]


def test_icons_are_pictures_and_nothing_else() -> None:
    for path in ASSETS.rglob("*.svg"):
        text = path.read_text("utf-8")
        assert "<svg" in text
        assert not re.search(r"<script|<image|<foreignObject|href=|https?://(?!www\.w3\.org)", text)


def test_inter_is_inter(qapp: object) -> None:
    for path in ASSETS.glob("fonts/*.ttf"):
        found = QFontDatabase.addApplicationFont(str(path))
        families = QFontDatabase.applicationFontFamilies(found)
        assert {name.partition(" ")[0] for name in families} == {"Inter"}


def test_every_icon_that_is_asked_for_is_there() -> None:
    """By name in the window's modules: an icon that is missing is an empty square."""
    there = {path.stem for path in ASSETS.glob("icons/*.svg")}
    asked = {
        name
        for path in modules("desktop/ui")
        for name in re.findall(r'icon="([a-z0-9-]+)"', path.read_text("utf-8"))
    }
    assert asked
    assert asked <= there


def test_wheels_carry_them() -> None:
    wanted = (ROOT / "pyproject.toml").read_text("utf-8")
    for path in files("desktop/ui/assets/*"):
        kind = path.suffix or path.name
        assert kind in wanted, name_of(path)
    assert (resources("desktop.ui") / "assets").is_dir()
