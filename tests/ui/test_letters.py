"""How heavy letters are: a light text on a dark ground as regular as a dark one on a light."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor, QImage, QPainter, QTextLayout

from desktop.ui.letters import draw
from desktop.ui.theme import Mode, Theme

JAPANESE = "明日また。天下午见"
LATIN = "See you tomorrow"
CFF = b"\x00\x00\x50\x00"  # how the table maxp of a font begins that has its letters in CFF


def laid(theme: Theme, role: str, text: str) -> QTextLayout:
    layout = QTextLayout(text, theme.font(role))
    layout.beginLayout()
    layout.createLine().setLineWidth(400)
    layout.endLayout()
    return layout


def weight(theme: Theme, text: str, ink: QColor, ground: QColor, role: str = "body") -> float:
    """How many pixels of ink the text takes."""
    image = QImage(400, 40, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(ground)
    painter = QPainter(image)
    painter.setPen(ink)
    draw(painter, laid(theme, role, text), QPointF(2, 4))
    painter.end()
    span = ink.green() - ground.green()
    return sum(
        (image.pixelColor(x, y).green() - ground.green()) / span
        for x in range(image.width())
        for y in range(image.height())
    )


@pytest.mark.parametrize("text", [LATIN, JAPANESE])
@pytest.mark.parametrize(
    ("mode", "ink", "ground"),
    [
        (Mode.LIGHT, "bubble_out_text", "bubble_out"),
        (Mode.DARK, "bubble_out_text", "bubble_out"),
        (Mode.DARK, "text", "bg"),
        (Mode.DARK, "text_2", "surface"),
    ],
)
def test_light_letters_are_not_bold(
    theme: Theme, text: str, mode: Mode, ink: str, ground: str
) -> None:
    dark_on_light = weight(theme, text, QColor("#15181E"), QColor("#FFFFFF"))
    theme.set_mode(mode)
    light_on_dark = weight(theme, text, theme.colour(ink), theme.colour(ground))
    assert light_on_dark < dark_on_light * 1.2


def test_regular_letters_stay_regular_after_bold_ones(theme: Theme) -> None:
    ink, ground = theme.colour("text"), theme.colour("bg")
    mixed = f"{LATIN} {JAPANESE}"
    before = weight(theme, mixed, ink, ground)
    bold = weight(theme, mixed, ink, ground, "title")
    assert weight(theme, mixed, ink, ground) == before < bold


def test_a_font_here_has_letters_that_could_come_out_bold(theme: Theme) -> None:
    """Without one the tests above prove nothing of it."""
    fonts = [run.rawFont() for run in laid(theme, "body", JAPANESE).glyphRuns()]
    if not any(font.fontTable("maxp").data()[:4] == CFF for font in fonts):
        pytest.skip("no CFF font for Japanese is installed")
